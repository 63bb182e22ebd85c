//! One process of Claude Code: its life, and its lines in and out.

use crate::command;
use crate::config::AgentConfig;
use crate::error::AgentError;
use crate::protocol::{self, Line};
use crate::session::{self, Session};
use crate::turn::Turn;
use futures_util::StreamExt;
use gateway::AgentToken;
use sandbox::Confined;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio_util::codec::{FramedRead, LinesCodec};

/// The longest line that is read, in bytes: a result can carry an image.
const LONGEST_LINE: usize = 64 << 20;
/// Lines of standard error that are kept to explain an end.
const TAIL: usize = 6;
/// How long a process may take to end when asked.
const GRACE: Duration = Duration::from_secs(3);

/// A running process. Dropping it kills it and whatever descends from it.
pub(crate) struct Process {
    child: Confined,
    stdin: ChildStdin,
    stdout: FramedRead<ChildStdout, LinesCodec>,
    stderr: Option<FramedRead<ChildStderr, LinesCodec>>,
    tail: VecDeque<String>,
    pending: VecDeque<Line>,
    /// What its model calls are authorised by.
    pub(crate) token: AgentToken,
    /// US dollars that its session has cost.
    pub(crate) spent: f64,
    /// The same when it began.
    spent_before: f64,
    /// How it got its session.
    pub(crate) session: Session,
    /// The turns that it has ended.
    pub(crate) turns: u32,
}

impl Process {
    /// Starts the process for `turn`'s thread.
    pub(crate) fn start(config: &AgentConfig, turn: &Turn, session: Session) -> Result<Self, AgentError> {
        let token = config.gateway.issue(&turn.thread.fingerprint())?;
        let spec = command::spec(config, turn, session, &token);
        let mut child = config.launcher.spawn(&spec).map_err(AgentError::Start)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(AgentError::Start(io::Error::other("the launcher gave no pipes")));
        };
        let lines = || LinesCodec::new_with_max_length(LONGEST_LINE);
        let stderr = child.stderr.take().map(|stderr| FramedRead::new(stderr, lines()));
        let stdout = FramedRead::new(stdout, lines());
        let (tail, pending) = (VecDeque::new(), VecDeque::new());
        let spent = session::spent(&turn.home);
        let spent_before = spent;
        Ok(Self {
            child,
            stdin,
            stdout,
            stderr,
            tail,
            pending,
            token,
            spent,
            spent_before,
            session,
            turns: 0,
        })
    }

    /// US dollars spent since it began.
    pub(crate) fn spent_here(&self) -> f64 {
        self.spent - self.spent_before
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends one line. An error means that the process is gone, which [`Process::next`] will tell too.
    pub(crate) async fn send(&mut self, line: &str) -> io::Result<()> {
        self.stdin.write_all(line.as_bytes()).await?;
        self.stdin.flush().await
    }

    /// The next thing it says; `None` once it says nothing any more. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.pending.pop_front() {
                return Some(line);
            }
            let Some(stderr) = &mut self.stderr else {
                match self.stdout.next().await? {
                    Ok(line) => self.pending.extend(protocol::read(&line)),
                    Err(_) => return None,
                }
                continue;
            };
            tokio::select! {
                line = self.stdout.next() => match line? {
                    Ok(line) => self.pending.extend(protocol::read(&line)),
                    Err(_) => return None,
                },
                line = stderr.next() => match line {
                    Some(Ok(line)) => remember(&mut self.tail, &line),
                    _ => self.stderr = None,
                },
            }
        }
    }

    /// Explains an end that nobody asked for.
    pub(crate) async fn explain(mut self) -> String {
        let status = match tokio::time::timeout(GRACE, self.child.wait()).await {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it closed its output".to_owned(),
        };
        if let Some(mut stderr) = self.stderr.take() {
            let rest = async {
                while let Some(Ok(line)) = stderr.next().await {
                    remember(&mut self.tail, &line);
                }
            };
            // A descendant may hold the pipe open.
            let _ = tokio::time::timeout(Duration::from_millis(200), rest).await;
        }
        let tail: Vec<String> = self.tail.into();
        if tail.is_empty() { status } else { format!("{status}: {}", tail.join(" | ")) }
    }

    /// Asks it to end, and kills it when it does not.
    pub(crate) async fn end(mut self) {
        if let Err(error) = self.child.stop(GRACE).await {
            tracing::warn!(%error, "an agent's process could not be ended");
        }
    }
}

fn remember(tail: &mut VecDeque<String>, line: &str) {
    if line.trim().is_empty() {
        return;
    }
    if tail.len() == TAIL {
        tail.pop_front();
    }
    tail.push_back(line.chars().take(300).collect());
}
