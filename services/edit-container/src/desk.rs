//! Serving one claimed pair: listen, hand work to the thread actors, keep the claim, leave when idle.

use crate::config::{Config, Previews};
use crate::registry::PreviewRegistry;
use crate::site::{Finder, TreeLocks};
use crate::thread::{Activity, Actor};
use agent::Agents;
use domain::message::Kind;
use domain::names::QueueSet;
use domain::session::{Event, Session};
use domain::{ContainerId, Epoch, Pair, ThreadId};
use ports::claims::Release;
use ports::{Backends, ErrorKind, PortError, queues};
use preview::{PreviewHost, Sites};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use workspace::Workspace;

/// How long a work message is hidden while its row is looked up.
const RING_LEASE: Duration = Duration::from_secs(30);
/// Pause after a store or queue error.
const BACK_OFF: Duration = Duration::from_secs(1);
/// While the idle clock has run out but something still goes on.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// How long draining waits for turns to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// What every turn of the pair works with.
pub(crate) struct Desk {
    pub(crate) id: ContainerId,
    pub(crate) pair: Pair,
    pub(crate) epoch: Epoch,
    pub(crate) config: Config,
    pub(crate) backends: Backends,
    pub(crate) agents: Agents,
    /// `None` where there are no dev servers.
    pub(crate) previews: Option<Arc<PreviewHost>>,
    pub(crate) registry: Arc<PreviewRegistry>,
    pub(crate) queues: QueueSet,
    pub(crate) workspace: OnceCell<Arc<Workspace>>,
    /// One at a time touches a thread's worktree: its turn, or the opening of its preview.
    pub(crate) trees: TreeLocks,
    pub(crate) activity: Activity,
    /// Ends every turn: the container drains, or the claim is lost.
    pub(crate) ending: CancellationToken,
}

impl Desk {
    /// Sets up what turns need; nothing is started yet.
    pub(crate) fn open(
        (id, pair, epoch): (ContainerId, Pair, Epoch),
        config: &Config,
        backends: &Backends,
        registry: &Arc<PreviewRegistry>,
    ) -> std::io::Result<Arc<Self>> {
        let ending = CancellationToken::new();
        let finder = Arc::new(Finder::default());
        let sites: Arc<dyn Sites> = finder.clone();
        let previews = match config.previews {
            Previews::Live => Some(PreviewHost::new(config.preview.clone(), sites, &ending)?),
            Previews::Off => None,
        };
        let desk = Arc::new(Self {
            queues: QueueSet::of(&pair),
            agents: Agents::new(config.agent.clone()),
            previews,
            registry: Arc::clone(registry),
            config: config.clone(),
            backends: backends.clone(),
            workspace: OnceCell::new(),
            trees: TreeLocks::default(),
            activity: Activity::default(),
            id,
            pair,
            epoch,
            ending,
        });
        // Set once, here.
        let _ = finder.0.set(Arc::downgrade(&desk));
        Ok(desk)
    }

    /// Serves until idle, until the claim is lost, or until `stop`.
    pub(crate) async fn serve(self: &Arc<Self>, stop: CancellationToken) {
        let mut actors = HashMap::new();
        let end = tokio::select! {
            () = stop.cancelled() => "asked to stop",
            () = self.keep_claim() => "lost its claim",
            () = self.listen(&mut actors) => "idle",
        };
        tracing::info!(container.id = %self.id, reason = end, "leaving");
        self.ending.cancel();
        self.close(actors).await;
    }

    /// Hands what is due to the actors, then waits for the bell; returns when the pair was released as idle.
    async fn listen(self: &Arc<Self>, actors: &mut HashMap<ThreadId, Actor>) {
        if let Err(error) = queues::ensure_set(&*self.backends.queues, &self.queues).await {
            warn!(container.id = %self.id, %error, "queues could not be created");
        }
        loop {
            let step = async {
                self.hand_out(actors).await?;
                let idle_in = self.config.times.idle.saturating_sub(self.quiet_for(actors));
                let wait = self.config.times.poll.min(idle_in.max(SHORTEST_POLL));
                let rung = self.backends.queues.receive(&self.queues.input, 10, wait, RING_LEASE).await?;
                if rung.is_empty() {
                    return self.release_if_idle(actors).await;
                }
                // The rows are the truth and the actors read them; the bells have done their part.
                self.hand_out(actors).await?;
                for delivery in &rung {
                    self.backends.queues.ack(&delivery.receipt).await?;
                }
                Ok(Release::StillWanted)
            };
            match step.await {
                Ok(Release::Released) => return,
                Ok(Release::StillWanted) => {}
                Err(error) => {
                    warn!(container.id = %self.id, %error, "listening failed; trying again");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }

    /// Wakes an actor for every thread with an unanswered message or a session that nobody serves yet.
    async fn hand_out(self: &Arc<Self>, actors: &mut HashMap<ThreadId, Actor>) -> Result<(), PortError> {
        for message in self.backends.messages.unanswered(&self.pair).await? {
            let actor = actors.entry(message.thread.clone()).or_insert_with_key(|t| Actor::start(self, t));
            if message.kind == Kind::Cancel {
                actor.stop_before(message.seq);
            }
            actor.wake();
        }
        for row in self.backends.sessions.awake(&self.pair).await? {
            if matches!(row.session, Session::Initializing { .. }) {
                actors.entry(row.thread.clone()).or_insert_with_key(|t| Actor::start(self, t)).wake();
            }
        }
        Ok(())
    }

    /// For how long nothing was done here, and no preview was looked at.
    fn quiet_for(&self, actors: &HashMap<ThreadId, Actor>) -> Duration {
        let last_hit =
            self.previews.iter().flat_map(|p| actors.keys().filter_map(|t| p.last_activity(t))).max();
        let looked_at = last_hit.map_or(Duration::MAX, |at| at.elapsed());
        self.activity.quiet_for().min(looked_at)
    }

    async fn release_if_idle(&self, actors: &HashMap<ThreadId, Actor>) -> Result<Release, PortError> {
        if self.activity.is_busy() || self.quiet_for(actors) < self.config.times.idle {
            return Ok(Release::StillWanted);
        }
        self.backends.claims.release_idle(&self.pair, &self.id, self.epoch).await
    }

    /// Renews the claim every third of its life; returns when it is lost.
    async fn keep_claim(&self) {
        let lease = self.config.times.lease;
        loop {
            tokio::time::sleep(lease / 3).await;
            match self.backends.claims.renew(&self.pair, &self.id, self.epoch, lease).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::LeaseLost => return,
                Err(error) => warn!(container.id = %self.id, %error, "the claim was not renewed"),
            }
        }
    }

    async fn close(&self, actors: HashMap<ThreadId, Actor>) {
        let threads: Vec<ThreadId> = actors.keys().cloned().collect();
        let ended = async {
            for actor in actors.into_values() {
                actor.ended().await;
            }
        };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            warn!(container.id = %self.id, "a turn did not stop in time");
        }
        self.registry.leave(threads.iter());
        self.agents.drain().await;
        if let Some(previews) = &self.previews {
            previews.drain().await;
        }
        for thread in threads {
            let left = self.backends.sessions.apply(&thread, Event::Left { epoch: self.epoch }).await;
            if let Err(error) = left {
                warn!(thread.id = %thread, %error, "the session was not closed");
            }
        }
    }
}
