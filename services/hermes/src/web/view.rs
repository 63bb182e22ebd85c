//! A conversation as it is shown: read from the store, decided here, laid out by the templates.

use super::config::Rehearsal;
use super::state::App;
use super::who::Person;
use super::words::{Moment, rich, size, took};
use domain::message::{Billing, ChangeKind, Kind, Outcome, Status};
use domain::project::Project;
use domain::{MessageId, Timestamp, UserId};
use ports::messages::{Channel, Message, Progress};
use ports::releases::Ending;
use ports::replies::{Reply, ReplyKind};
use ports::threads::Thread;
use std::collections::HashMap;

/// Releases looked at to see whether there is one to go back to.
const RELEASES: usize = 20;

/// Where a thread stands, in a word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Badge {
    pub(crate) says: &'static str,
    /// The style: busy, asks, good, bad or calm.
    pub(crate) tone: &'static str,
}

/// Where a thread with these messages stands.
pub(crate) fn badge(messages: &[Message]) -> Badge {
    let (says, tone) = match messages.iter().find(|m| m.outcome().is_none()).map(|m| &m.progress) {
        Some(Progress::Waiting) => ("Getting ready", "busy"),
        Some(Progress::Prepared { .. }) => ("Finishing", "busy"),
        Some(Progress::Running { .. } | Progress::Answered { .. }) => ("Working", "busy"),
        None => match messages.last().and_then(Message::status) {
            Some(Status::Plan) => ("Waits for your yes", "asks"),
            Some(Status::Question) => ("Has a question", "asks"),
            Some(Status::Failed) => ("Needs a look", "bad"),
            Some(Status::Interrupted | Status::Cancelled) => ("Stopped", "calm"),
            Some(Status::Published) => ("Published", "good"),
            Some(Status::Done) if unpublished(messages) => ("Ready to look at", "good"),
            Some(Status::Done) => ("Done", "calm"),
            None => ("New", "calm"),
        },
    };
    Badge { says, tone }
}

/// Whether the thread has a change that was not published after it was made.
fn unpublished(messages: &[Message]) -> bool {
    let outcomes = messages.iter().filter_map(Message::outcome);
    outcomes.fold(false, |open, outcome| match outcome.status {
        Status::Published => false,
        Status::Done => open || outcome.commit.is_some(),
        _ => open,
    })
}

/// What the reader may do now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one button, shown or not")]
pub(crate) struct Actions {
    pub(crate) write: bool,
    pub(crate) decide: bool,
    pub(crate) stop: bool,
    pub(crate) publish: bool,
    pub(crate) undo: bool,
    pub(crate) take_back: bool,
}

/// A conversation.
pub(crate) struct Conversation {
    pub(crate) items: Vec<Item>,
    pub(crate) badge: Badge,
    pub(crate) actions: Actions,
    /// One word: initializing, active, draining or sleeping.
    pub(crate) session: &'static str,
    pub(crate) site_url: String,
}

/// One message with its answers.
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) author: String,
    pub(crate) mine: bool,
    pub(crate) mail: bool,
    pub(crate) at: Moment,
    pub(crate) html: String,
    pub(crate) material: String,
    pub(crate) files: Vec<File>,
    /// "We have it", until there is more to say.
    pub(crate) received: bool,
    pub(crate) answer: Option<Answer>,
}

/// A file that came with a message.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) size: String,
    pub(crate) picture: bool,
}

/// What was said back.
pub(crate) struct Answer {
    pub(crate) html: String,
    pub(crate) at: Moment,
    /// The style: good, asks, bad or calm.
    pub(crate) tone: &'static str,
    pub(crate) changes: Vec<Change>,
    /// "12 s · $0.04 · 9700 tokens · $1.20 this month", or nothing.
    pub(crate) cost: String,
}

/// A changed file.
pub(crate) struct Change {
    pub(crate) path: String,
    pub(crate) verb: &'static str,
}

/// Reads a conversation as `person` may see it.
pub(crate) async fn load(app: &App, person: &Person, thread: &Thread) -> ports::Result<Conversation> {
    let messages = app.backends.messages.of_thread(&thread.id).await?;
    let replies = app.backends.replies.of_thread(&thread.id).await?;
    let session = app.backends.sessions.get(&thread.id).await?;
    let releases = app.backends.releases.list(&person.project.project_id, RELEASES).await?;
    let live = releases.iter().filter(|release| release.ending == Ending::Live).count();
    let reader = Reader {
        user: &person.identity.user,
        project: &person.project,
        now: app.backends.clock.now(),
        rehearsal: app.config.rehearsal,
    };
    Ok(Conversation {
        items: reader.items(&messages, &replies),
        badge: badge(&messages),
        actions: actions(person, &messages, live),
        session: session.map_or("sleeping", |row| row.session.word()),
        site_url: person.project.site_url.clone(),
    })
}

