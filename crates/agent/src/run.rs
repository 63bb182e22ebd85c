//! Running one turn on a process, up to its ending.

use crate::config::TurnLimits;
use crate::error::AgentError;
use crate::fold;
use crate::guard::{Guard, Pass, WATCHED};
use crate::permission::{Verdict, decide};
use crate::process::Process;
use crate::protocol::{self, Ask, Line, Outcome};
use crate::turn::{Ending, FailureKind, Overreach, Progress, Question, Reach};
use domain::Money;
use gateway::{Grant, Tools, Usage};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// How long an interrupted turn may take to end before its process is ended.
const YIELD: Duration = Duration::from_secs(2);

/// What a run needs to know.
pub(crate) struct Run<'a> {
    pub(crate) worktree: &'a Path,
    pub(crate) limits: TurnLimits,
    pub(crate) progress: &'a (dyn Fn(Progress) + Send + Sync),
    pub(crate) stop: &'a CancellationToken,
    pub(crate) reach: Reach,
    pub(crate) allowance: Option<Money>,
    pub(crate) tools: Option<Tools>,
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) ending: Ending,
    pub(crate) summary: String,
    pub(crate) usage: Usage,
    pub(crate) denied: Vec<String>,
    /// The process, where it can take the next turn.
    pub(crate) process: Option<Process>,
    pub(crate) memory: Memory,
    /// US dollars that the session has cost, where the process lived to tell.
    pub(crate) spent: Option<f64>,
}

/// Whether the session that was to be resumed was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    Kept,
    Lost,
}

/// Why a turn is being ended before its time.
#[derive(Clone, Debug)]
enum Halt {
    Asked,
    TooSlow(&'static str),
    Over(Overreach),
    Asks(Vec<Question>),
}

/// Where a turn stands.
struct State {
    taken_up: bool,
    said: String,
    halt: Option<(Halt, Instant)>,
    interrupt_sent: bool,
    heard: Instant,
    guard: Guard,
}

impl Run<'_> {
    /// Gives `prompt` to `process` and sees it through.
    pub(crate) async fn turn(&self, mut process: Process, prompt: &str) -> Result<Ran, AgentError> {
        let grant = process.token.open_with(self.allowance, self.tools.clone());
        let whole = Instant::now() + self.limits.whole;
        let mut called = false;
        let mut state = State {
            taken_up: false,
            said: String::new(),
            halt: None,
            interrupt_sent: false,
            heard: Instant::now(),
            guard: Guard::new(self.reach),
        };
        // A process that is gone, or reads nothing, shows below.
        let begin = if process.turns == 0 { protocol::initialize(WATCHED) } else { String::new() };
        let line = begin + &protocol::user(prompt);
        let sent = tokio::time::timeout(self.limits.inactivity, process.send(&line));
        let _ = self.stop.run_until_cancelled(sent).await;
        loop {
            let kill_at = state.halt.as_ref().map_or(whole + YIELD * 2, |(_, since)| *since + YIELD);
            tokio::select! {
                line = process.next() => match line {
                    None if state.halt.is_some() => return Ok(self.cut(state, process, grant.usage()).await),
                    None => {
                        let says = process.explain().await;
                        return Err(AgentError::Died { says, usage: grant.usage() });
                    }
                    Some(Line::Result(outcome)) => return Ok(self.ended(state, process, &outcome, &grant).await),
                    Some(line) => self.take(&mut state, &mut process, line).await,
                },
                _ = grant.first_request(), if !called => {
                    called = true;
                    (self.progress)(Progress::ModelCalled);
                }
                () = self.stop.cancelled(), if state.halt.is_none() => {
                    halt(&mut state, &mut process, Halt::Asked).await;
                }
                () = sleep_until(state.heard + self.limits.inactivity), if state.halt.is_none() => {
                    halt(&mut state, &mut process, Halt::TooSlow("The model fell silent.")).await;
                }
                () = sleep_until(whole), if state.halt.is_none() => {
                    halt(&mut state, &mut process, Halt::TooSlow("The change took too long.")).await;
                }
                () = sleep_until(kill_at), if state.halt.is_some() => {
                    return Ok(self.cut(state, process, grant.usage()).await);
                }
            }
        }
    }

    async fn take(&self, state: &mut State, process: &mut Process, line: Line) {
        state.heard = Instant::now();
        if line == Line::Init {
            state.taken_up = true;
            (self.progress)(Progress::Started);
            // An interrupt from before this line would have done nothing.
            if state.halt.is_some() {
                interrupt(state, process).await;
            }
            return;
        }
        match line {
            // What an earlier turn left in the pipe is not this one's.
            _ if !state.taken_up => {}
            Line::Text(text) => (self.progress)(Progress::Text(text)),
            Line::Said(text) => state.said = text,
            Line::Tool { name, input } => {
                let target = fold::target(&input, self.worktree);
                (self.progress)(Progress::Tool { name, target });
            }
            Line::Retry(retry) => (self.progress)(Progress::Retrying {
                attempt: retry.attempt,
                status: retry.error_status,
                after: Duration::try_from_secs_f64(retry.retry_delay_ms / 1000.0).unwrap_or_default(),
            }),
            Line::Request { id, ask } => self.answer(state, process, (&id, ask)).await,
            Line::Init | Line::Result(_) | Line::Other => {}
        }
    }

