//! What was said back to an author.

use crate::error::Result;
use async_trait::async_trait;
use domain::{MessageId, ThreadId, Timestamp};

/// Which answer to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplyKind {
    /// "We have it."
    Received,
    /// What came of it. There is one per message.
    Result,
    /// Its plan or question still waits for an answer.
    Reminder,
}

impl ReplyKind {
    /// One word, as keys carry it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Result => "result",
            Self::Reminder => "reminder",
        }
    }
}

/// An answer, as it is shown in chat and sent by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The message it answers.
    pub message: MessageId,
    /// Which answer.
    pub kind: ReplyKind,
    /// Its thread.
    pub thread: ThreadId,
    /// Its words, plain text.
    pub text: String,
    /// The whole mail, when it goes out by mail: recipient and raw bytes.
    pub mail: Option<ReplyMail>,
    /// When it was said.
    pub at: Timestamp,
}

/// The mail that carries a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyMail {
    /// Envelope recipient.
    pub to: String,
    /// Envelope sender.
    pub from: String,
    /// The Message-ID we gave it, without angle brackets: an alias of the thread from now on.
    pub message_id: String,
    /// The mail.
    pub raw: Vec<u8>,
}

/// The record of replies, at most one per message and kind.
#[async_trait]
pub trait Replies: Send + Sync {
    /// Records a reply, marks its message told when it is the result, and adds the mail's Message-ID to the thread's aliases,
    /// all or nothing. Returns false, and changes nothing, when one of this message and kind exists.
    async fn record(&self, reply: &Reply) -> Result<bool>;
    /// Replies with a mail that has not been handed to the mailer, oldest first.
    async fn unsent(&self) -> Result<Vec<Reply>>;
    /// Notes that the mailer has the mail; `also` is the Message-ID it gave it, if another.
    async fn sent(&self, message: &MessageId, kind: ReplyKind, also: Option<&str>) -> Result<()>;
    /// A thread's replies in the order they were said.
    async fn of_thread(&self, thread: &ThreadId) -> Result<Vec<Reply>>;
}
