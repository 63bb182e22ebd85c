//! Containers that are there now, and where each is reached.

use crate::error::Result;
use async_trait::async_trait;
use domain::ContainerId;
use std::time::Duration;

/// An edit container that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerRow {
    /// The container.
    pub id: ContainerId,
    /// Where its listener is, as `host:port`.
    pub address: String,
}

/// The register of containers. Who is not heard of for its `life` is gone.
#[async_trait]
pub trait Containers: Send + Sync {
    /// Says that the container is there, for `life` from now on. Again before that is over.
    async fn register(&self, row: &ContainerRow, life: Duration) -> Result<()>;
    /// One container. `None` when it is not there.
    async fn get(&self, id: &ContainerId) -> Result<Option<ContainerRow>>;
    /// All that are there, in any order.
    async fn list(&self) -> Result<Vec<ContainerRow>>;
    /// Says that the container is gone. Fine when it is.
    async fn leave(&self, id: &ContainerId) -> Result<()>;
}
