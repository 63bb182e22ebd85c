//! The sweep: rings again for what nobody answered, and tells what was not told. With it, a lost bell costs time only.

use crate::desk::Hermes;
use crate::incoming::WAITING;
use domain::message::Kind;
use ports::PortError;
use ports::metrics::Metric;
use std::sync::Arc;
use tracing::warn;

/// Stored mails that are listed at once.
const MAILS: usize = 100;

impl Hermes {
    /// Sweeps at once, then again and again until stopped.
    pub(crate) async fn sweep_until_stopped(self: Arc<Self>) {
        let stop = self.stop.clone();
        loop {
            if let Some(Err(error)) = stop.run_until_cancelled(self.sweep()).await {
                warn!(%error, "the sweep broke off; it goes on at its next turn");
            }
            if let Some(Err(error)) = stop.run_until_cancelled(self.tidy()).await {
                self.backends.metrics.count(Metric::CleanupErrors, 1.0);
                warn!(%error, "orphans were left; they are looked for again");
            }
            if let Some(Err(error)) = stop.run_until_cancelled(self.measure()).await {
                warn!(%error, "the fleet was not measured");
            }
            if stop.run_until_cancelled(tokio::time::sleep(self.config.sweep)).await.is_none() {
                return;
            }
        }
    }

    /// Reads every stored mail, in the order in which they were accepted: their names begin with the time.
    pub(crate) async fn read_waiting(self: &Arc<Self>) -> Result<(), PortError> {
        let mut last = None;
        loop {
            let waiting = self.backends.blobs.list(WAITING, last.as_deref(), MAILS).await?;
            for blob in &waiting {
                if let Err(error) = self.read_stored(blob).await {
                    warn!(%error, "a stored mail cannot be read yet");
                }
            }
            match waiting.into_iter().next_back() {
                Some(blob) => last = Some(blob),
                None => return Ok(()),
            }
        }
    }

    async fn sweep(self: &Arc<Self>) -> Result<(), PortError> {
        self.read_waiting().await?;
        self.read_strays().await?;
        for message in self.backends.messages.waiting_of_kind(Kind::Rollback).await? {
            self.send(&message).await?;
        }
        for pair in self.backends.messages.waiting_pairs().await? {
            self.want(&pair).await?;
        }
        for claim in self.backends.claims.held().await? {
            self.listen_to(&claim.pair);
        }
        self.scale().await?;
        for message in self.backends.messages.untold(None, None).await? {
            self.tell_result(&message).await?;
        }
        for release in self.backends.releases.untold().await? {
            self.tell_release(&release).await?;
        }
        self.remind().await?;
        self.send_unsent().await
    }
}
