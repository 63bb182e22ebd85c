//! The pool of tasks, as ECS counts it.

use crate::error::Result;
use async_trait::async_trait;

/// How many tasks a service should have, and has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Wanted.
    pub desired: u32,
    /// There now.
    pub running: u32,
}

/// A fleet of services. `NotFound` for a service it does not know.
#[async_trait]
pub trait Fleet: Send + Sync {
    /// The counts of a service.
    async fn count(&self, service: &str) -> Result<Count>;
    /// Sets the desired count; tasks start and stop after this returns. A protected task is not stopped by it.
    async fn set_desired(&self, service: &str, desired: u32) -> Result<()>;
    /// Protects a task from scale-in, or ends that.
    async fn protect(&self, service: &str, task: &str, protection: Protection) -> Result<()>;
}

/// Whether scale-in may stop a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// It may not.
    On,
    /// It may.
    Off,
}
