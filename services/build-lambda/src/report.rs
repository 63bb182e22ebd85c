//! Telling the code host what becomes of a commit. No release waits for it for long or fails by it.

use crate::notice::is_commit;
use crate::run::Shop;
use domain::project::Project;
use ports::code_host::{CommitState, CommitStatus};
use ports::releases::{Ending, ReleaseRow};
use std::time::Duration;
use tokio::time::timeout;

/// Longest time that a release waits for the code host.
const WAIT: Duration = Duration::from_secs(5);

impl Shop {
    /// Shows that a commit is being built.
    pub(crate) async fn report_building(&self, project: &Project, commit: &str) {
        self.report(project, commit, CommitState::Pending, "Building the site").await;
    }

    /// Shows that nothing will become of a commit, since there is a newer one.
    pub(crate) async fn report_superseded(&self, project: &Project, commit: &str) {
        let says = "Not put live: there is a newer commit";
        self.report(project, commit, CommitState::Failure, says).await;
    }

    /// Shows how a release ended. A rollback is no commit's news.
    pub(crate) async fn report_ending(&self, project: &Project, row: &ReleaseRow) {
        if row.restores.is_some() {
            return;
        }
        match &row.ending {
            Ending::Live => self.report(project, &row.commit, CommitState::Success, "The site is live").await,
            Ending::Failed { says } => {
                let line = says.lines().find(|line| !line.trim().is_empty()).unwrap_or("The build failed");
                self.report(project, &row.commit, CommitState::Failure, line).await;
            }
        }
    }

    async fn report(&self, project: &Project, commit: &str, state: CommitState, says: &str) {
        if !is_commit(commit) {
            return;
        }
        let status = CommitStatus {
            project: &project.project_id,
            repository: &project.repository,
            commit,
            state,
            says,
            link: &project.site_url,
        };
        match timeout(WAIT, self.deps.edges.code_host.status(&status)).await {
            Ok(Ok(())) => {}
            Ok(Err(err)) => {
                tracing::warn!(project = %project.project_id, %commit, error = %err, "the code host was not told");
            }
            Err(_) => {
                tracing::warn!(project = %project.project_id, %commit, "the code host does not answer");
            }
        }
    }
}
