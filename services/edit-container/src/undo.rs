//! "Undo": the thread's last change is taken back by a commit of its own; history is never rewritten.

use crate::claimed::Claimed;
use crate::draft::{self, Draft, Ready};
use crate::error::TurnError;
use crate::instruct::spec_of;
use crate::words;
use domain::message::{FailureKind, Kind, Status};
use ports::messages::Message;
use workspace::{CommitId, Revert};

/// Makes the commit that takes the last change back; the branch has not moved yet.
pub(crate) async fn run(claimed: &Claimed, message: &Message) -> Result<Ready, TurnError> {
    let past = claimed.backends.messages.of_thread(&message.thread).await?;
    let Some(undone) = last_change(&past, message) else {
        return Ok(Ready::Answer(Draft::done(Status::Done, words::NOTHING_TO_UNDO)));
    };
    let Some(Ok(commit)) = undone.outcome().and_then(|o| o.commit.as_ref()).map(|c| c.parse::<CommitId>())
    else {
        return Err(TurnError::Local("the change to undo has no commit".to_owned()));
    };
    let subject = domain::commit::subject(&format!("Undo: {}", undone.instruction));
    let spec = spec_of(claimed, message, subject).await?;
    let tree = claimed.tree(&message.thread).await?;
    let revert = claimed.git(&tree, move |tree| {
        tree.discard()?;
        tree.prepare_revert(&commit, &spec)
    });
    Ok(match revert.await? {
        Revert::Ready(prepared) => Ready::Effect(Draft {
            commit: Some(prepared.commit.to_string()),
            files_changed: draft::changes(&prepared.changes),
            ..Draft::done(Status::Done, words::undone(&undone.instruction))
        }),
        Revert::NothingLeft => Ready::Answer(Draft::done(Status::Done, words::NOTHING_TO_UNDO)),
        Revert::Conflict { files } => {
            Ready::Answer(Draft::failed(FailureKind::Conflict, words::undo_conflict(&files)))
        }
    })
}

/// The newest change that no later "undo" has taken back.
fn last_change<'a>(past: &'a [Message], now: &Message) -> Option<&'a Message> {
    let mut standing: Vec<&Message> = Vec::new();
    for message in past.iter().filter(|m| m.seq < now.seq) {
        let changed = message.outcome().is_some_and(|o| o.status == Status::Done && o.commit.is_some());
        match message.kind {
            Kind::Undo if changed => {
                standing.pop();
            }
            Kind::Instruct | Kind::Answer if changed => standing.push(message),
            _ => {}
        }
    }
    standing.pop()
}
