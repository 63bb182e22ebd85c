//! Live progress of a thread, for those who watch. Nothing here is the truth, and nothing is kept.

use domain::{MessageId, ThreadId};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ProgressEvent {
    /// A message was recorded.
    Received {
        /// Which.
        message: MessageId,
    },
    /// A turn began.
    Started {
        /// For which message.
        message: MessageId,
    },
    /// The agent wrote some words.
    Text {
        /// The words.
        text: String,
    },
    /// The agent used a tool.
    Tool {
        /// In plain words: "reading", "editing".
        verb: String,
        /// The file, relative to the site.
        target: String,
    },
    /// Something that takes time is going on.
    Note {
        /// In plain words.
        text: String,
    },
    /// An answer was recorded: read it from the store.
    Replied {
        /// To which message.
        message: MessageId,
    },
}

/// Publishes and follows progress.
pub trait ProgressFeed: Send + Sync {
    /// Tells those who watch the thread. Never waits; a slow watcher misses events.
    fn publish(&self, thread: &ThreadId, event: ProgressEvent);
    /// Follows a thread from now on.
    fn watch(&self, thread: &ThreadId) -> broadcast::Receiver<ProgressEvent>;
}
