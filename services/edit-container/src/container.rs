//! One container's life: wait for a claim, serve that pair, end. It serves one pair, once.

use crate::config::Config;
use crate::desk::Desk;
use crate::registry::PreviewRegistry;
use bootstrap::fault;
use domain::message::{ClaimRequest, Released, Schema};
use domain::names::{EDIT_SERVICE, QueueSet, UNCLAIMED_QUEUE};
use domain::{ContainerId, Epoch, Pair};
use ports::fleet::Protection;
use ports::metrics::Metric;
use ports::queues::Delivery;
use ports::{Backends, Fleet, PortError};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How long a claim request is hidden from other containers while this one takes it.
const REQUEST_LEASE: Duration = Duration::from_secs(30);
/// How often the protection from scale-in is begun anew. ECS ends one by itself after two hours.
const PROTECT_AGAIN: Duration = Duration::from_mins(30);
/// Pause after a store or queue error.
const BACK_OFF: Duration = Duration::from_secs(2);

/// An edit container, not yet claimed.
pub struct Container {
    id: ContainerId,
    config: Config,
    backends: Backends,
    registry: Arc<PreviewRegistry>,
}

impl Container {
    /// A container that will be known as `id`.
    pub fn new(id: ContainerId, config: Config, backends: Backends, registry: Arc<PreviewRegistry>) -> Self {
        Self { id, config, backends, registry }
    }

    /// Serves one pair until it is idle, its claim is lost, or `stop` is called.
    pub async fn run(self, stop: CancellationToken) {
        let Some((pair, epoch)) = stop.run_until_cancelled(self.claim()).await else { return };
        info!(container.id = %self.id, project.id = %pair.project_id, claim.epoch = epoch.0, "claimed");
        let claim = (self.id.clone(), pair.clone(), epoch);
        match Desk::open(claim, &self.config, &self.backends, &self.registry) {
            Ok(desk) => tokio::select! {
                () = desk.serve(stop) => {}
                () = stay_protected(&*self.backends.fleet, &self.id, PROTECT_AGAIN) => {}
            },
            Err(error) => warn!(container.id = %self.id, %error, "this container cannot serve"),
        }
        if let Err(error) = self.backends.claims.release(&pair, &self.id, epoch).await {
            self.backends.metrics.count(Metric::CleanupErrors, 1.0);
            warn!(container.id = %self.id, %error, "the claim was not released; it will lapse");
        }
        protect(&*self.backends.fleet, &self.id, Protection::Off).await;
        self.tell_released(pair.clone()).await;
        info!(container.id = %self.id, project.id = %pair.project_id, "released");
    }

    /// Lets the pool's count fall at once; the sweep would see it later.
    async fn tell_released(&self, pair: Pair) {
        let output = QueueSet::of(&pair).output;
        let Ok(bell) = serde_json::to_string(&Released { schema: Schema, released: pair }) else { return };
        if let Err(error) = self.backends.queues.send(&output, &bell).await {
            warn!(container.id = %self.id, %error, "Hermes was not told of the release; the sweep will see it");
        }
    }

    async fn claim(&self) -> (Pair, Epoch) {
        loop {
            match self.next_claim().await {
                Ok(Some(claimed)) => return claimed,
                Ok(None) => {}
                Err(error) => {
                    warn!(container.id = %self.id, %error, "could not take a claim");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }

    async fn next_claim(&self) -> Result<Option<(Pair, Epoch)>, PortError> {
        let queues = &self.backends.queues;
        for delivery in queues.receive(UNCLAIMED_QUEUE, 1, self.config.times.poll, REQUEST_LEASE).await? {
            let claimed = match pair_of(&delivery) {
                Some(pair) => {
                    let epoch = self.backends.claims.take(&pair, &self.id, self.config.times.lease).await?;
                    epoch.map(|epoch| (pair, epoch))
                }
                None => None,
            };
            // Taken, held by another, or not to be read: either way this request is done. A pair that still
            // waits is asked for again by the sweep.
            if claimed.is_some() {
                fault::point("claim.taken");
            }
            queues.ack(&delivery.receipt).await?;
            if claimed.is_some() {
                return Ok(claimed);
            }
        }
        Ok(None)
    }
}

/// Protects the container from scale-in, again and again, for as long as this is polled: while its claim is held.
async fn stay_protected(fleet: &dyn Fleet, id: &ContainerId, again: Duration) {
    loop {
        protect(fleet, id, Protection::On).await;
        tokio::time::sleep(again).await;
    }
}

async fn protect(fleet: &dyn Fleet, id: &ContainerId, protection: Protection) {
    if let Err(error) = fleet.protect(EDIT_SERVICE, id.as_str(), protection).await {
        warn!(container.id = %id, %error, "scale-in protection was not changed");
    }
}

fn pair_of(delivery: &Delivery) -> Option<Pair> {
    match serde_json::from_str::<ClaimRequest>(&delivery.body) {
        Ok(request) => Some(request.pair),
        Err(error) => {
            warn!(%error, "a claim request that cannot be read was dropped");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use ports::fleet::Count;
    use ports::{ErrorKind, Fleet};
    use std::sync::Mutex;

    /// A fleet that remembers what it was asked for, and refuses the second time.
    #[derive(Default)]
    struct Recording(Mutex<Vec<Protection>>);

    #[async_trait]
    impl Fleet for Recording {
        async fn count(&self, _: &str) -> ports::Result<Count> {
            Ok(Count::default())
        }
        async fn set_desired(&self, _: &str, _: u32) -> ports::Result<()> {
            Ok(())
        }
        async fn protect(&self, service: &str, task: &str, protection: Protection) -> ports::Result<()> {
            assert_eq!((service, task), (EDIT_SERVICE, "c1"));
            let mut asked = self.0.lock().unwrap();
            asked.push(protection);
            if asked.len() == 2 {
                return Err(PortError::new(ErrorKind::Transient, "ECS is away"));
            }
            Ok(())
        }
    }

    #[tokio::test]
    async fn protection_is_begun_anew_also_after_a_refusal() {
        let (fleet, id) = (Recording::default(), "c1".parse().unwrap());
        let again = Duration::from_millis(20);
        let staying = stay_protected(&fleet, &id, again);
        assert!(tokio::time::timeout(again * 20, staying).await.is_err(), "it ends only with the claim");
        let asked = fleet.0.lock().unwrap();
        assert!((3..=20).contains(&asked.len()), "{}", asked.len());
        assert!(asked.iter().all(|protection| *protection == Protection::On));
    }
}
