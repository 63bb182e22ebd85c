//! The right to change one project's public site, held for as long as it is renewed.

use domain::ProjectId;
use ports::releases::ReleaseRow;
use ports::{ErrorKind, PortError, Releases, Result};
use publish::Gate;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A lease that is held, as far as is known here.
pub(crate) struct Lease {
    releases: Arc<dyn Releases>,
    project: ProjectId,
    token: String,
    length: Duration,
    renewed: Mutex<Instant>,
}

impl Lease {
    /// Takes the lease; `None` while another has it.
    pub(crate) async fn take(
        releases: &Arc<dyn Releases>,
        project: &ProjectId,
        length: Duration,
    ) -> Result<Option<Self>> {
        let asked = Instant::now();
        let token = releases.lock(project, length).await?;
        Ok(token.map(|token| Self {
            releases: Arc::clone(releases),
            project: project.clone(),
            token,
            length,
            renewed: Mutex::new(asked),
        }))
    }

    /// Renews the lease again and again; returns once it is lost.
    pub(crate) async fn beat(&self) -> PortError {
        loop {
            sleep(self.length / 3).await;
            let asked = Instant::now();
            match self.releases.relock(&self.project, &self.token, self.length).await {
                Ok(()) => *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = asked,
                Err(err) if err.kind() == ErrorKind::LeaseLost => return err,
                Err(err) => match self.check() {
                    Ok(()) => {
                        tracing::warn!(project = %self.project, error = %err, "the lease is not renewed yet");
                    }
                    Err(lost) => return lost,
                },
            }
        }
    }

    pub(crate) async fn record(&self, row: &ReleaseRow) -> Result<()> {
        self.releases.record(&self.token, row).await
    }

    /// Gives the lease back. Should that fail, it lapses.
    pub(crate) async fn give_back(self) {
        if let Err(err) = self.releases.unlock(&self.project, &self.token).await {
            tracing::warn!(project = %self.project, error = %err, "the lease is left to lapse");
        }
    }
}

impl Gate for Lease {
    /// Whether the lease holds for some time yet. Reckoned from before its renewal was asked for, so this never says
    /// yes when the store says no.
    fn check(&self) -> Result<()> {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if renewed.elapsed() < self.length / 4 * 3 {
            return Ok(());
        }
        let says = format!("the lease on {} was not renewed in time", self.project);
        Err(PortError::new(ErrorKind::LeaseLost, says))
    }
}
