//! One service: keeps as many tasks as are wanted.

use super::TaskFactory;
use super::report::{ServiceReport, TaskReport};
use super::state::{Due, State};
use domain::Timestamp;
use ports::clock::SystemClock;
use ports::fleet::{Count, Protection};
use ports::{Clock, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A service and its tasks.
pub(super) struct Service {
    name: String,
    factory: TaskFactory,
    state: Mutex<State>,
    changed: Notify,
}

impl Service {
    pub(super) fn new(name: &str, factory: TaskFactory) -> Self {
        let state = Mutex::new(State::new(name, now()));
        Self { name: name.to_owned(), factory, state, changed: Notify::new() }
    }

    pub(super) fn count(&self) -> Count {
        self.lock().count()
    }

    pub(super) fn report(&self) -> ServiceReport {
        self.lock().report()
    }

    pub(super) fn tasks(&self) -> Vec<TaskReport> {
        self.lock().tasks(now())
    }

    pub(super) fn set_desired(&self, desired: u32) {
        if self.lock().set_desired(desired, now()) {
            self.changed.notify_one();
        }
    }

    pub(super) fn protect(&self, task: &str, protection: Protection) -> Result<()> {
        if self.lock().protect(task, protection)? {
            self.changed.notify_one();
        }
        Ok(())
    }

    pub(super) fn stop_task(&self, id: &str, reason: &str) -> Result<TaskReport> {
        let stopping = self.lock().stop_task(id, reason, now())?;
        self.changed.notify_one();
        Ok(stopping)
    }

    /// Keeps the count until told to drain, then waits for the tasks to end, or aborts them.
    pub(super) async fn supervise(self: Arc<Self>, drain: CancellationToken, abort: CancellationToken) {
        let mut running = JoinSet::new();
        let mut names = HashMap::new();
        while !drain.is_cancelled() {
            let again = self.reconcile(&mut running, &mut names);
            tokio::select! {
                () = self.changed.notified() => {}
                Some(ended) = running.join_next_with_id() => self.ended(&ended, &mut names),
                () = wait_until(again) => {}
                () = drain.cancelled() => {}
            }
        }
        self.lock().stop_all(now());
        loop {
            tokio::select! {
                biased;
                () = abort.cancelled() => {
                    running.shutdown().await;
                    self.lock().abort();
                    return;
                }
                ended = running.join_next_with_id() => match ended {
                    Some(ended) => self.ended(&ended, &mut names),
                    None => return,
                }
            }
        }
    }

    /// Starts what is missing and stops what is too much. Returns when to look again, if starts have to wait.
    fn reconcile(&self, running: &mut JoinSet<()>, names: &mut HashMap<Id, String>) -> Option<Instant> {
        let due = self.lock().reconcile(now());
        let contexts = match due {
            Due::Nothing => return None,
            Due::Later(at) => return Some(at),
            Due::Start(contexts) => contexts,
        };
        for context in contexts {
            let id = context.id.clone();
            tracing::debug!(service = self.name, task = id, "task starts");
            // The factory runs inside, so that its panics are the task's.
            let factory = self.factory.clone();
            let handle = running.spawn(async move { factory(context).await });
            names.insert(handle.id(), id);
        }
        // What was missing is there: this can only be told now.
        self.lock().settle(now());
        None
    }

    fn ended(&self, ended: &Result<(Id, ()), JoinError>, names: &mut HashMap<Id, String>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(err) => err.id(),
        };
        let Some(name) = names.remove(&id) else { return };
        match ended {
            Ok(_) => tracing::debug!(service = self.name, task = name, "task ended"),
            Err(err) => tracing::error!(service = self.name, task = name, error = %err, "task died"),
        }
        self.lock().ended(&name, now());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

async fn wait_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
