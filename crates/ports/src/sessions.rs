//! Sessions: which threads are being served, and by whom.

use crate::error::Result;
use async_trait::async_trait;
use domain::session::{Event, Session};
use domain::{Pair, ThreadId, Timestamp};

/// A thread's session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The thread.
    pub thread: ThreadId,
    /// Its pair.
    pub pair: Pair,
    /// Its state. A session whose claim has lapsed reads as sleeping.
    pub session: Session,
    /// When it was last wanted or served.
    pub last_activity: Timestamp,
}

/// The register of sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Applies an event to a thread's session, which begins as sleeping; returns the new state. `Conflict` when it does not
    /// apply; `NotFound` when there is no such thread.
    async fn apply(&self, thread: &ThreadId, event: Event) -> Result<Session>;
    /// One session. `None` when the thread was never served.
    async fn get(&self, thread: &ThreadId) -> Result<Option<SessionRow>>;
    /// Sessions of a pair that are not sleeping.
    async fn awake(&self, pair: &Pair) -> Result<Vec<SessionRow>>;
    /// Puts to sleep every session whose claim is over though nobody said so; returns their threads. Until then such a
    /// session only reads as sleeping. Costs nothing for pairs that sleep.
    async fn lapse(&self) -> Result<Vec<ThreadId>>;
}
