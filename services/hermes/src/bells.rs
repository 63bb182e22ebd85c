//! Who hears at once that the operator has changed something. What nobody hears is found by the sweeps.

use crate::desk::Hermes;
use async_trait::async_trait;
use tracing::warn;

/// Those whom a change is for.
#[async_trait]
pub trait Bells: Send + Sync {
    /// The pool's record was changed. Returns after its count was looked at, if that is this process' to do.
    async fn pool(&self);
    /// An order was entered for the build service.
    fn builder(&self);
}

#[async_trait]
impl Bells for Hermes {
    async fn pool(&self) {
        if let Err(error) = self.scale().await {
            warn!(%error, "the pool was not scaled; the sweep will");
        }
    }

    fn builder(&self) {
        (self.builder)();
    }
}
