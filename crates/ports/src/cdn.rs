//! The caches between the public and a site's files.

use crate::error::Result;
use async_trait::async_trait;
use domain::ProjectId;

/// Caches that hold files of public sites.
#[async_trait]
pub trait Cdn: Send + Sync {
    /// Has the caches ask again for everything of the project's site. It is certain to happen when this returns, and
    /// takes a minute or so. Two calls with one `reference` are one; it must be another one for other files.
    async fn invalidate(&self, project: &ProjectId, reference: &str) -> Result<()>;
}
