//! Which processes are alive: at most so many, the least recently used ended first, a busy one never.

use crate::process::Process;
use domain::ThreadId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The places for processes.
pub(crate) struct Pool {
    places: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Default)]
struct State {
    /// The least recently used first.
    idle: VecDeque<(ThreadId, Process)>,
    busy: HashSet<ThreadId>,
    /// Busy threads whose process is not to be kept.
    forgotten: HashSet<ThreadId>,
    closed: bool,
}

/// A place taken by one thread's turn. Dropping it frees the place.
pub(crate) struct Seat<'a> {
    pool: &'a Pool,
    thread: ThreadId,
    /// The thread's warm process, where it had one.
    pub(crate) warm: Option<Process>,
}

/// What an attempt to take a place came to.
enum Attempt {
    Taken(Option<Process>),
    /// Taken once this other thread's process has ended.
    Instead(Process),
    Full,
    Closed,
}

impl Pool {
    pub(crate) fn new(places: usize) -> Self {
        Self { places: places.max(1), state: Mutex::default(), freed: Notify::new() }
    }

    /// Takes a place for `thread`, waiting until one is free and no other turn of the thread runs.
    /// `None` once the pool is closed.
    pub(crate) async fn seat(&self, thread: &ThreadId) -> Option<Seat<'_>> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let attempt = self.locked().attempt(thread, self.places);
            let seat = |warm| Seat { pool: self, thread: thread.clone(), warm };
            match attempt {
                Attempt::Taken(warm) => return Some(seat(warm)),
                Attempt::Instead(other) => {
                    let seat = seat(None);
                    other.end().await;
                    return Some(seat);
                }
                Attempt::Full => freed.await,
                Attempt::Closed => return None,
            }
        }
    }

    /// Ends the thread's process: at once when it is idle, else after its turn.
    pub(crate) async fn forget(&self, thread: &ThreadId) {
        let process = {
            let mut state = self.locked();
            if state.busy.contains(thread) {
                state.forgotten.insert(thread.clone());
            }
            state.take_idle(thread)
        };
        if let Some(process) = process {
            process.end().await;
        }
    }

    /// Lets no turn begin any more, waits for those that run, and ends every process.
    pub(crate) async fn drain(&self) {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let (idle, busy) = {
                let mut state = self.locked();
                state.closed = true;
                (std::mem::take(&mut state.idle), state.busy.len())
            };
            self.freed.notify_waiters();
            for (_, process) in idle {
                process.end().await;
            }
            if busy == 0 {
                return;
            }
            freed.await;
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn attempt(&mut self, thread: &ThreadId, places: usize) -> Attempt {
        if self.closed {
            return Attempt::Closed;
        }
        if self.busy.contains(thread) {
            return Attempt::Full;
        }
        let attempt = match self.take_idle(thread) {
            Some(process) => Attempt::Taken(Some(process)),
            None if self.idle.len() + self.busy.len() < places => Attempt::Taken(None),
            None => match self.idle.pop_front() {
                Some((_, process)) => Attempt::Instead(process),
                None => return Attempt::Full,
            },
        };
        self.busy.insert(thread.clone());
        attempt
    }

    fn take_idle(&mut self, thread: &ThreadId) -> Option<Process> {
        let at = self.idle.iter().position(|(owner, _)| owner == thread)?;
        self.idle.remove(at).map(|(_, process)| process)
    }
}

impl Seat<'_> {
    /// Frees the place; `process` stays warm in it, unless the thread is to be forgotten or the pool is closed.
    pub(crate) async fn leave(self, process: Option<Process>) {
        let unwanted = {
            let mut state = self.pool.locked();
            let keep = !state.closed && !state.forgotten.contains(&self.thread);
            match process {
                Some(process) if keep => {
                    state.idle.push_back((self.thread.clone(), process));
                    None
                }
                other => other,
            }
        };
        if let Some(process) = unwanted {
            process.end().await;
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.locked();
        state.busy.remove(&self.thread);
        state.forgotten.remove(&self.thread);
        drop(state);
        self.pool.freed.notify_waiters();
    }
}
