//! One service: keeps as many tasks as are wanted.

use super::{TaskContext, TaskFactory};
use ports::fleet::{Count, Protection};
use ports::{ErrorKind, PortError, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A task that ends sooner than this has not done its service.
const TOO_SOON: Duration = Duration::from_secs(10);
/// Wait before the second start of a service whose task ended too soon; doubled each time.
const FIRST_BACK_OFF: Duration = Duration::from_millis(200);
/// Longest wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// A service and its tasks.
pub(super) struct Service {
    name: String,
    factory: TaskFactory,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    desired: u32,
    tasks: HashMap<String, Task>,
    /// How many tasks were ever started.
    started: u64,
    /// Tasks in a row that ended too soon.
    soon: u32,
    not_before: Option<Instant>,
}

struct Task {
    stop: CancellationToken,
    protection: Protection,
    number: u64,
    since: Instant,
}

impl Service {
    pub(super) fn new(name: &str, factory: TaskFactory) -> Self {
        Self { name: name.to_owned(), factory, state: Mutex::default(), changed: Notify::new() }
    }

    pub(super) fn count(&self) -> Count {
        let state = self.lock();
        Count { desired: state.desired, running: u32::try_from(state.tasks.len()).unwrap_or(u32::MAX) }
    }

    pub(super) fn set_desired(&self, desired: u32) {
        let mut state = self.lock();
        if state.desired != desired {
            state.desired = desired;
            // A new wish is a new chance.
            state.soon = 0;
            state.not_before = None;
            self.changed.notify_one();
        }
    }

    pub(super) fn protect(&self, task: &str, protection: Protection) -> Result<()> {
        let mut state = self.lock();
        let found = state
            .tasks
            .get_mut(task)
            .ok_or_else(|| PortError::new(ErrorKind::NotFound, format_args!("no task {task}")))?;
        if protection == Protection::On && found.stop.is_cancelled() {
            return Err(PortError::new(ErrorKind::Conflict, format_args!("task {task} is stopping")));
        }
        found.protection = protection;
        if protection == Protection::Off {
            self.changed.notify_one();
        }
        Ok(())
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
        self.lock().tasks.values().for_each(|task| task.stop.cancel());
        loop {
            tokio::select! {
                biased;
                () = abort.cancelled() => {
                    running.shutdown().await;
                    self.lock().tasks.clear();
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
        let mut state = self.lock();
        let desired = usize::try_from(state.desired).unwrap_or(usize::MAX);
        let staying = state.tasks.values().filter(|task| !task.stop.is_cancelled()).count();
        state.stop(staying.saturating_sub(desired));
        if staying >= desired {
            return None;
        }
        if state.not_before.is_some_and(|at| at > Instant::now()) {
            return state.not_before;
        }
        for _ in staying..desired {
            let context = state.start();
            let id = context.id.clone();
            tracing::debug!(service = self.name, task = id, "task starts");
            // The factory runs inside, so that its panics are the task's.
            let factory = self.factory.clone();
            let handle = running.spawn(async move { factory(context).await });
            names.insert(handle.id(), id);
        }
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
        self.lock().ended(&name);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Stops the newest unprotected tasks: the older ones have more to lose.
    fn stop(&mut self, surplus: usize) {
        let mut free: Vec<&Task> = self
            .tasks
            .values()
            .filter(|task| task.protection == Protection::Off && !task.stop.is_cancelled())
            .collect();
        free.sort_by_key(|task| std::cmp::Reverse(task.number));
        free.iter().take(surplus).for_each(|task| task.stop.cancel());
    }

    fn start(&mut self) -> TaskContext {
        self.started += 1;
        let context = TaskContext { id: Uuid::new_v4().simple().to_string(), stop: CancellationToken::new() };
        let task = Task {
            stop: context.stop.clone(),
            protection: Protection::Off,
            number: self.started,
            since: Instant::now(),
        };
        self.tasks.insert(context.id.clone(), task);
        context
    }

    /// A task that was not told to end and ended too soon makes the next start wait.
    fn ended(&mut self, name: &str) {
        let Some(task) = self.tasks.remove(name) else { return };
        if task.stop.is_cancelled() || task.since.elapsed() >= TOO_SOON {
            self.soon = 0;
            self.not_before = None;
            return;
        }
        self.not_before = Some(Instant::now() + back_off(self.soon));
        self.soon = self.soon.saturating_add(1);
    }
}

fn back_off(soon: u32) -> Duration {
    FIRST_BACK_OFF.saturating_mul(1 << soon.min(16)).min(LONGEST_BACK_OFF)
}

async fn wait_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_grows_and_ends() {
        assert_eq!(back_off(0), FIRST_BACK_OFF);
        assert_eq!(back_off(1), FIRST_BACK_OFF * 2);
        assert_eq!(back_off(u32::MAX), LONGEST_BACK_OFF);
    }
}