fn actions(person: &Person, messages: &[Message], live: usize) -> Actions {
    let write = person.role.may_instruct();
    let owner = person.role.may_publish();
    let busy = messages.iter().any(|m| m.outcome().is_none());
    let last = messages.last().and_then(Message::status);
    let changed = messages.iter().filter_map(Message::outcome).any(|o| o.commit.is_some());
    Actions {
        write,
        decide: write && !busy && last == Some(Status::Plan),
        stop: write && messages.iter().any(|m| m.outcome().is_none() && m.kind.is_for_container()),
        publish: owner && !busy && unpublished(messages),
        undo: write && !busy && changed,
        take_back: owner && !busy && live > 1,
    }
}

/// Who reads, and when.
struct Reader<'a> {
    user: &'a UserId,
    project: &'a Project,
    now: Timestamp,
    rehearsal: Rehearsal,
}

impl Reader<'_> {
    fn items(&self, messages: &[Message], replies: &[Reply]) -> Vec<Item> {
        let mut said: HashMap<(&MessageId, ReplyKind), &Reply> =
            replies.iter().map(|reply| ((&reply.message, reply.kind), reply)).collect();
        messages
            .iter()
            .map(|message| {
                let result = said.remove(&(&message.id, ReplyKind::Result));
                let received = said.contains_key(&(&message.id, ReplyKind::Received));
                self.item(message, result, received && result.is_none())
            })
            .collect()
    }

    fn item(&self, message: &Message, result: Option<&Reply>, received: bool) -> Item {
        let mine = &message.author == self.user;
        let author = self.project.editor_by_id(&message.author).map(|e| e.address.clone());
        Item {
            id: message.id.to_string(),
            author: author.unwrap_or_else(|| "somebody who has left".to_owned()),
            mine,
            mail: matches!(message.channel, Channel::Mail(_)),
            at: Moment::of(message.received_at, self.now),
            html: rich(message.instruction.trim()),
            material: message.material.trim().to_owned(),
            files: message.attachments.iter().map(file).collect(),
            received,
            answer: self.answer(message, result),
        }
    }

    /// The answer that was sent; while it is on its way, the outcome's own words.
    fn answer(&self, message: &Message, result: Option<&Reply>) -> Option<Answer> {
        let outcome = message.outcome();
        let (text, at) = match (result, &message.progress) {
            // The page itself shows files, preview and what can be done; the mail's words are for a release.
            (Some(reply), Progress::Answered { outcome, .. }) if says_all(message, outcome) => {
                (words(outcome), reply.at)
            }
            (Some(reply), _) => (reply.text.as_str(), reply.at),
            (None, Progress::Answered { outcome, at }) if !words(outcome).is_empty() => (words(outcome), *at),
            _ => return None,
        };
        Some(Answer {
            html: rich(text.trim()),
            at: Moment::of(at, self.now),
            tone: outcome.map_or("calm", |outcome| tone(message.kind, outcome.status)),
            changes: outcome.map(changes).unwrap_or_default(),
            cost: outcome.map(|outcome| cost(outcome, self.rehearsal)).unwrap_or_default(),
        })
    }
}

fn file(attachment: &domain::message::Attachment) -> File {
    File {
        name: attachment.name.clone(),
        size: size(attachment.bytes),
        picture: super::files::is_picture(&attachment.media_type),
    }
}

/// Whether the outcome's own words are the whole answer.
fn says_all(message: &Message, outcome: &Outcome) -> bool {
    !message.kind.changes_production() && !words(outcome).is_empty()
}

fn words(outcome: &Outcome) -> &str {
    outcome.error.as_ref().map_or(outcome.summary.as_str(), |error| error.says.as_str())
}

fn tone(kind: Kind, status: Status) -> &'static str {
    match status {
        Status::Done if kind.changes_production() => "live",
        Status::Done => "good",
        Status::Published => "live",
        Status::Plan | Status::Question => "asks",
        Status::Failed => "bad",
        Status::Interrupted | Status::Cancelled => "calm",
    }
}

fn changes(outcome: &Outcome) -> Vec<Change> {
    let verb = |kind| match kind {
        ChangeKind::Added => "added",
        ChangeKind::Modified => "changed",
        ChangeKind::Deleted => "removed",
        ChangeKind::Renamed => "moved",
    };
    outcome.files_changed.iter().map(|f| Change { path: f.path.clone(), verb: verb(f.kind) }).collect()
}

fn cost(outcome: &Outcome, rehearsal: Rehearsal) -> String {
    let took = match outcome.duration_ms {
        0 => return String::new(),
        ms => took(ms),
    };
    // Nobody is charged for the script's tokens.
    let Some(receipt) = outcome.receipt.as_ref().filter(|_| rehearsal == Rehearsal::Off) else { return took };
    let tokens = outcome.cost.input_tokens + outcome.cost.output_tokens;
    let cost = match receipt.billing {
        Billing::Billed => format!("{} · {tokens} tokens", receipt.message),
        Billing::Unbilled => "not billed".to_owned(),
    };
    let hint = receipt.hint.as_ref().map_or_else(String::new, |hint| format!(" · {hint}"));
    format!("{took} · {cost} · {} this month{hint}", receipt.month)
}
