//! What is stored about the pool of edit containers: who scales it, to what count, and what the operator said.

use crate::error::Result;
use async_trait::async_trait;
use std::time::Duration;

/// The pool's record. A new store has [`PoolRow::default`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolRow {
    /// The count that the scaler wants; stored before it is set.
    pub intent: u32,
    /// The count before, which still stands when setting the intent did not happen. The same as the intent once that
    /// was seen to stand.
    pub before: u32,
    /// Fewest containers, by the operator's word; 0 for none.
    pub floor: u32,
    /// Whether the operator holds the pool at 0.
    pub paused: bool,
}

/// The pool's record, and the right to scale.
#[async_trait]
pub trait Pool: Send + Sync {
    /// Takes the right to scale for `lease`, or starts the lease anew for who has it: the record as it stands then.
    /// `None` while another has the right.
    async fn lead(&self, by: &str, lease: Duration) -> Result<Option<PoolRow>>;
    /// Gives the right back, so that the next one need not wait. Fine for who does not have it.
    async fn resign(&self, by: &str) -> Result<()>;
    /// The record.
    async fn read(&self) -> Result<PoolRow>;
    /// Replaces the record in one atomic step. `Conflict` when it is not `expected` any more: read it again.
    async fn write(&self, expected: &PoolRow, new: &PoolRow) -> Result<()>;
}
