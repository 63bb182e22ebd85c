//! Whether the site builds.

use async_trait::async_trait;

/// Builds a thread's site as it is now.
#[async_trait]
pub trait Builds: Send + Sync {
    /// Builds the thread's files as they are, away from its dev server.
    ///
    /// # Errors
    /// What is wrong, in short form, when the site does not build, or when that could not be found out.
    async fn check(&self) -> Result<(), String>;
}
