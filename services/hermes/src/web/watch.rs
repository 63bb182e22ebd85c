//! Follows a thread: its present state, then what happens, until the end.

use super::state::App;
use domain::ThreadId;
use ports::progress::ProgressEvent;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

/// How often a quiet stream shows that it lives, and looks for what no event told.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long words are gathered before they are sent on.
const GATHER: Duration = Duration::from_millis(60);

/// What a watcher hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The beginning, or events were missed: read the store.
    Look,
    /// Nothing for a while.
    Quiet,
    /// This happened.
    Event(ProgressEvent),
}

/// One watcher of one thread.
pub(crate) struct Watch {
    events: Receiver<ProgressEvent>,
    stop: CancellationToken,
    quiet: Interval,
    begun: bool,
}

impl Watch {
    /// Watches from now on: what happens after this returns is heard.
    pub(crate) fn new(app: &App, thread: &ThreadId) -> Self {
        let mut quiet = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        quiet.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { events: app.backends.progress.watch(thread), stop: app.stop.clone(), quiet, begun: false }
    }

    /// The next thing; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(Heard::Look);
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            event = self.events.recv() => match event {
                Ok(event) => Some(Heard::Event(event)),
                Err(RecvError::Lagged(_)) => Some(Heard::Look),
                Err(RecvError::Closed) => None,
            },
            _ = self.quiet.tick() => Some(Heard::Quiet),
        }
    }

    /// The next things, gathered for a moment, so that words are not sent one by one.
    pub(crate) async fn batch(&mut self) -> Option<Vec<Heard>> {
        let first = self.next().await?;
        let mut batch = vec![first];
        if matches!(batch[0], Heard::Event(ProgressEvent::Text { .. })) {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(GATHER) => {}
            }
        }
        loop {
            match self.events.try_recv() {
                Ok(event) => batch.push(Heard::Event(event)),
                Err(TryRecvError::Lagged(_)) => batch.push(Heard::Look),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(batch),
            }
        }
    }
}
