//! What an author can do in a conversation, whatever the channel.

use async_trait::async_trait;
use bytes::Bytes;
use domain::message::Kind;
use domain::{MessageId, ProjectId, ThreadId};
use ports::sign_in::Identity;

/// A file that somebody attaches.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The sender's name for it.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
}

/// Something said in the chat or through the API.
#[derive(Clone, Debug)]
pub struct Saying {
    /// The thread it continues; a new one when `None`.
    pub thread: Option<ThreadId>,
    /// What is wanted; read from the text when `None`.
    pub kind: Option<Kind>,
    /// The words.
    pub text: String,
    /// What comes with it.
    pub uploads: Vec<Upload>,
    /// What makes two requests the same saying; made up when `None`.
    pub dedupe: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its thread.
    pub thread: ThreadId,
    /// The message.
    pub message: MessageId,
}

/// Why it was not taken, in words for the author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// Nothing in it.
    #[error("There is nothing in this message. Write in a sentence what should change.")]
    Empty,
    /// The thread is not there, or not this person's to see.
    #[error("This conversation does not exist.")]
    NoThread,
    /// The author's role does not reach that far.
    #[error("{0}")]
    NotAllowed(String),
    /// Too long, too large, too many.
    #[error("{0}")]
    TooMuch(String),
    /// Our side; trying again is worth it.
    #[error("This could not be stored just now. Nothing was changed; please send it again in a minute.")]
    Later,
}

/// Takes what authors say.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Records what `who` says; durable when this returns.
    async fn say(&self, who: &Identity, saying: Saying) -> Result<Said, SayError>;
    /// Wakes a container for the thread without a message (keep-alive, preview).
    async fn wake(&self, project: &ProjectId, thread: &ThreadId) -> Result<(), SayError>;
}
