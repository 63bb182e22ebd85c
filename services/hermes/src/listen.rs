//! Hearing what containers and the build service report. The queue rings; the store is read.

use crate::desk::Hermes;
use domain::message::{Outcome, ReleaseEvent, Released};
use domain::names::{QueueSet, RELEASE_EVENTS_QUEUE};
use domain::{MessageId, Pair, ReleaseId};
use ports::queues::Delivery;
use ports::{ErrorKind, PortError};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::warn;

const WAIT: Duration = Duration::from_secs(20);
const LEASE: Duration = Duration::from_mins(1);
const BACK_OFF: Duration = Duration::from_secs(2);

/// The pairs whose output queue is being read: those that are awake, so that a sleeping one costs nothing.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<HashSet<Pair>>);

impl Listeners {
    fn enter(&self, pair: &Pair) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pair.clone())
    }

    fn leave(&self, pair: &Pair) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(pair);
    }
}

impl Hermes {
    /// Reads the pair's output queue for as long as it is awake.
    pub(crate) fn listen_to(self: &Arc<Self>, pair: &Pair) {
        if !self.listeners.enter(pair) {
            return;
        }
        let (hermes, pair) = (Arc::clone(self), pair.clone());
        self.tasks.spawn(async move {
            let stop = hermes.stop.clone();
            stop.run_until_cancelled(hermes.hear(&pair)).await;
            hermes.listeners.leave(&pair);
        });
    }

    async fn hear(self: &Arc<Self>, pair: &Pair) {
        let queue = QueueSet::of(pair).output;
        loop {
            match self.backends.queues.receive(&queue, 10, WAIT, LEASE).await {
                Ok(deliveries) if deliveries.is_empty() => {
                    if matches!(self.is_awake(pair).await, Ok(false)) {
                        return;
                    }
                }
                Ok(deliveries) => {
                    for delivery in deliveries {
                        self.settle(&delivery, self.heard_outcome(&delivery).await).await;
                    }
                }
                // The container creates the queues when it begins.
                Err(error) => {
                    if error.kind() != ErrorKind::NotFound {
                        warn!(%error, "an output queue did not answer");
                    }
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }

    async fn is_awake(&self, pair: &Pair) -> Result<bool, PortError> {
        Ok(self.backends.claims.holder(pair).await?.is_some()
            || self.backends.messages.waiting_pairs().await?.contains(pair))
    }

    async fn heard_outcome(self: &Arc<Self>, delivery: &Delivery) -> Result<(), PortError> {
        if read::<Released>(delivery).is_ok() {
            return self.scale().await;
        }
        let outcome: Outcome = read(delivery)?;
        self.tell_result_of(&outcome.message_id).await
    }

    /// Reads release events until stopped.
    pub(crate) async fn read_releases(self: Arc<Self>) {
        let stop = self.stop.clone();
        let queue = RELEASE_EVENTS_QUEUE;
        while let Some(batch) =
            stop.run_until_cancelled(self.backends.queues.receive(queue, 10, WAIT, LEASE)).await
        {
            match batch {
                Ok(deliveries) => {
                    for delivery in deliveries {
                        self.settle(&delivery, self.heard_release(&delivery).await).await;
                    }
                }
                Err(error) => {
                    warn!(%error, "the release events did not answer");
                    stop.run_until_cancelled(tokio::time::sleep(BACK_OFF)).await;
                }
            }
        }
    }

    async fn heard_release(self: &Arc<Self>, delivery: &Delivery) -> Result<(), PortError> {
        let event: ReleaseEvent = read(delivery)?;
        self.tell_release_of(&event.release_id).await
    }

    async fn settle(&self, delivery: &Delivery, heard: Result<(), PortError>) {
        match heard {
            Err(error) if error.kind() != ErrorKind::Malformed && error.kind() != ErrorKind::NotFound => {
                warn!(delivery.attempt = delivery.attempt, %error, "a report was not passed on; it comes again");
            }
            other => {
                if let Err(error) = other {
                    warn!(%error, "a report that makes no sense was dropped");
                }
                if let Err(error) = self.backends.queues.ack(&delivery.receipt).await {
                    warn!(%error, "a report was passed on but not settled");
                }
            }
        }
    }

    async fn tell_result_of(self: &Arc<Self>, id: &MessageId) -> Result<(), PortError> {
        let message = self.backends.messages.get(id).await?;
        self.tell_result(&message).await
    }

    async fn tell_release_of(self: &Arc<Self>, id: &ReleaseId) -> Result<(), PortError> {
        let release = self.backends.releases.get(id).await?;
        self.tell_release(&release).await
    }
}

fn read<T: serde::de::DeserializeOwned>(delivery: &Delivery) -> Result<T, PortError> {
    serde_json::from_str(&delivery.body).map_err(|e| PortError::new(ErrorKind::Malformed, e))
}
