//! "Undo": changes of the thread are taken back by one commit of its own; history is never rewritten.

use crate::claimed::Claimed;
use crate::draft::{self, Draft, Ready};
use crate::error::TurnError;
use crate::instruct::spec_of;
use crate::{mend, words};
use domain::Timestamp;
use domain::message::{FailureKind, Kind, Status};
use intent::Undo;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ports::messages::{Channel, Message};
use workspace::{CommitId, Revert};

/// What an undo takes back: the changes, newest first, or another undo.
#[derive(Debug, PartialEq)]
enum Taken<'a> {
    Changes(Vec<&'a Message>),
    Undo(&'a Message),
}

/// Makes the commit that takes back what `message` asks for; the branch has not moved yet.
pub(crate) async fn run(claimed: &Claimed, message: &Message) -> Result<Ready, TurnError> {
    let past = claimed.backends.messages.of_thread(&message.thread).await?;
    let taken = what(&past, message);
    let (undone, says) = match &taken {
        Taken::Changes(changes) if changes.is_empty() => {
            return Ok(Ready::Answer(Draft::done(Status::Done, words::NOTHING_TO_UNDO)));
        }
        Taken::Changes(changes) => (changes.clone(), words::undone(changes)),
        Taken::Undo(undo) => (vec![*undo], words::REDONE.to_owned()),
    };
    let commits: Vec<CommitId> = undone.iter().filter_map(|m| commit_of(m)?.parse().ok()).collect();
    let subject = domain::commit::subject(&format!("Undo: {}", undone[0].instruction));
    let spec = spec_of(claimed, message, subject).await?;
    let tree = claimed.tree(&message.thread).await?;
    let revert = claimed.git(&tree, move |tree| {
        tree.discard()?;
        tree.prepare_revert(&commits, &spec)
    });
    let ready = match revert.await? {
        Revert::Ready(prepared) => Ready::Effect(Draft {
            commit: Some(prepared.commit.to_string()),
            files_changed: draft::changes(&prepared.changes),
            ..Draft::done(Status::Done, says)
        }),
        Revert::NothingLeft => Ready::Answer(Draft::done(Status::Done, words::NOTHING_TO_UNDO)),
        Revert::Conflict { files } => {
            Ready::Answer(Draft::failed(FailureKind::Conflict, words::undo_conflict(&files)))
        }
    };
    mend::told(claimed, (message, &tree), ready).await
}

/// What `now` takes back, after everything that was done and undone before it.
fn what<'a>(past: &'a [Message], now: &Message) -> Taken<'a> {
    let mut standing: Vec<&Message> = Vec::new();
    let mut undos: Vec<(&Message, Vec<&Message>)> = Vec::new();
    for message in past.iter().filter(|m| m.seq < now.seq && commit_of(m).is_some()) {
        match message.kind {
            Kind::Instruct | Kind::Answer | Kind::Approve => standing.push(message),
            Kind::Undo => match asked(message) {
                Undo::Redo => {
                    let back = undos.pop().map(|(_, changes)| changes).unwrap_or_default();
                    standing.extend(back.into_iter().rev());
                }
                undo => {
                    let changes = take(&mut standing, undo, message.received_at);
                    undos.push((message, changes));
                }
            },
            Kind::Reject | Kind::Publish | Kind::Rollback | Kind::Cancel => {}
        }
    }
    match asked(now) {
        Undo::Redo => undos.pop().map_or(Taken::Changes(Vec::new()), |(undo, _)| Taken::Undo(undo)),
        undo => Taken::Changes(take(&mut standing, undo, now.received_at)),
    }
}

/// Takes changes off those that stand, newest first.
fn take<'a>(standing: &mut Vec<&'a Message>, undo: Undo, now: Timestamp) -> Vec<&'a Message> {
    let keep = match undo {
        Undo::Last(count) => standing.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX)),
        Undo::Until(day) => {
            let day = day.resolve(date(now));
            standing.iter().take_while(|message| date(message.received_at) <= day).count()
        }
        Undo::Redo => standing.len(),
    };
    let mut taken = standing.split_off(keep);
    taken.reverse();
    taken
}

