//! Orphans: what is left of containers that ended without a word, and of pairs that nobody has worked for in a day.

use crate::desk::Hermes;
use domain::names::{QueueSet, is_of_a_pair};
use ports::PortError;
use ports::metrics::Metric;
use ports::queues::{Depth, Unused};
use std::collections::HashSet;
use std::time::Duration;
use tracing::{info, warn};

/// How long nobody may have used a queue before it goes. It outlives the sleep of its container by far, since AWS refuses
/// the name of a deleted one for a minute.
const UNUSED: Duration = Duration::from_hours(24);
/// Between two looks for such queues.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// Most that are looked at once.
const QUEUES: usize = 1_000;

impl Hermes {
    /// Puts sessions to sleep that nobody serves any more; once an hour, removes queues that nobody uses. Several may do it
    /// at once: what is done twice is done once.
    pub(crate) async fn tidy(&self) -> Result<(), PortError> {
        let lapsed = self.backends.sessions.lapse().await?;
        if !lapsed.is_empty() {
            info!(sessions = lapsed.len(), "put to sleep what a container left without a word");
        }
        if self.orphans.is_due(self.backends.clock.now(), LOOK_AGAIN) {
            self.remove_unused().await?;
        }
        Ok(())
    }

    async fn remove_unused(&self) -> Result<(), PortError> {
        let mut unused = self.backends.queues.unused(UNUSED, QUEUES).await?;
        unused.retain(|unused| is_of_a_pair(&unused.queue));
        if unused.is_empty() {
            return Ok(());
        }
        let held = self.backends.claims.held().await?.into_iter().map(|claim| claim.pair);
        let awake: HashSet<String> = held
            .chain(self.backends.messages.waiting_pairs().await?)
            .map(|pair| QueueSet::of(&pair))
            .flat_map(|set| [set.input, set.output])
            .collect();
        for orphan in unused.iter().filter(|unused| !awake.contains(&unused.queue)) {
            if let Err(error) = self.remove_orphan(orphan).await {
                self.backends.metrics.count(Metric::CleanupErrors, 1.0);
                warn!(%error, "an unused queue was not removed");
            }
        }
        Ok(())
    }

    /// Removes a queue and its dead letters, unless there are any: those are an operator's matter.
    async fn remove_orphan(&self, orphan: &Unused) -> Result<(), PortError> {
        let queues = &self.backends.queues;
        if let Some(dead_letters) = &orphan.dead_letters {
            if self.depth(dead_letters).await? != Depth::default() {
                return self.found_dead(dead_letters).await;
            }
            // First: after a crash between the two, the queue is still found.
            queues.remove(dead_letters).await?;
        }
        queues.remove(&orphan.queue).await?;
        info!(queue = orphan.queue, "removed a queue that nobody has used for a day");
        Ok(())
    }
}
