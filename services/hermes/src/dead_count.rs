//! How many dead letters there are: of all who are awake, who were a moment ago, and whose queue had some when it was last
//! looked at. A queue of somebody who sleeps fills no more, so that the others need not be asked.

use crate::desk::Hermes;
use domain::Pair;
use domain::names::QueueSet;
use futures_util::{StreamExt, TryStreamExt, stream};
use ports::{PortError, dead_letters};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Queues that are looked at together.
const AT_ONCE: usize = 8;

/// What this Hermes saw when it looked last.
#[derive(Clone, Default)]
struct Seen {
    /// Queues that had letters. The notes in the store say so before the first look.
    filled: BTreeSet<String>,
    /// Queues of pairs that were awake: their last letter may have come after the look.
    awake: BTreeSet<String>,
}

/// The memory of the looks; `None` before the first.
#[derive(Default)]
pub(crate) struct DeadCount(Mutex<Option<Seen>>);

impl DeadCount {
    fn seen(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, seen: Seen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    fn add(&self, queue: &str) {
        if let Some(seen) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            seen.filled.insert(queue.to_owned());
        }
    }
}

impl Hermes {
    /// Counts the dead letters of pairs, and notes whose queues have some.
    pub(crate) async fn count_dead<'a>(
        &self,
        awake: impl Iterator<Item = &'a Pair>,
    ) -> Result<u64, PortError> {
        let blobs = &*self.backends.blobs;
        let before = match self.dead_count.seen() {
            Some(seen) => seen,
            None => Seen {
                filled: dead_letters::noted(blobs).await?.into_iter().collect(),
                awake: BTreeSet::new(),
            },
        };
        let awake: BTreeSet<String> = awake.map(|pair| QueueSet::of(pair).dlq).collect();
        let queues: BTreeSet<String> =
            [&before.filled, &before.awake, &awake].into_iter().flatten().cloned().collect();
        let depths: Vec<(String, u64)> = stream::iter(queues)
            .map(|queue| async move {
                let depth = self.depth(&queue).await?;
                Ok::<_, PortError>((queue, depth.ready + depth.in_flight))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let letters = depths.iter().map(|(_, letters)| letters).sum();
        let filled: BTreeSet<String> =
            depths.into_iter().filter(|(_, letters)| *letters > 0).map(|(queue, _)| queue).collect();
        for queue in filled.difference(&before.filled) {
            dead_letters::note(blobs, queue).await?;
        }
        for queue in before.filled.difference(&filled) {
            dead_letters::forget(blobs, queue).await?;
        }
        self.dead_count.keep(Seen { filled, awake });
        Ok(letters)
    }

    /// Counts this queue from now on: somebody came upon a letter in it.
    pub(crate) async fn found_dead(&self, queue: &str) -> Result<(), PortError> {
        dead_letters::note(&*self.backends.blobs, queue).await?;
        self.dead_count.add(queue);
        Ok(())
    }
}
