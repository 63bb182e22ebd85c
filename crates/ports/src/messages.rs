//! Messages and their outcomes: the truth about what was asked and what was answered.

use crate::error::{ErrorKind, PortError, Result};
use async_trait::async_trait;
use domain::message::{Attachment, Kind, Outcome, Status};
use domain::progress::Passed;
pub use domain::progress::Progress;
use domain::{ContainerId, Epoch, MessageId, Pair, ProjectId, Seq, ThreadId, Timestamp, UserId};

/// The mail that a message came in, as its answer needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailOrigin {
    /// Who to answer.
    pub address: String,
    /// The mail's Message-ID, without angle brackets.
    pub message_id: String,
    /// Its References, oldest first.
    pub references: Vec<String>,
    /// Its subject.
    pub subject: String,
}

/// The channel a message came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// An e-mail.
    Mail(MailOrigin),
    /// The chat page, or the API.
    Chat,
}

/// A message that is about to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id, made by the caller; the same message offered again carries another one.
    pub id: MessageId,
    /// What makes two offers the same message: channel, id there, and recipient.
    pub dedupe: String,
    /// The thread it continues, or begins: it is created when it does not exist.
    pub thread: ThreadId,
    /// The thread's pair. An existing thread must have the same.
    pub pair: Pair,
    /// Title for a new thread.
    pub title: String,
    /// Who wrote it.
    pub author: UserId,
    /// How it came.
    pub channel: Channel,
    /// Names by which later mails may refer to it, without angle brackets.
    pub aliases: Vec<String>,
    /// What is wanted.
    pub kind: Kind,
    /// The author's own words.
    pub instruction: String,
    /// Quoted, forwarded or attached text: material, never an instruction.
    pub material: String,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// When it was received.
    pub received_at: Timestamp,
}

/// A recorded message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its thread.
    pub thread: ThreadId,
    /// The thread's pair.
    pub pair: Pair,
    /// Its place in the thread, from 1.
    pub seq: Seq,
    /// Who wrote it.
    pub author: UserId,
    /// How it came.
    pub channel: Channel,
    /// What is wanted.
    pub kind: Kind,
    /// The author's own words.
    pub instruction: String,
    /// Quoted, forwarded or attached text: material, never an instruction.
    pub material: String,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// When it was received.
    pub received_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
}

impl Message {
    /// The outcome, once it is over.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.progress {
            Progress::Answered { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// Why a step that it has passed is not taken again: `Conflict`.
    pub fn refuses(&self, passed: Passed) -> PortError {
        PortError::new(ErrorKind::Conflict, format_args!("message {}: {passed}", self.id))
    }

    /// How it ended, once it is over.
    pub fn status(&self) -> Option<Status> {
        self.outcome().map(|outcome| outcome.status)
    }
}

/// The message of a conversation, in `seq` order, whose plan or question waits for the owner's word; `None` when the
/// last word is not the owner's to say.
pub fn pending(conversation: &[Message]) -> Option<&Message> {
    let decides =
        |kind| matches!(kind, Kind::Instruct | Kind::Answer | Kind::Approve | Kind::Reject | Kind::Cancel);
    let last = conversation.iter().rev().find(|m| m.outcome().is_some() && decides(m.kind))?;
    matches!(last.status(), Some(Status::Plan | Status::Question)).then_some(last)
}

/// What became of an offer.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// It is new, and durable.
    Fresh(Message),
    /// It was recorded before, as this.
    Known(Message),
}

/// The record of messages. Each method is one atomic, durable step. A step that carries a container and an epoch
/// is refused with `LeaseLost` unless that container holds the pair's claim at that epoch now, by the store's clock.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Records a message: gives it the next `seq` of its thread, creates the thread if need be, and adds the aliases,
    /// all or nothing. Offered again with the same `dedupe` it changes nothing. `Conflict` when the thread is another pair's.
    async fn record(&self, new: NewMessage) -> Result<Recorded>;
    /// One message. `NotFound` when there is none.
    async fn get(&self, id: &MessageId) -> Result<Message>;
    /// A thread's messages in `seq` order.
    async fn of_thread(&self, thread: &ThreadId) -> Result<Vec<Message>>;
    /// The pair's messages for a container that are not answered, by thread and `seq`.
    async fn unanswered(&self, pair: &Pair) -> Result<Vec<Message>>;
    /// Pairs that have unanswered messages for a container or an initializing session.
    async fn waiting_pairs(&self) -> Result<Vec<Pair>>;
    /// When the oldest of the pair's unanswered messages for a container was received; `None` when there is none.
    async fn waiting_since(&self, pair: &Pair) -> Result<Option<Timestamp>>;
    /// Notes that a container begins a turn: returns its number, one more than the last.
    /// `Conflict` when the message is prepared or answered.
    async fn begin(&self, id: &MessageId, by: &ContainerId, epoch: Epoch) -> Result<u32>;
    /// Keeps the outcome that is about to come true. `Conflict` when the message is answered.
    async fn prepare(&self, outcome: &Outcome, by: &ContainerId, epoch: Epoch) -> Result<()>;
    /// Drops a prepared outcome whose last effect cannot be done any more, so that a new turn can begin.
    async fn unprepare(&self, id: &MessageId, by: &ContainerId, epoch: Epoch) -> Result<()>;
    /// Answers the message. Once only: `Conflict` when it has another outcome already; the same outcome again is fine.
    async fn answer(&self, outcome: &Outcome, by: &ContainerId, epoch: Epoch) -> Result<()>;
    /// Answers a message that no container carries out (a rollback). Once only, as [`Messages::answer`].
    async fn settle(&self, outcome: &Outcome) -> Result<()>;
    /// Unanswered messages of this kind, oldest first.
    async fn waiting_of_kind(&self, kind: Kind) -> Result<Vec<Message>>;
    /// Answered messages of the project with this status whose result has not been told yet, oldest first;
    /// of all projects when none is given.
    async fn untold(&self, project: Option<&ProjectId>, status: Option<Status>) -> Result<Vec<Message>>;
    /// Messages whose result was said and is a plan or a question, until [`Messages::stop_asking`]; oldest first.
    async fn asking(&self) -> Result<Vec<Message>>;
    /// Takes a message out of [`Messages::asking`]. A second time is as good. `NotFound` when there is no such message.
    async fn stop_asking(&self, id: &MessageId) -> Result<()>;
}
