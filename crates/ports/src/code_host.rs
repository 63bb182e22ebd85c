//! The place where a site's repository lives, as far as it shows what became of a commit.

use crate::error::Result;
use async_trait::async_trait;
use domain::ProjectId;

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitState {
    /// It is being built.
    Pending,
    /// It is live.
    Success,
    /// It is not live, and will not be.
    Failure,
}

/// What to show beside a commit.
#[derive(Clone, Debug)]
pub struct CommitStatus<'a> {
    /// The website.
    pub project: &'a ProjectId,
    /// Where its repository is fetched from.
    pub repository: &'a str,
    /// The commit, in full.
    pub commit: &'a str,
    /// What became of it.
    pub state: CommitState,
    /// The same in words. An adapter may cut them.
    pub says: &'a str,
    /// Where to look.
    pub link: &'a str,
}

/// Shows people at the code host what became of their commits. Nothing depends on it: a caller goes on when this
/// fails, and tells an older state never after a newer one.
#[async_trait]
pub trait CodeHost: Send + Sync {
    /// Shows a state in the place of an earlier one. Fine, and nothing happens, for a repository that lives elsewhere.
    async fn status(&self, status: &CommitStatus<'_>) -> Result<()>;
}
