//! Standard queues: at least once, in any order, each delivery leased for a time.

use crate::error::Result;
use async_trait::async_trait;
use domain::names::QueueSet;
use std::time::Duration;

/// What proves that a delivery is this reader's: worthless once its lease has lapsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The queue.
    pub queue: String,
    /// The backend's handle.
    pub handle: String,
}

/// One message as received.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What was sent.
    pub body: String,
    /// How often it has been received, this time included.
    pub attempt: u32,
    /// To settle it with.
    pub receipt: Receipt,
}

/// How full a queue is; approximate, as SQS counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be received.
    pub ready: u64,
    /// Received and neither settled nor lapsed.
    pub in_flight: u64,
}

/// A queue that nobody has used for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The queue.
    pub queue: String,
    /// Where its dead letters go.
    pub dead_letters: Option<String>,
}

/// Queues ring; they never hold the truth. A message may be lost by no-one's fault but an operator's, and may
/// come twice, late, or out of order: readers take what is due from the store.
///
/// A body is at most [`domain::names::QUEUE_BODY_MAX`] bytes (`Malformed` beyond it), a name at most
/// [`domain::names::QUEUE_NAME_MAX`] characters of `[A-Za-z0-9_-]`.
#[async_trait]
pub trait Queues: Send + Sync {
    /// Creates the queue if it does not exist. A message received `max_receives` times without being settled
    /// moves to `dead_letters` (which is created too).
    async fn ensure(&self, queue: &str, dead_letters: Option<&str>, max_receives: u32) -> Result<()>;
    /// Sends one message; durable when this returns. `NotFound` when the queue does not exist.
    async fn send(&self, queue: &str, body: &str) -> Result<()>;
    /// Waits up to `wait` for messages and returns up to `max` (1 to 10), possibly none. Each stays invisible
    /// for `lease`. Dropping the call loses no message for longer than `lease`.
    async fn receive(
        &self,
        queue: &str,
        max: usize,
        wait: Duration,
        lease: Duration,
    ) -> Result<Vec<Delivery>>;
    /// Starts the lease of a delivery anew. `LeaseLost` when it has lapsed and been received by another.
    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<()>;
    /// Deletes a delivery. `LeaseLost` when it has lapsed and been received by another.
    async fn ack(&self, receipt: &Receipt) -> Result<()>;
    /// How full the queue is.
    async fn depth(&self, queue: &str) -> Result<Depth>;
    /// Deletes the queue and what is in it. No error when there is none.
    async fn remove(&self, queue: &str) -> Result<()>;
    /// Up to `max` queues that nobody has ensured, sent to or received from for `age`, as the backend's own clock has
    /// it. A use may be noted once an hour only, so that `age` is exact to an hour or two; it is never taken for longer ago
    /// than that.
    async fn unused(&self, age: Duration, max: usize) -> Result<Vec<Unused>>;
}

/// Receives before an input message moves to the dead-letter queue.
pub const MAX_RECEIVES: u32 = 3;

/// Creates the three queues of a pair.
pub async fn ensure_set(queues: &dyn Queues, set: &QueueSet) -> Result<()> {
    queues.ensure(&set.input, Some(&set.dlq), MAX_RECEIVES).await?;
    queues.ensure(&set.output, None, MAX_RECEIVES).await
}
