//! One actor per thread: it carries out the thread's messages in `seq` order, one at a time.

use crate::claimed::Claimed;
use crate::{site, turn};
use domain::message::Kind;
use domain::session::Event;
use domain::{MessageId, Seq, ThreadId};
use ports::messages::Message;
use ports::{ErrorKind, PortError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Pause before a message is tried again, times the number of tries.
const BACK_OFF: Duration = Duration::from_secs(2);

/// The turn that is running, and how to stop it.
type Running = Arc<Mutex<Option<(Seq, CancellationToken)>>>;

/// A handle on a thread's actor.
pub(crate) struct Actor {
    bell: Arc<Notify>,
    running: Running,
    task: JoinHandle<()>,
}

impl Actor {
    /// Starts the thread's actor; it ends with the desk.
    pub(crate) fn start(claimed: &Arc<Claimed>, thread: &ThreadId) -> Self {
        let (bell, running) = (Arc::new(Notify::new()), Running::default());
        let actor = Run {
            claimed: Arc::clone(claimed),
            thread: thread.clone(),
            bell: Arc::clone(&bell),
            running: Arc::clone(&running),
            tries: HashMap::new(),
        };
        Self { bell, running, task: tokio::spawn(actor.run()) }
    }

    /// Asks a running turn to stop if it is for a message before `seq`: a late lower one never stops a higher one.
    pub(crate) fn stop_before(&self, seq: Seq) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stop)) = running.as_ref().filter(|(at, _)| *at < seq) {
            stop.cancel();
        }
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
    claimed: Arc<Claimed>,
    thread: ThreadId,
    bell: Arc<Notify>,
    running: Running,
    tries: HashMap<MessageId, u32>,
}

impl Run {
    async fn run(mut self) {
        let served = Event::Served { by: self.claimed.id.clone(), epoch: self.claimed.epoch };
        if let Err(error) = self.claimed.backends.sessions.apply(&self.thread, served).await {
            warn!(thread.id = %self.thread, %error, "the session was not opened");
        }
        let ending = self.claimed.ending.clone();
        site::open_in_background(&self.claimed, &self.thread);
        while !ending.is_cancelled() {
            match self.next().await {
                Ok(Some(next)) => self.carry_out(next).await,
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

    /// The next message, and whether a later one has already called it off.
    async fn next(&self) -> Result<Option<Next>, PortError> {
        let mut due = self.claimed.backends.messages.unanswered(&self.claimed.pair).await?;
        due.retain(|message| message.thread == self.thread);
        let last_cancel = due.iter().filter(|m| m.kind == Kind::Cancel).map(|m| m.seq).max();
        let next = due.into_iter().min_by_key(|message| message.seq);
        Ok(next.map(|message| Next { called_off: last_cancel.is_some_and(|at| at > message.seq), message }))
    }

    async fn carry_out(&mut self, Next { message, called_off }: Next) {
        let _busy = self.claimed.activity.begin();
        let stop = self.claimed.ending.child_token();
        if called_off {
            stop.cancel();
        }
        self.set_running(Some((message.seq, stop.clone())));
        let tries = self.tries.entry(message.id.clone()).or_default();
        *tries += 1;
        let tries = *tries;
        let carried_out = turn::carry_out(&self.claimed, &message, tries, &stop).await;
        self.set_running(None);
        match carried_out {
            Ok(()) => {
                self.tries.remove(&message.id);
            }
            Err(error) if error.kind() == ErrorKind::LeaseLost => {
                warn!(message.id = %message.id, "another container has this pair now");
                self.claimed.ending.cancel();
            }
            Err(_) if self.claimed.ending.is_cancelled() => {}
            Err(error) => {
                warn!(message.id = %message.id, attempt = tries, %error, "the turn failed; trying again");
                self.claimed.ending.run_until_cancelled(tokio::time::sleep(BACK_OFF * tries)).await;
            }
        }
    }

    fn set_running(&self, running: Option<(Seq, CancellationToken)>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

struct Next {
    message: Message,
    called_off: bool,
}
