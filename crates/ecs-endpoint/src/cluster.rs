//! What the endpoint needs of a fleet.

use async_trait::async_trait;
use domain::Timestamp;

/// A fleet whose services keep a desired count of tasks.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// All services, in an order that stays.
    fn services(&self) -> Vec<Service>;
    /// All tasks, and those that ended lately.
    fn tasks(&self) -> Vec<Task>;
    /// Sets the desired count of a service that [`Cluster::services`] has; durable when this returns.
    async fn set_desired(&self, service: &str, desired: u32) -> Result<(), Refusal>;
    /// Tells a task that [`Cluster::tasks`] has to stop; its end is not waited for.
    async fn stop_task(&self, id: &str, reason: &str) -> Result<(), Refusal>;
}

/// Why a fleet does not do what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It never will; the words are for the operator.
    Never(String),
    /// It cannot just now.
    Later(String),
}

/// A service as ECS shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Wanted tasks.
    pub desired: u32,
    /// Tasks that are there.
    pub running: u32,
    /// Tasks that are wanted and not there yet.
    pub pending: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its count was set last.
    pub updated_at: Timestamp,
    /// What happened to it, newest first: a unique id, when, what.
    pub events: Vec<(String, Timestamp, String)>,
}

/// A task as ECS shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id: 32 hex digits.
    pub id: String,
    /// The service that it is of.
    pub service: String,
    /// When it started.
    pub started_at: Timestamp,
    /// How it stands.
    pub state: TaskState,
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// At work.
    Running,
    /// Told to stop, for this reason.
    Stopping(Timestamp, String),
    /// Over, for this reason.
    Stopped(Timestamp, String),
}

impl TaskState {
    /// Whether it is meant to go on.
    pub fn is_wanted(&self) -> bool {
        matches!(self, Self::Running)
    }
}