/// What an undo asks for. A button, and words that say no more, mean the last change.
fn asked(message: &Message) -> Undo {
    let name = match &message.channel {
        Channel::Mail(origin) => origin.address.split('@').next().unwrap_or_default(),
        Channel::Chat => "",
    };
    intent::undo_by(&message.instruction, name).unwrap_or(Undo::Last(1))
}

/// The commit of a change that was made.
fn commit_of(message: &Message) -> Option<&str> {
    let outcome = message
        .outcome()
        .filter(|outcome| matches!(outcome.status, Status::Done | Status::Interrupted | Status::Question))?;
    outcome.commit.as_deref()
}

/// The day of an instant, in UTC: nobody says where the owner lives.
fn date(at: Timestamp) -> Date {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::message::{Cost, Outcome, Schema};
    use domain::{MessageId, Pair, Seq, ThreadId};
    use ports::messages::Progress;

    const DAY: i64 = 86_400_000;
    /// A Wednesday.
    const TODAY: i64 = 20_782 * DAY;

    /// The nth message of a conversation, which changed something, so many days ago.
    fn message(seq: u64, kind: Kind, text: &str, days_ago: i64) -> Message {
        let thread = ThreadId::from_entropy([1; 8]);
        let id: MessageId = format!("00000000-0000-4000-8000-{seq:012}").parse().unwrap();
        let outcome = Outcome {
            schema: Schema,
            message_id: id.clone(),
            thread_id: thread.clone(),
            turn: 1,
            status: Status::Done,
            summary: String::new(),
            files_changed: Vec::new(),
            plan: None,
            snapshot: None,
            commit: Some("0123".to_owned()),
            branch: thread.branch(),
            preview_path: thread.preview_path(),
            cost: Cost::default(),
            receipt: None,
            duration_ms: 1,
            error: None,
        };
        let at = Timestamp(TODAY - days_ago * DAY);
        Message {
            id,
            thread,
            pair: Pair {
                client_id: "c".parse().unwrap(),
                project_id: "p".parse().unwrap(),
                user_id: "u".parse().unwrap(),
            },
            seq: Seq(seq),
            author: "u".parse().unwrap(),
            channel: Channel::Chat,
            kind,
            instruction: text.to_owned(),
            material: String::new(),
            attachments: Vec::new(),
            received_at: at,
            progress: Progress::Answered { outcome, at },
        }
    }

    fn taken(past: &[Message], text: &str) -> Vec<u64> {
        let now = message(99, Kind::Undo, text, 0);
        match what(past, &now) {
            Taken::Changes(changes) => changes.iter().map(|m| m.seq.0).collect(),
            Taken::Undo(undo) => vec![undo.seq.0],
        }
    }

    fn change(seq: u64, days_ago: i64) -> Message {
        message(seq, Kind::Instruct, "Make it blue", days_ago)
    }

    #[test]
    fn the_last_changes_are_taken_back_newest_first() {
        let past = [change(1, 3), change(2, 2), change(3, 0)];
        assert_eq!(taken(&past, "Undo the last change"), [3]);
        assert_eq!(taken(&past, "undo the last two"), [3, 2]);
        assert_eq!(taken(&past, "undo the last 9 changes"), [3, 2, 1]);
        assert_eq!(taken(&[], "undo"), [0; 0]);
        // Monday's version: what came on Tuesday and later goes.
        assert_eq!(taken(&past, "go back to Monday's version"), [3]);
        assert_eq!(taken(&past, "go back to Sunday's version"), [3, 2]);
    }

    #[test]
    fn what_was_undone_is_not_undone_again_and_comes_back_with_a_redo() {
        let mut past = vec![change(1, 2), change(2, 1), message(3, Kind::Undo, "undo", 1)];
        assert_eq!(taken(&past, "undo"), [1]);
        assert_eq!(taken(&past, "undo the undo"), [3]);
        past.push(message(4, Kind::Undo, "undo the undo", 0));
        assert_eq!(taken(&past, "undo"), [2]);
        assert_eq!(taken(&past, "undo the undo"), [0; 0], "no undo is left");
    }
}