    async fn answer(&self, state: &mut State, process: &mut Process, (id, ask): (&str, Ask)) {
        let (answer, end) = match ask {
            Ask::BeforeTool { name, input } => match state.guard.ask(&name, &input, self.worktree) {
                Pass::Go => (protocol::no_objection(id), None),
                Pass::Refused => {
                    (protocol::object(id, "Nothing is changed in this turn: answer in words only."), None)
                }
                Pass::Over(over) => {
                    (protocol::object(id, "The owner is asked first. Stop here."), Some(Halt::Over(over)))
                }
            },
            Ask::UseTool { name, input } if name == "AskUserQuestion" => match questions(&input) {
                Some(questions) => (
                    protocol::deny_and_stop(id, "The owner is asked, and answers later."),
                    Some(Halt::Asks(questions)),
                ),
                None => (protocol::deny(id, "There is no question in this."), None),
            },
            Ask::UseTool { name, input } => {
                let Verdict::Deny(reason) = decide(&name, &input);
                (protocol::deny(id, reason), None)
            }
            Ask::Unknown(_) => (protocol::unknown(id), None),
        };
        let _ = process.send(&answer).await;
        if let Some(end) = end.filter(|_| state.halt.is_none()) {
            halt(state, process, end).await;
        }
    }

    /// The turn's last line has come.
    async fn ended(&self, state: State, mut process: Process, outcome: &Outcome, grant: &Grant) -> Ran {
        process.spent = outcome.total_cost_usd.max(process.spent);
        process.turns += 1;
        let spent = Some(process.spent);
        let ending = match state.halt {
            // What a result says after an interrupt is not believed: it may say success.
            Some((halt, _)) => halt.ending(),
            None => match fold::ending(outcome) {
                // Claude Code only saw a call refused.
                Ending::Failed { .. } if grant.is_used_up() => Ending::UsedUp,
                ending => ending,
            },
        };
        if let Ending::Failed { kind, .. } = &ending {
            let says = fold::raw_words(outcome).unwrap_or_default();
            tracing::warn!(?kind, status = outcome.api_error_status, says, "a turn failed");
        }
        let lost = fold::is_lost_session(outcome);
        let summary = match (&ending, &outcome.result) {
            (Ending::Completed, Some(result)) => result.trim().to_owned(),
            _ => state.said.trim().to_owned(),
        };
        let denied = outcome.permission_denials.iter().map(|d| fold::denied(d, self.worktree)).collect();
        // After some failures Claude Code ends by itself; and a failed process is no good start for the next turn.
        let keep = !matches!(ending, Ending::Failed { .. } | Ending::UsedUp);
        let process = if keep && !process.has_ended() {
            Some(process)
        } else {
            process.end().await;
            None
        };
        let memory = if lost { Memory::Lost } else { Memory::Kept };
        Ran { ending, summary, usage: grant.usage(), denied, process, memory, spent }
    }

    /// The turn did not yield: its process is ended.
    async fn cut(&self, state: State, process: Process, usage: Usage) -> Ran {
        process.end().await;
        let ending = state.halt.map_or(Ending::Interrupted, |(halt, _)| halt.ending());
        let summary = state.said.trim().to_owned();
        let denied = Vec::new();
        Ran { ending, summary, usage, denied, process: None, memory: Memory::Kept, spent: None }
    }
}

impl Halt {
    fn ending(self) -> Ending {
        match self {
            Self::Asked => Ending::Interrupted,
            Self::Over(over) => Ending::Overreached(over),
            Self::Asks(questions) => Ending::Asks(questions),
            Self::TooSlow(says) => Ending::Failed { kind: FailureKind::TooSlow, says: says.to_owned() },
        }
    }
}

/// The questions in the input of the tool that asks the owner; `None` without any.
fn questions(input: &Value) -> Option<Vec<Question>> {
    let questions: Vec<Question> = serde_json::from_value(input["questions"].clone()).ok()?;
    (!questions.is_empty()).then_some(questions)
}

async fn halt(state: &mut State, process: &mut Process, halt: Halt) {
    state.halt = Some((halt, Instant::now()));
    if state.taken_up {
        interrupt(state, process).await;
    }
}

async fn interrupt(state: &mut State, process: &mut Process) {
    if !state.interrupt_sent {
        state.interrupt_sent = true;
        let _ = process.send(&protocol::interrupt("stop")).await;
    }
}
