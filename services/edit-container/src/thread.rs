//! One actor per thread: it carries out the thread's messages in `seq` order, one at a time.

use crate::desk::Desk;
use crate::{site, turn};
use domain::session::Event;
use domain::{MessageId, ThreadId};
use ports::messages::Message;
use ports::{ErrorKind, PortError};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::warn;

/// Pause before a message is tried again, times the number of tries.
const BACK_OFF: Duration = Duration::from_secs(2);

/// When the pair last did something.
pub(crate) struct Activity {
    busy: AtomicUsize,
    last: Mutex<Instant>,
}

impl Default for Activity {
    fn default() -> Self {
        Self { busy: AtomicUsize::new(0), last: Mutex::new(Instant::now()) }
    }
}

impl Activity {
    /// Counts as busy until the guard is dropped; the idle clock begins then.
    pub(crate) fn begin(&self) -> Busy<'_> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        Busy(self)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn quiet_for(&self) -> Duration {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// Work is going on.
pub(crate) struct Busy<'a>(&'a Activity);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A handle on a thread's actor.
pub(crate) struct Actor {
    bell: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Actor {
    /// Starts the thread's actor; it ends with the desk.
    pub(crate) fn start(desk: &Arc<Desk>, thread: &ThreadId) -> Self {
        let bell = Arc::new(Notify::new());
        let actor = Run {
            desk: Arc::clone(desk),
            thread: thread.clone(),
            bell: Arc::clone(&bell),
            tries: HashMap::new(),
        };
        Self { bell, task: tokio::spawn(actor.run()) }
    }

    /// Tells it to look for work.
    pub(crate) fn wake(&self) {
        self.bell.notify_one();
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) {
        if let Err(error) = self.task.await {
            warn!(%error, "a thread's actor died");
        }
    }
}

struct Run {
    desk: Arc<Desk>,
    thread: ThreadId,
    bell: Arc<Notify>,
    tries: HashMap<MessageId, u32>,
}

impl Run {
    async fn run(mut self) {
        let served = Event::Served { by: self.desk.id.clone(), epoch: self.desk.epoch };
        if let Err(error) = self.desk.backends.sessions.apply(&self.thread, served).await {
            warn!(thread.id = %self.thread, %error, "the session was not opened");
        }
        let ending = self.desk.ending.clone();
        site::open_in_background(&self.desk, &self.thread);
        while !ending.is_cancelled() {
            match self.next().await {
                Ok(Some(message)) => self.carry_out(message).await,
                Ok(None) => {
                    ending.run_until_cancelled(self.bell.notified()).await;
                }
                Err(error) => {
                    warn!(thread.id = %self.thread, %error, "the store did not answer");
                    ending.run_until_cancelled(tokio::time::sleep(BACK_OFF)).await;
                }
            }
        }
    }

    async fn next(&self) -> Result<Option<Message>, PortError> {
        let due = self.desk.backends.messages.unanswered(&self.desk.pair).await?;
        Ok(due.into_iter().filter(|m| m.thread == self.thread).min_by_key(|m| m.seq))
    }

    async fn carry_out(&mut self, message: Message) {
        let _busy = self.desk.activity.begin();
        let tries = self.tries.entry(message.id.clone()).or_default();
        *tries += 1;
        let tries = *tries;
        match turn::carry_out(&self.desk, &message, tries).await {
            Ok(()) => {
                self.tries.remove(&message.id);
            }
            Err(error) if error.kind() == ErrorKind::LeaseLost => {
                warn!(message.id = %message.id, "another container has this pair now");
                self.desk.ending.cancel();
            }
            Err(_) if self.desk.ending.is_cancelled() => {}
            Err(error) => {
                warn!(message.id = %message.id, attempt = tries, %error, "the turn failed; trying again");
                self.desk.ending.run_until_cancelled(tokio::time::sleep(BACK_OFF * tries)).await;
            }
        }
    }
}
