//! What there is to see of a service and its tasks.

use domain::Timestamp;
use ports::fleet::{Count, Protection};

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceReport {
    /// Its name.
    pub name: String,
    /// How many tasks it should have, and has.
    pub count: Count,
    /// Tasks that are wanted and not yet there.
    pub pending: u32,
    /// When it was added.
    pub since: Timestamp,
    /// When its desired count was set last.
    pub set_at: Timestamp,
    /// What happened to it, newest first.
    pub events: Vec<Event>,
}

/// Something that happened to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unique.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What, in a sentence.
    pub says: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskReport {
    /// Its id: 32 hex digits.
    pub id: String,
    /// Its service.
    pub service: String,
    /// Whether scale-in may stop it.
    pub protection: Protection,
    /// When it started.
    pub started_at: Timestamp,
    /// How far it is from its end.
    pub ending: Ending,
}

/// How far a task is from its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It works.
    No,
    /// It was told to stop, and is waited for.
    Stopping {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// It is over.
    Stopped {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}
