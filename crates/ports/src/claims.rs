//! Claims: which container works for a pair.

use crate::error::Result;
use async_trait::async_trait;
use domain::{ContainerId, Epoch, Pair};
use std::time::Duration;

/// A claim that is held now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// For whom.
    pub pair: Pair,
    /// By which container.
    pub by: ContainerId,
    /// Its fencing number.
    pub epoch: Epoch,
}

/// What became of a wish to let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The claim is over.
    Released,
    /// Something waits for the pair: the claim goes on.
    StillWanted,
}

/// Leases with fencing epochs, judged by the store's clock alone.
#[async_trait]
pub trait Claims: Send + Sync {
    /// Takes the pair for `lease`, at an epoch above every earlier one. `None` while another holds it.
    /// Its present holder gets a new epoch too.
    async fn take(&self, pair: &Pair, by: &ContainerId, lease: Duration) -> Result<Option<Epoch>>;
    /// Starts the lease anew. `LeaseLost` when it has lapsed or been taken.
    async fn renew(&self, pair: &Pair, by: &ContainerId, epoch: Epoch, lease: Duration) -> Result<()>;
    /// Lets go while no unanswered message and no initializing session of the pair waits, in one atomic step.
    /// Fine when the claim is over already.
    async fn release_idle(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<Release>;
    /// Lets go whatever waits: the container is ending. Fine when the claim is over already.
    async fn release(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<()>;
    /// The claim that is held for the pair now.
    async fn holder(&self, pair: &Pair) -> Result<Option<Claim>>;
    /// All claims held now.
    async fn held(&self) -> Result<Vec<Claim>>;
}
