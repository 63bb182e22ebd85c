//! The edges that one machine does not have: it serves public sites itself, and no code host knows of it.

use async_trait::async_trait;
use domain::ProjectId;
use ports::code_host::CommitStatus;
use ports::{Cdn, CodeHost, Result};

/// No cache: the listener for public sites reads each file anew, so what is uploaded is what is seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

#[async_trait]
impl Cdn for NoCache {
    async fn invalidate(&self, _: &ProjectId, _: &str) -> Result<()> {
        Ok(())
    }
}

/// No code host: repositories are directories of this machine, where nobody looks for the state of a commit.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCodeHost;

#[async_trait]
impl CodeHost for NoCodeHost {
    async fn status(&self, _: &CommitStatus<'_>) -> Result<()> {
        Ok(())
    }
}
