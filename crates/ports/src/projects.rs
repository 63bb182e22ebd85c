//! Projects and their people.

use crate::error::Result;
use async_trait::async_trait;
use domain::ProjectId;
use domain::project::Project;

/// The register of projects.
#[async_trait]
pub trait Projects: Send + Sync {
    /// Adds a project. `Conflict` when its id or mail domain is taken.
    async fn add(&self, project: &Project) -> Result<()>;
    /// Replaces a project's record. `NotFound` when there is none.
    async fn update(&self, project: &Project) -> Result<()>;
    /// One project. `NotFound` when there is none.
    async fn get(&self, id: &ProjectId) -> Result<Project>;
    /// The project that mail for this domain is about, whatever its letter case.
    async fn by_mail_domain(&self, domain: &str) -> Result<Option<Project>>;
    /// All projects, in the order they were added.
    async fn list(&self) -> Result<Vec<Project>>;
}
