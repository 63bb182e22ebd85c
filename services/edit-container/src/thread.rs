//! One actor per thread: it carries out the thread's messages in `seq` order, one at a time.

use crate::claimed::Claimed;
use crate::stop::{Stop, Why};
use crate::{interruption, site, turn};
use domain::session::Event;
use domain::{MessageId, Seq, ThreadId};
use ports::messages::Message;
use ports::{ErrorKind, PortError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::warn;

/// Pause before a message is tried again, times the number of tries.
const BACK_OFF: Duration = Duration::from_secs(2);

/// The turn that is running.
struct Turn {
    instruction: String,
    /// The newest message that was there when it began, or that it heeded since.
    heeded: Seq,
    stop: Stop,
}

type Running = Arc<Mutex<Option<Turn>>>;

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

    /// Lets a message that came while a turn runs act on it, once. What was there before is done in its order.
    pub(crate) fn heed(&self, claimed: &Arc<Claimed>, message: &Message) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = running.as_mut().filter(|turn| turn.heeded < message.seq) {
            turn.heeded = message.seq;
            interruption::heed(claimed, (&turn.instruction, &turn.stop), message);
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
        let newest = due.iter().map(|message| message.seq).max();
        let Some(message) = due.iter().min_by_key(|message| message.seq).cloned() else { return Ok(None) };
        let mut later = due.iter().filter(|other| other.seq > message.seq);
        let called_off = later.find_map(interruption::calls_off);
        Ok(newest.map(|newest| Next { message, newest, called_off }))
    }

    async fn carry_out(&mut self, Next { message, newest, called_off }: Next) {
        let _busy = self.claimed.activity.begin();
        let stop = Stop::below(&self.claimed.ending);
        if let Some(why) = called_off {
            stop.stop(why);
        }
        let instruction = message.instruction.clone();
        self.set_running(Some(Turn { instruction, heeded: newest, stop: stop.clone() }));
        let tries = self.tries.entry(message.id.clone()).or_default();
        *tries += 1;
        let tries = *tries;
        // A turn is large, and an actor mostly waits.
        let carried_out = Box::pin(turn::carry_out(&self.claimed, &message, tries, &stop)).await;
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

    fn set_running(&self, running: Option<Turn>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

struct Next {
    message: Message,
    /// The newest that waits.
    newest: Seq,
    called_off: Option<Why>,
}
