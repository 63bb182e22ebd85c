//! What came before an instruction in its thread: a turn that it interrupted, or one that it takes up again.

use crate::claimed::{Claimed, Tree};
use crate::error::TurnError;
use crate::{plan, words};
use agent::Reach;
use domain::message::{Kind, Plan, Status};
use ports::messages::Message;
use std::sync::Arc;
use workspace::BroughtBack;

/// What is to be carried out, and what there is to say about the turns before it.
pub(crate) struct Before {
    /// The message whose words, files and material are worked on: the instruction itself, or the one that it resumes.
    pub(crate) work: Message,
    /// For the agent.
    pub(crate) note: Option<String>,
    /// For the owner, before the agent's own words.
    pub(crate) says: Option<String>,
    /// How far the agent may go.
    pub(crate) reach: Reach,
    /// The plan that the owner has agreed to.
    pub(crate) agreed: Option<Plan>,
}

/// Looks at the thread's past, and brings back what `message` wants to go on with. The worktree must be clean.
pub(crate) async fn look(
    claimed: &Claimed,
    message: &Message,
    tree: &Arc<Tree>,
) -> Result<Before, TurnError> {
    let past = claimed.backends.messages.of_thread(&message.thread).await?;
    if message.kind == Kind::Approve {
        return Ok(plan::agreed(&past, message)
            .map_or_else(|| Before::plain(message), |agreed| agreed.work(message)));
    }
    let instructions = || {
        let earlier = past.iter().rev().filter(|m| m.seq < message.seq);
        earlier.filter(|m| matches!(m.kind, Kind::Instruct | Kind::Answer))
    };
    let stopped = instructions().next().filter(|m| status_of(m) == Some(Status::Cancelled));
    if let Some(stopped) = stopped.filter(|_| intent::is_resume(&message.instruction)) {
        return resumed(claimed, stopped, tree).await;
    }
    let mut kept: Vec<&Message> =
        instructions().take_while(|m| status_of(m) == Some(Status::Interrupted)).collect();
    kept.reverse();
    let called_off = stopped.filter(|_| !was_cancelled(&past, message));
    let (note, says) = match (kept.is_empty(), called_off) {
        (false, _) => (Some(amends(&kept)), Some(words::answers_both(&kept))),
        (true, Some(called_off)) => {
            (Some(REPLACES.to_owned()), Some(words::instead_of(&called_off.instruction)))
        }
        (true, None) => (asks(message), None),
    };
    Ok(Before { note, says, ..Before::plain(message) })
}

impl Before {
    /// An instruction of its own.
    fn plain(message: &Message) -> Self {
        Self { work: message.clone(), note: None, says: None, reach: Reach::Files(plan::FILES), agreed: None }
    }
}

async fn resumed(claimed: &Claimed, stopped: &Message, tree: &Arc<Tree>) -> Result<Before, TurnError> {
    let id = stopped.id.clone();
    let back = claimed.git(tree, move |tree| tree.bring_back(&id)).await?;
    let note = match back {
        BroughtBack::Ready => {
            "You were stopped in the middle of this instruction. What you had changed by then is in the files again: look \
             at it, and carry the instruction out to its end."
        }
        BroughtBack::Nothing | BroughtBack::Conflict { .. } => {
            "You were stopped in the middle of this instruction, and nothing of it was kept. Carry it out from the start."
        }
    };
    let says = Some(words::goes_on(&stopped.instruction));
    Ok(Before { note: Some(note.to_owned()), says, ..Before::plain(stopped) })
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

fn status_of(message: &Message) -> Option<Status> {
    message.outcome().map(|outcome| outcome.status)
}

/// Whether the owner's "stop" stands between the last instruction and `message`.
fn was_cancelled(past: &[Message], message: &Message) -> bool {
    let before = past.iter().rev().filter(|m| m.seq < message.seq);
    before.take_while(|m| !matches!(m.kind, Kind::Instruct | Kind::Answer)).any(|m| m.kind == Kind::Cancel)
}
