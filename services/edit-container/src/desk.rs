//! Serving one claimed pair: listen, hand work to the thread actors, keep the claim, leave when idle.

use crate::bell::{self, Bell};
use crate::check::Builds;
use crate::claimed::{Activity, Claimed, TreeLocks};
use crate::config::{Config, Previews};
use crate::registry::PreviewRegistry;
use crate::site::Finder;
use crate::thread::Actor;
use agent::Agents;
use bootstrap::fault;
use domain::names::QueueSet;
use domain::session::{Event, Session};
use domain::{ContainerId, Epoch, Pair, ThreadId};
use ports::claims::Release;
use ports::metrics::Metric;
use ports::queues::Delivery;
use ports::{Backends, ErrorKind, PortError, dead_letters};
use preview::{PreviewHost, Saved, Sites};
use publish::ThreadSnapshots;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

/// Pause after a store or queue error.
const BACK_OFF: Duration = Duration::from_secs(1);
/// While the idle clock has run out but something still goes on.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// How long draining waits for turns to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// One claimed pair at work.
pub(crate) struct Desk {
    claimed: Arc<Claimed>,
    actors: HashMap<ThreadId, Actor>,
}

impl Desk {
    /// Sets up what turns need; nothing is started yet.
    pub(crate) fn open(
        (id, pair, epoch): (ContainerId, Pair, Epoch),
        config: &Config,
        backends: &Backends,
        registry: &Arc<PreviewRegistry>,
    ) -> std::io::Result<Self> {
        let ending = CancellationToken::new();
        let finder = Arc::new(Finder { claimed: OnceLock::new(), saved: saved(config, backends) });
        let sites: Arc<dyn Sites> = finder.clone();
        let previews = match config.previews {
            Previews::Live => Some(PreviewHost::new(config.preview.clone(), sites, &ending)?),
            Previews::Off => None,
        };
        let claimed = Arc::new(Claimed {
            queues: QueueSet::of(&pair),
            agents: Agents::new(config.agent.clone()),
            previews,
            registry: Arc::clone(registry),
            config: config.clone(),
            backends: backends.clone(),
            opened: Mutex::default(),
            trees: TreeLocks::default(),
            activity: Activity::default(),
            builds: Builds::default(),
            tasks: TaskTracker::new(),
            id,
            pair,
            epoch,
            ending,
        });
        // Set once, here.
        let _ = finder.claimed.set(Arc::downgrade(&claimed));
        Ok(Self { claimed, actors: HashMap::new() })
    }

    /// Serves until idle, until the claim is lost, or until `stop`.
    pub(crate) async fn serve(mut self, stop: CancellationToken) {
        let claimed = Arc::clone(&self.claimed);
        let end = tokio::select! {
            () = stop.cancelled() => "asked to stop",
            () = claimed.ending.cancelled() => "found that it has lost its claim",
            () = keep_claim(&claimed) => "lost its claim",
            () = self.listen() => "idle",
        };
        info!(container.id = %claimed.id, reason = end, "leaving");
        claimed.ending.cancel();
        self.close().await;
    }

