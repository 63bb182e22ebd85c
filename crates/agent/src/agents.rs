//! The agents of all threads.

use crate::config::AgentConfig;
use crate::error::AgentError;
use crate::pool::{Pool, Seat};
use crate::process::Process;
use crate::prompt::{self, Opening};
use crate::run::{Memory, Ran, Run};
use crate::session::{self, Session};
use crate::turn::{Ending, Progress, Turn, TurnReport};
use domain::ThreadId;
use gateway::Usage;
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Runs turns of Claude Code: one session per thread, some of them in warm processes.
pub struct Agents {
    config: AgentConfig,
    pool: Pool,
}

impl Agents {
    /// Agents that are started as `config` says, when they are needed.
    pub fn new(config: AgentConfig) -> Self {
        let pool = Pool::new(config.max_warm);
        Self { config, pool }
    }

    /// Runs one instruction in its thread's process; starts one, or takes the thread's session up again, as needed.
    ///
    /// Waits while all places are busy, and while another turn of the thread runs. `stop` ends the turn: by an
    /// interrupt, after which the process stays warm, and by a signal where that does not help within 2 s.
    /// Dropping the future kills the process.
    ///
    /// # Errors
    /// Where the turn had no ending of its own, such as when the process died. The next turn resumes the session.
    pub async fn turn(
        &self,
        turn: Turn,
        progress: &(dyn Fn(Progress) + Send + Sync),
        stop: &CancellationToken,
    ) -> Result<TurnReport, AgentError> {
        let began = Instant::now();
        let seat = match stop.run_until_cancelled(self.pool.seat(&turn.thread)).await {
            None => return Ok(never_begun(began)),
            Some(None) => return Err(AgentError::Closed),
            Some(Some(seat)) => seat,
        };
        let (worktree, tools) = (turn.worktree.as_path(), turn.tools.clone());
        let run = Run {
            worktree,
            limits: self.config.limits,
            progress,
            stop,
            reach: turn.reach,
            allowance: turn.allowance,
            tools,
        };
        self.seated(seat, &turn, &run, began).await
    }

    async fn seated(
        &self,
        mut seat: Seat<'_>,
        turn: &Turn,
        run: &Run<'_>,
        began: Instant,
    ) -> Result<TurnReport, AgentError> {
        let process = match seat.warm.take() {
            Some(process) => self.still_good(process).await,
            None => None,
        };
        let process = match process {
            Some(process) => process,
            None => self.start(turn, Session::of_home(&turn.home).map_err(AgentError::Home)?)?,
        };
        let mut resumed = process.turns == 0 && matches!(process.session, Session::Resumed(_));
        let opening = if process.turns == 0 && !resumed { Opening::Begins } else { Opening::Continues };
        let mut ran = self.run(run, turn, process, opening).await?;
        if ran.memory == Memory::Lost {
            tracing::info!(thread = %turn.thread, "the transcript held no session: beginning a new one");
            resumed = false;
            let process = self.start(turn, Session::begin(&turn.home).map_err(AgentError::Home)?)?;
            ran = self.run(run, turn, process, Opening::Begins).await?;
        }
        let Ran { ending, summary, usage, denied, process, .. } = ran;
        seat.leave(process).await;
        Ok(TurnReport { ending, summary, usage, duration: began.elapsed(), denied, resumed })
    }

    async fn run(
        &self,
        run: &Run<'_>,
        turn: &Turn,
        process: Process,
        opening: Opening,
    ) -> Result<Ran, AgentError> {
        // A turn that does not live to tell has cost at most what it was allowed.
        let at_most = process.spent + self.config.limits.max_usd * 2.0;
        session::record_spent(&turn.home, at_most).map_err(AgentError::Home)?;
        let ran = run.turn(process, &message(turn, opening)).await?;
        if let Some(spent) = ran.spent {
            session::record_spent(&turn.home, spent).map_err(AgentError::Home)?;
        }
        Ok(ran)
    }

    /// A warm process that can take one more turn; ends it otherwise.
    async fn still_good(&self, mut process: Process) -> Option<Process> {
        if process.has_ended() || process.spent_here() >= self.config.limits.max_usd {
            process.end().await;
            return None;
        }
        Some(process)
    }

    fn start(&self, turn: &Turn, session: Session) -> Result<Process, AgentError> {
        std::fs::create_dir_all(&turn.attachments_dir).map_err(AgentError::Start)?;
        Process::start(&self.config, turn, session)
    }

    /// Ends the thread's process, at once or after the turn that it has. Its session stays on disk.
    pub async fn forget(&self, thread: &ThreadId) {
        self.pool.forget(thread).await;
    }

    /// Lets no turn begin any more, waits for those that run, and ends every process.
    pub async fn drain(&self) {
        self.pool.drain().await;
    }
}

fn message(turn: &Turn, opening: Opening) -> String {
    let nonce = Uuid::new_v4().simple().to_string();
    prompt::compose(turn, opening, &nonce[..12])
}

fn never_begun(began: Instant) -> TurnReport {
    TurnReport {
        ending: Ending::Interrupted,
        summary: String::new(),
        usage: Usage::default(),
        duration: began.elapsed(),
        denied: Vec::new(),
        resumed: false,
    }
}
