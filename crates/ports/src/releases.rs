//! Releases: what was put live, and who is at it.

use crate::error::Result;
use async_trait::async_trait;
use domain::{MessageId, ProjectId, ReleaseId, Timestamp};
use std::time::Duration;

/// What is asked of the build service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The default branch moved: build its head.
    Push {
        /// The commit that was pushed.
        commit: String,
    },
    /// Bring the release before the live one back.
    Rollback {
        /// The message that asks for it, if one does.
        message: Option<MessageId>,
    },
}

/// An order in the build service's book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// What makes two deliveries the same order: the webhook's delivery id, or the message.
    pub key: String,
    /// The website.
    pub project: ProjectId,
    /// What is asked.
    pub order: Order,
}

impl Ordered {
    /// The order that puts a project live for the first time: whatever its head is.
    pub fn first_of(project: &ProjectId) -> Self {
        let key = format!("added/{project}");
        Self { key, project: project.clone(), order: Order::Push { commit: String::new() } }
    }
}

/// How a release ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is live (or was, until the next).
    Live,
    /// Production is as it was before; the words are for the owner.
    Failed {
        /// What failed.
        says: String,
    },
}

/// One attempt to change what the public sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Its id.
    pub id: ReleaseId,
    /// The website.
    pub project: ProjectId,
    /// The commit that was built.
    pub commit: String,
    /// The release that this one brings back, if it is a rollback.
    pub restores: Option<ReleaseId>,
    /// Blob key of its manifest, once there is one.
    pub manifest: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// The messages it answers: publishes that it contains, or the rollback's message.
    pub answers: Vec<MessageId>,
    /// When it ended.
    pub at: Timestamp,
}

/// The build service's book.
#[async_trait]
pub trait Releases: Send + Sync {
    /// Enters an order; false when one with this key was entered before.
    async fn order(&self, order: &Ordered) -> Result<bool>;
    /// Orders that are not closed, oldest first.
    async fn open_orders(&self) -> Result<Vec<Ordered>>;
    /// Closes an order. Fine when it is closed.
    async fn close_order(&self, key: &str) -> Result<()>;
    /// Takes the right to change the project's production site for `lease`: a token, or `None` while another has it.
    async fn lock(&self, project: &ProjectId, lease: Duration) -> Result<Option<String>>;
    /// Starts the lease anew. `LeaseLost` when it lapsed and another took it.
    async fn relock(&self, project: &ProjectId, token: &str, lease: Duration) -> Result<()>;
    /// Gives the right back. Fine when it is lost already.
    async fn unlock(&self, project: &ProjectId, token: &str) -> Result<()>;
    /// Records how a release ended, under the lock: `LeaseLost` when `token` is not the holder's.
    async fn record(&self, token: &str, release: &ReleaseRow) -> Result<()>;
    /// One release. `NotFound` when there is none.
    async fn get(&self, id: &ReleaseId) -> Result<ReleaseRow>;
    /// The project's releases, newest first. At most `max`.
    async fn list(&self, project: &ProjectId, max: usize) -> Result<Vec<ReleaseRow>>;
    /// The releases that answer a message which has not been told its result yet.
    async fn untold(&self) -> Result<Vec<ReleaseRow>>;
}
