//! Hermes as a running service: its parts, and the loops that keep them going.

use crate::config::Config;
use crate::dead_count::DeadCount;
use crate::last_look::LastLook;
use crate::listen::Listeners;
use crate::outgoing::Outgoing;
use crate::scaler::Scaler;
use crate::ses_mail::Strays;
use domain::message::{ClaimRequest, Kind, Schema, Work};
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE, QueueSet, RELEASE_EVENTS_QUEUE, UNCLAIMED_QUEUE};
use domain::{Pair, Timestamp};
use ports::messages::Message;
use ports::queues::{MAX_RECEIVES, ensure_set};
use ports::releases::{Order, Ordered};
use ports::{Backends, ErrorKind, PortError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

/// A pair is not asked for again within this time, but by the sweep after it.
const ASK_AGAIN: Duration = Duration::from_secs(8);
/// Longest instruction that travels on the queue; a longer one stands in the store only.
const INLINE_MAX: usize = 64 * 1024;

/// Wakes the build service after an order was entered.
pub type BuilderBell = Arc<dyn Fn() + Send + Sync>;

/// Hermes. Several may run on the same stores.
pub struct Hermes {
    pub(crate) config: Config,
    pub(crate) backends: Backends,
    pub(crate) builder: BuilderBell,
    pub(crate) listeners: Listeners,
    pub(crate) strays: Strays,
    pub(crate) scaler: Scaler,
    pub(crate) orphans: LastLook,
    pub(crate) outgoing: Outgoing,
    pub(crate) reminders: LastLook,
    pub(crate) dead_count: DeadCount,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    asked: Mutex<HashMap<Pair, Timestamp>>,
}

impl Hermes {
    /// A Hermes that ends with `stop`; `builder` wakes the build service.
    pub fn new(
        config: Config,
        backends: Backends,
        builder: BuilderBell,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            config,
            backends,
            builder,
            listeners: Listeners::default(),
            strays: Strays::default(),
            scaler: Scaler::new(),
            orphans: LastLook::default(),
            outgoing: Outgoing::default(),
            reminders: LastLook::default(),
            dead_count: DeadCount::default(),
            tasks: TaskTracker::new(),
            stop,
            asked: Mutex::default(),
        })
    }

    /// Creates the queues that Hermes reads.
    pub async fn ensure_queues(backends: &Backends) -> Result<(), PortError> {
        let queues = &backends.queues;
        queues.ensure(EMAIL_QUEUE, Some(EMAIL_DLQ), MAX_RECEIVES).await?;
        queues.ensure(UNCLAIMED_QUEUE, None, MAX_RECEIVES).await?;
        queues.ensure(RELEASE_EVENTS_QUEUE, None, MAX_RECEIVES).await
    }

    /// Reads mail, outcomes and release events, and sweeps, until stopped.
    pub async fn run(self: Arc<Self>) -> Result<(), PortError> {
        Self::ensure_queues(&self.backends).await?;
        let (mail, releases, sweep) = (Arc::clone(&self), Arc::clone(&self), Arc::clone(&self));
        self.tasks.spawn(async move { mail.read_mail().await });
        self.tasks.spawn(async move { releases.read_releases().await });
        self.tasks.spawn(async move { sweep.sweep_until_stopped().await });
        self.stop.cancelled().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.leave_scaling().await;
        Ok(())
    }

    /// Sends a recorded message to whoever carries it out. May be done again at any time.
    pub(crate) async fn send(self: &Arc<Self>, message: &Message) -> Result<(), PortError> {
        if message.kind == Kind::Rollback {
            let key = format!("rollback/{}", message.id);
            let order = Order::Rollback { message: Some(message.id.clone()) };
            let project = message.pair.project_id.clone();
            self.backends.releases.order(&Ordered { key, project, order }).await?;
            (self.builder)();
            return Ok(());
        }
        let set = QueueSet::of(&message.pair);
        let body =
            serde_json::to_string(&work_of(message)).map_err(|e| PortError::new(ErrorKind::Malformed, e))?;
        match self.backends.queues.send(&set.input, &body).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // A container takes the row from the store, and creates the queues when their names are free again.
                if let Err(error) = self.send_first(&set, &body).await {
                    warn!(message.id = %message.id, %error, "there is no bell to ring yet");
                }
            }
            other => other?,
        }
        bootstrap::fault::point("work.sent");
        self.want(&message.pair).await
    }

    async fn send_first(&self, set: &QueueSet, body: &str) -> Result<(), PortError> {
        ensure_set(&*self.backends.queues, set).await?;
        self.backends.queues.send(&set.input, body).await
    }

    /// Sees to it that a container serves the pair, and listens for what it reports.
    pub(crate) async fn want(self: &Arc<Self>, pair: &Pair) -> Result<(), PortError> {
        self.listen_to(pair);
        if self.backends.claims.holder(pair).await?.is_none() && self.may_ask(pair) {
            let request = ClaimRequest { schema: Schema, pair: pair.clone() };
            let body =
                serde_json::to_string(&request).map_err(|e| PortError::new(ErrorKind::Malformed, e))?;
            self.backends.queues.send(UNCLAIMED_QUEUE, &body).await?;
            self.scale().await?;
        }
        Ok(())
    }

    fn may_ask(&self, pair: &Pair) -> bool {
        let now = self.backends.clock.now();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| now.since(*at) < ASK_AGAIN);
        if asked.contains_key(pair) {
            return false;
        }
        asked.insert(pair.clone(), now);
        true
    }
}

fn work_of(message: &Message) -> Work {
    let long = message.instruction.len() > INLINE_MAX;
    Work {
        schema: Schema,
        message_id: message.id.clone(),
        thread_id: message.thread.clone(),
        client_id: message.pair.client_id.clone(),
        project_id: message.pair.project_id.clone(),
        user_id: message.pair.user_id.clone(),
        author_id: message.author.clone(),
        seq: message.seq,
        kind: message.kind,
        instruction: if long { String::new() } else { message.instruction.clone() },
        attachments: message.attachments.clone(),
        issued_at: message.received_at,
    }
}
