//! What Hermes counts, and what it measures at each sweep.
//!
//! Only pairs that are awake are looked at: a tenant that sleeps costs no call, unless it has left dead letters behind.

use crate::desk::Hermes;
use domain::message::Kind;
use domain::names::{EDIT_SERVICE, EMAIL_DLQ, EMAIL_QUEUE, QueueSet};
use domain::session::Session;
use domain::{Pair, Timestamp};
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
    /// When the oldest unanswered message was received.
    since: Option<Timestamp>,
}

impl Load {
    fn with(self, other: Self) -> Self {
        Self {
            sessions: self.sessions + other.sessions,
            waiting: self.waiting + other.waiting,
            since: self.since.into_iter().chain(other.since).min(),
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
        let waiting: HashSet<Pair> = self.backends.messages.waiting_pairs().await?.into_iter().collect();
        let held = self.backends.claims.held().await?.into_iter().map(|claim| claim.pair);
        let awake: HashSet<Pair> = held.chain(waiting.iter().cloned()).collect();
        let dead = self.depth(EMAIL_DLQ).await?;
        let dead = dead.ready + dead.in_flight + self.count_dead(awake.iter()).await?;
        let load = stream::iter(awake)
            .map(|pair| {
                let waits = waiting.contains(&pair).then(|| pair.clone());
                async move { Ok::<_, PortError>(self.load_of(&pair).await?.with(self.wait_of(waits).await?)) }
            })
            .buffer_unordered(AT_ONCE)
            .try_fold(self.load_without_pair().await?, async |all, one| Ok(all.with(one)))
            .await?;
        let age = load.since.map(|since| self.backends.clock.now().since(since)).unwrap_or_default();
        for (metric, level) in [
            (Metric::ActiveSessionCount, load.sessions),
            (Metric::QueueDepth, load.waiting),
            (Metric::OldestMessageAgeSeconds, age.as_secs()),
            (Metric::DlqMessages, dead),
            (Metric::ContainersRunning, u64::from(running)),
        ] {
            self.backends.metrics.count(metric, level_of(level));
        }
        Ok(())
    }

    /// Mail that is not read yet, and rollbacks, which no container carries out.
    async fn load_without_pair(&self) -> Result<Load, PortError> {
        let rollbacks = self.backends.messages.waiting_of_kind(Kind::Rollback).await?;
        Ok(Load {
            sessions: 0,
            waiting: self.depth(EMAIL_QUEUE).await?.ready,
            since: rollbacks.iter().map(|message| message.received_at).min(),
        })
    }

    async fn load_of(&self, pair: &Pair) -> Result<Load, PortError> {
        let set = QueueSet::of(pair);
        let awake = self.backends.sessions.awake(pair).await?;
        let active = awake.iter().filter(|row| matches!(row.session, Session::Active { .. })).count();
        let (input, output) = (self.depth(&set.input).await?, self.depth(&set.output).await?);
        Ok(Load { sessions: active as u64, waiting: input.ready + output.ready, since: None })
    }

    /// What is to be said of a pair only if it waits.
    async fn wait_of(&self, pair: Option<Pair>) -> Result<Load, PortError> {
        let Some(pair) = pair else { return Ok(Load::default()) };
        Ok(Load { since: self.backends.messages.waiting_since(&pair).await?, ..Load::default() })
    }

    /// How full a queue is; one that is not there is empty.
    pub(crate) async fn depth(&self, queue: &str) -> Result<Depth, PortError> {
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
