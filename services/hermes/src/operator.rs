//! What the operator's API says, in the words of those who ask as of those who answer.

use ports::releases::{Ending, ReleaseRow};
use serde::{Deserialize, Serialize};

/// The pool of edit containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownPool {
    /// Wanted containers.
    pub desired: u32,
    /// Containers that are there.
    pub running: u32,
    /// Containers that have work.
    pub claims: usize,
    /// Client+project+users whose work waits for a container.
    pub waiting: usize,
    /// Fewest containers; 0 for none.
    pub floor: u32,
    /// Whether the pool is held at 0.
    pub paused: bool,
    /// The desired count of Hermes, which scales the pool.
    pub hermes: u32,
}

/// What the operator changes about the pool; what is not said stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolChange {
    /// Whether to hold it at 0.
    pub paused: Option<bool>,
    /// Fewest containers; 0 for none.
    pub floor: Option<u32>,
}

/// A release of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownRelease {
    /// Its id.
    pub id: String,
    /// The commit that it shows.
    pub commit: String,
    /// Whether it brought an earlier one back.
    pub rollback: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

impl From<ReleaseRow> for ShownRelease {
    fn from(row: ReleaseRow) -> Self {
        Self {
            id: row.id.to_string(),
            commit: row.commit,
            rollback: row.restores.is_some(),
            failure: match row.ending {
                Ending::Live => None,
                Ending::Failed { says } => Some(says),
            },
        }
    }
}
