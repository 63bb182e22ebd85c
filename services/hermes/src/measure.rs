//! What Hermes counts, and what it measures at each sweep.
//!
//! Only pairs that are awake are looked at: a tenant that sleeps costs no call.

use crate::desk::Hermes;
use domain::Pair;
use domain::names::{EDIT_SERVICE, EMAIL_DLQ, EMAIL_QUEUE, QueueSet};
use domain::session::Session;
use futures_util::{StreamExt, TryStreamExt, stream};
use ports::messages::{NewMessage, Recorded};
use ports::metrics::Metric;
use ports::queues::Depth;
use ports::{ErrorKind, PortError};
use std::collections::HashSet;

/// Pairs that are looked at together.
const AT_ONCE: usize = 8;

/// What is measured of one pair, or of all of them.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    sessions: u64,
    waiting: u64,
    dead: u64,
}

impl Load {
    fn with(self, other: Self) -> Self {
        Self {
            sessions: self.sessions + other.sessions,
            waiting: self.waiting + other.waiting,
            dead: self.dead + other.dead,
        }
    }
}

impl Hermes {
    /// Records a message, and counts it the first time.
    pub(crate) async fn record(&self, new: NewMessage) -> Result<Recorded, PortError> {
        let recorded = self.backends.messages.record(new).await?;
        if matches!(recorded, Recorded::Fresh(_)) {
            self.backends.metrics.count(Metric::MessagesReceived, 1.0);
        }
        Ok(recorded)
    }

    /// Measures the fleet. A level of 0 is said too: scaling in waits for it.
    pub(crate) async fn measure(&self) -> Result<(), PortError> {
        let running = self.backends.fleet.count(EDIT_SERVICE).await?.running;
        let email = Load {
            sessions: 0,
            waiting: self.depth(EMAIL_QUEUE).await?.ready,
            dead: self.depth(EMAIL_DLQ).await?.ready,
        };
        let held = self.backends.claims.held().await?.into_iter().map(|claim| claim.pair);
        let awake: HashSet<Pair> = held.chain(self.backends.messages.waiting_pairs().await?).collect();
        let load = stream::iter(awake)
            .map(|pair| async move { self.load_of(&pair).await })
            .buffer_unordered(AT_ONCE)
            .try_fold(email, async |all, one| Ok(all.with(one)))
            .await?;
        for (metric, level) in [
            (Metric::ActiveSessionCount, load.sessions),
            (Metric::QueueDepth, load.waiting),
            (Metric::DlqMessages, load.dead),
            (Metric::ContainersRunning, u64::from(running)),
        ] {
            self.backends.metrics.count(metric, level_of(level));
        }
        Ok(())
    }

    async fn load_of(&self, pair: &Pair) -> Result<Load, PortError> {
        let set = QueueSet::of(pair);
        let awake = self.backends.sessions.awake(pair).await?;
        let active = awake.iter().filter(|row| matches!(row.session, Session::Active { .. })).count();
        let (input, output) = (self.depth(&set.input).await?, self.depth(&set.output).await?);
        Ok(Load {
            sessions: active as u64,
            waiting: input.ready + output.ready,
            dead: self.depth(&set.dlq).await?.ready,
        })
    }

    /// How full a queue is; one that is not there is empty.
    async fn depth(&self, queue: &str) -> Result<Depth, PortError> {
        match self.backends.queues.depth(queue).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Depth::default()),
            depth => depth,
        }
    }
}

/// A level as metrics carry it; exact up to 2^32.
fn level_of(level: u64) -> f64 {
    u32::try_from(level).map_or(f64::from(u32::MAX), f64::from)
}
