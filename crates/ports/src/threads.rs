//! Threads and the names other channels know them by.

use crate::error::Result;
use async_trait::async_trait;
use domain::{Pair, ProjectId, ThreadId, Timestamp, UserId};

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub id: ThreadId,
    /// Whose queue and container it belongs to: client, project and the user who created it.
    pub pair: Pair,
    /// What it is about, in a few words.
    pub title: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When something was last said.
    pub last_activity: Timestamp,
    /// The git tree whose static build is its newest snapshot, from the newest answer that came with one.
    pub snapshot: Option<String>,
}

/// Reads threads. They are created by [`crate::Messages::record`], with their first message.
#[async_trait]
pub trait Threads: Send + Sync {
    /// One thread. `NotFound` when there is none.
    async fn get(&self, id: &ThreadId) -> Result<Thread>;
    /// The thread that a channel's own id (such as an RFC Message-ID, without angle brackets) belongs to, within
    /// one project: a name of another project's thread is nobody's here.
    async fn by_alias(&self, project: &ProjectId, alias: &str) -> Result<Option<ThreadId>>;
    /// Adds names. A name that is known keeps its thread.
    async fn add_aliases(&self, id: &ThreadId, aliases: &[String]) -> Result<()>;
    /// The threads of a project, newest activity first; only those of `user` when one is given. At most `max`.
    async fn list(&self, project: &ProjectId, user: Option<&UserId>, max: usize) -> Result<Vec<Thread>>;
}
