//! What came before an instruction in its thread: a turn that it interrupted, or one that it takes up again.

use crate::claimed::{Claimed, Tree};
use crate::error::TurnError;
use crate::plan::{self, Waiting};
use crate::words;
use agent::Reach;
use domain::message::{FailureKind, Kind, Outcome, Plan, Status};
use ports::messages::Message;
use std::sync::Arc;
use workspace::BroughtBack;

/// Messages of the thread's past that a new session is primed with.
const HISTORY: usize = 20;

/// What is to be carried out, and what there is to say about the turns before it.
#[derive(Clone)]
pub(crate) struct Before {
    /// The message whose words, files and material are worked on: the instruction itself, or the one that it resumes.
    pub(crate) work: Message,
    /// The conversation before that.
    pub(crate) history: String,
    /// For the agent.
    pub(crate) note: Option<String>,
    /// For the owner, before the agent's own words.
    pub(crate) says: Option<String>,
    /// How far the agent may go.
    pub(crate) reach: Reach,
    /// The plan that the owner has agreed to.
    pub(crate) agreed: Option<Plan>,
}

/// A message, and the conversation before it.
pub(crate) struct Asked<'a> {
    pub(crate) message: &'a Message,
    pub(crate) past: &'a [Message],
    /// The plan that it says yes to.
    pub(crate) agreed: Option<Waiting>,
}

/// Looks at the thread's past, and brings back what the message wants to go on with. The worktree must be clean.
pub(crate) async fn look(
    claimed: &Claimed,
    Asked { message, past, agreed }: Asked<'_>,
    tree: &Arc<Tree>,
) -> Result<Before, TurnError> {
    if let Some(plan) = agreed {
        return Ok(plan.agreed(message, past));
    }
    let instructions = || past.iter().rev().filter(|m| matches!(m.kind, Kind::Instruct | Kind::Answer));
    let asks_in_vain = |m: &&Message| is_refused(m) && intent::is_resume(&m.instruction);
    let last = instructions().find(|m| !asks_in_vain(m));
    let kept_aside = last.filter(|m| is_set_aside(m) || is_refused(m));
    if let Some(stopped) = kept_aside.filter(|_| intent::is_resume(&message.instruction)) {
        return resumed(claimed, (stopped, past), tree).await;
    }
    let stopped = last.filter(|m| m.status() == Some(Status::Cancelled) || is_refused(m));
    let mut kept: Vec<&Message> = instructions()
        .filter(|m| !is_refused(m))
        .take_while(|m| m.status() == Some(Status::Interrupted))
        .collect();
    kept.reverse();
    let called_off = stopped.filter(|m| !was_cancelled(past) && !ran_out(m));
    let (note, says) = match (kept.is_empty(), called_off) {
        (false, _) => (Some(amends(&kept)), Some(words::answers_both(&kept))),
        (true, Some(called_off)) => {
            (Some(REPLACES.to_owned()), Some(words::instead_of(&called_off.instruction)))
        }
        (true, None) => (asks(message), None),
    };
    Ok(Before { note, says, ..Before::plain(message, past) })
}

impl Before {
    /// An instruction of its own, at the end of `past` or within it.
    pub(crate) fn plain(work: &Message, past: &[Message]) -> Self {
        Self {
            work: work.clone(),
            history: history(past.iter().filter(|m| m.seq < work.seq)),
            note: None,
            says: None,
            reach: Reach::Files(plan::FILES),
            agreed: None,
        }
    }
}

/// Whether the work on it may have been set aside: it was stopped, or the site did not build with it.
fn is_set_aside(message: &Message) -> bool {
    let broken =
        |outcome: &Outcome| outcome.error.as_ref().is_some_and(|error| error.kind == FailureKind::Site);
    message.status() == Some(Status::Cancelled) || message.outcome().is_some_and(broken)
}

/// What was said before, for an agent whose own memory of the thread is gone.
fn history<'a>(past: impl DoubleEndedIterator<Item = &'a Message>) -> String {
    let lines = past.rev().take(HISTORY).map(|m| {
        let answer = m.outcome().map_or("(no answer)", |o| o.summary.as_str());
        format!("Owner: {}\nYou: {answer}", m.instruction)
    });
    let mut lines: Vec<String> = lines.collect();
    lines.reverse();
    lines.join("\n\n")
}

async fn resumed(
    claimed: &Claimed,
    (stopped, past): (&Message, &[Message]),
    tree: &Arc<Tree>,
) -> Result<Before, TurnError> {
    let id = stopped.id.clone();
    let back = claimed.git(tree, move |tree| tree.bring_back(&id)).await?;
    let note = match back {
        BroughtBack::Ready => {
            "Your work on this instruction was stopped before it was done, or the site did not build with it. What you had \
             changed by then is in the files again: look at it, and carry the instruction out to its end."
        }
        BroughtBack::Nothing | BroughtBack::Conflict { .. } => {
            "You were stopped in the middle of this instruction, and nothing of it was kept. Carry it out from the start."
        }
    };
    let says = Some(words::goes_on(&stopped.instruction));
    Ok(Before { note: Some(note.to_owned()), says, ..Before::plain(stopped, past) })
}

const REPLACES: &str = "This message came in the middle of the instruction before it, and is wanted instead of that. \
     Nothing of the earlier one is in the files any more. Carry out this one only.";

fn amends(kept: &[&Message]) -> String {
    let earlier: Vec<String> = kept.iter().map(|m| domain::commit::subject(&m.instruction)).collect();
    format!(
        "This message came in the middle of your work on: {}. What you had changed by then is still in the files. Carry \
         that work out to its end, as this message changes it, and answer for both.",
        earlier.join(" / ")
    )
}

fn asks(message: &Message) -> Option<String> {
    if message.kind == Kind::Answer {
        return Some(
            "This is the owner's answer to your question. Go on with what you asked it for.".to_owned(),
        );
    }
    let question = intent::interruption(&message.instruction) == Some(intent::Interruption::Question);
    question.then(|| {
        "This reads like a question. If it is one, answer it and change no file; if it asks for a change, make it."
            .to_owned()
    })
}

/// Whether what may be spent was spent before the message was done.
fn ran_out(message: &Message) -> bool {
    let error = message.outcome().and_then(|outcome| outcome.error.as_ref());
    error.is_some_and(|error| error.kind == FailureKind::Allowance)
}

/// Whether it was spent before the message was even begun.
fn is_refused(message: &Message) -> bool {
    ran_out(message) && message.status() == Some(Status::Failed)
}

/// Whether the owner's "stop" is newer than the last instruction.
fn was_cancelled(past: &[Message]) -> bool {
    let mut since = past.iter().rev().take_while(|m| !matches!(m.kind, Kind::Instruct | Kind::Answer));
    since.any(|m| m.kind == Kind::Cancel)
}