    /// Hands what is due to the actors, then waits for the bell; returns when the pair was released as idle.
    async fn listen(&mut self) {
        let mut bell = Bell::of(&self.claimed.backends.queues, &self.claimed.queues);
        loop {
            let step = async {
                self.hand_out().await?;
                let rung = bell.hear(self.patience()).await?;
                if rung.is_empty() {
                    return self.release_if_idle().await;
                }
                // The rows are the truth and the actors read them; the bells have done their part.
                self.hand_out().await?;
                for delivery in &rung {
                    self.settle(delivery).await?;
                }
                Ok(Release::StillWanted)
            };
            match step.await {
                Ok(Release::Released) => return,
                Ok(Release::StillWanted) => {}
                Err(error) => {
                    warn!(container.id = %self.claimed.id, %error, "listening failed; trying again");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }

    /// How long to wait for the bell: the idle clock may run out before it rings.
    fn patience(&self) -> Duration {
        let idle_in = self.claimed.config.times.idle.saturating_sub(self.quiet_for());
        self.claimed.config.times.poll.min(idle_in.max(SHORTEST_POLL))
    }

    /// Takes a bell off the queue. What is none can only be an operator's matter, at once and not after three receives.
    async fn settle(&self, delivery: &Delivery) -> Result<(), PortError> {
        let queues = &self.claimed.backends.queues;
        if !bell::rings(&delivery.body) {
            warn!(container.id = %self.claimed.id, "a message makes no sense; it goes to the dead letters");
            dead_letters::note(&*self.claimed.backends.blobs, &self.claimed.queues.dlq).await?;
            queues.send(&self.claimed.queues.dlq, &delivery.body).await?;
        }
        queues.ack(&delivery.receipt).await?;
        fault::point("work.acked");
        Ok(())
    }

    /// Wakes an actor for every thread with an unanswered message or a session that nobody serves yet.
    async fn hand_out(&mut self) -> Result<(), PortError> {
        for message in self.claimed.backends.messages.unanswered(&self.claimed.pair).await? {
            let actor = self
                .actors
                .entry(message.thread.clone())
                .or_insert_with_key(|t| Actor::start(&self.claimed, t));
            actor.heed(&self.claimed, &message);
            actor.wake();
        }
        for row in self.claimed.backends.sessions.awake(&self.claimed.pair).await? {
            if matches!(row.session, Session::Initializing { .. }) {
                self.actors
                    .entry(row.thread.clone())
                    .or_insert_with_key(|t| Actor::start(&self.claimed, t))
                    .wake();
            }
        }
        Ok(())
    }

    /// For how long nothing was done here, and no preview was looked at.
    fn quiet_for(&self) -> Duration {
        let last_hit = self
            .claimed
            .previews
            .iter()
            .flat_map(|p| self.actors.keys().filter_map(|t| p.last_activity(t)))
            .max();
        let looked_at = last_hit.map_or(Duration::MAX, |at| at.elapsed());
        self.claimed.activity.quiet_for().min(looked_at)
    }

    async fn release_if_idle(&self) -> Result<Release, PortError> {
        if self.claimed.activity.is_busy() || self.quiet_for() < self.claimed.config.times.idle {
            return Ok(Release::StillWanted);
        }
        self.claimed
            .backends
            .claims
            .release_idle(&self.claimed.pair, &self.claimed.id, self.claimed.epoch)
            .await
    }

    async fn close(self) {
        let threads: Vec<ThreadId> = self.actors.keys().cloned().collect();
        self.claimed.tasks.close();
        let ended = async {
            self.claimed.tasks.wait().await;
            for actor in self.actors.into_values() {
                actor.ended().await;
            }
        };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            warn!(container.id = %self.claimed.id, "a turn did not stop in time");
        }
        self.claimed.registry.leave(threads.iter());
        self.claimed.agents.drain().await;
        if let Some(previews) = &self.claimed.previews {
            previews.drain().await;
        }
        for thread in threads {
            let left = self
                .claimed
                .backends
                .sessions
                .apply(&thread, Event::Left { epoch: self.claimed.epoch })
                .await;
            if let Err(error) = left {
                self.claimed.backends.metrics.count(Metric::CleanupErrors, 1.0);
                warn!(thread.id = %thread, %error, "the session was not closed");
            }
        }
    }
}

/// The snapshots of threads, as the preview shows them.
fn saved(config: &Config, backends: &Backends) -> Arc<Saved> {
    let Backends { blobs, threads, clock, .. } = backends.clone();
    Saved::new(ThreadSnapshots::new(blobs, threads, clock), &config.preview.app_origin)
}

/// Renews the claim every third of its life; returns when it is lost.
async fn keep_claim(claimed: &Claimed) {
    let lease = claimed.config.times.lease;
    loop {
        tokio::time::sleep(lease / 3).await;
        match claimed.backends.claims.renew(&claimed.pair, &claimed.id, claimed.epoch, lease).await {
            Ok(()) => fault::point("claim.renewed"),
            Err(error) if error.kind() == ErrorKind::LeaseLost => return,
            Err(error) => warn!(container.id = %claimed.id, %error, "the claim was not renewed"),
        }
    }
}
