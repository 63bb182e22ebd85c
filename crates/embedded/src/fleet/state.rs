//! The tasks of one service: which start, which stop, and what was seen of those that are over.

use super::TaskContext;
use super::report::{Ending, Event, ServiceReport, TaskReport};
use domain::Timestamp;
use ports::fleet::{Count, Protection};
use ports::{ErrorKind, PortError, Result};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A task that ends sooner than this has not done its service.
const TOO_SOON: Duration = Duration::from_secs(10);
/// Wait before the second start of a service whose task ended too soon; doubled each time.
const FIRST_BACK_OFF: Duration = Duration::from_millis(200);
/// Longest wait.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// Events that are remembered.
const EVENTS: usize = 100;
/// Tasks that are over and can still be looked at, and for how long.
const STOPPED: usize = 100;
const STOPPED_FOR: Duration = Duration::from_hours(1);
/// Why a task stops that is too much.
const SCALED_IN: &str = "Scaling activity initiated by the service";
/// Why a task is over that nobody stopped.
const BY_ITSELF: &str = "Essential container in task exited";

/// A service's tasks.
pub(super) struct State {
    name: String,
    since: Timestamp,
    set_at: Timestamp,
    desired: u32,
    tasks: HashMap<String, Task>,
    stopped: VecDeque<TaskReport>,
    events: VecDeque<Event>,
    steady: bool,
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
    started_at: Timestamp,
    told: Option<(Timestamp, String)>,
}

/// What has to be done now.
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Look again at this time.
    Later(Instant),
    /// Run these tasks.
    Start(Vec<TaskContext>),
}

impl State {
    pub(super) fn new(name: &str, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            since: now,
            set_at: now,
            desired: 0,
            tasks: HashMap::new(),
            stopped: VecDeque::new(),
            events: VecDeque::new(),
            steady: true,
            started: 0,
            soon: 0,
            not_before: None,
        }
    }

    pub(super) fn count(&self) -> Count {
        Count { desired: self.desired, running: number(self.tasks.len()) }
    }

    pub(super) fn report(&self) -> ServiceReport {
        ServiceReport {
            name: self.name.clone(),
            count: self.count(),
            pending: self.desired.saturating_sub(number(self.staying())),
            since: self.since,
            set_at: self.set_at,
            events: self.events.iter().cloned().collect(),
        }
    }

    /// Tasks that are there, oldest first, then those that are over.
    pub(super) fn tasks(&self, now: Timestamp) -> Vec<TaskReport> {
        let mut there: Vec<(&String, &Task)> = self.tasks.iter().collect();
        there.sort_by_key(|(_, task)| task.number);
        let there = there.into_iter().map(|(id, task)| task.report(id, &self.name));
        let over = self.stopped.iter().filter(|task| match &task.ending {
            Ending::Stopped { at, .. } => now.since(*at) < STOPPED_FOR,
            Ending::No | Ending::Stopping { .. } => true,
        });
        there.chain(over.cloned()).collect()
    }

    /// Whether that is another count than before.
    pub(super) fn set_desired(&mut self, desired: u32, now: Timestamp) -> bool {
        if self.desired == desired {
            return false;
        }
        self.desired = desired;
        self.set_at = now;
        self.steady = false;
        // A new wish is a new chance.
        self.soon = 0;
        self.not_before = None;
        true
    }

    /// Whether somebody has to look at the count again.
    pub(super) fn protect(&mut self, task: &str, protection: Protection) -> Result<bool> {
        let found = self.tasks.get_mut(task).ok_or_else(|| no_task(task))?;
        if protection == Protection::On && found.stop.is_cancelled() {
            return Err(PortError::new(ErrorKind::Conflict, format_args!("task {task} is stopping")));
        }
        found.protection = protection;
        Ok(protection == Protection::Off)
    }

    /// Tells one task to stop, protected or not. `NotFound` for one that is not there.
    pub(super) fn stop_task(&mut self, id: &str, reason: &str, now: Timestamp) -> Result<TaskReport> {
        let task = self.tasks.get_mut(id).ok_or_else(|| no_task(id))?;
        task.tell(reason, now);
        let report = task.report(id, &self.name);
        self.steady = false;
        Ok(report)
    }

    /// Tells every task to stop.
    pub(super) fn stop_all(&mut self, now: Timestamp) {
        self.tasks.values_mut().for_each(|task| task.tell(SCALED_IN, now));
    }

    /// Forgets every task: they were aborted.
    pub(super) fn abort(&mut self) {
        self.tasks.clear();
    }

    /// Starts what is missing and stops what is too much.
    pub(super) fn reconcile(&mut self, now: Timestamp) -> Due {
        let (staying, desired) = (self.staying(), usize::try_from(self.desired).unwrap_or(usize::MAX));
        self.stop(staying.saturating_sub(desired), now);
        if staying >= desired {
            self.settle(now);
            return Due::Nothing;
        }
        if let Some(at) = self.not_before.filter(|at| *at > Instant::now()) {
            return Due::Later(at);
        }
        let contexts: Vec<TaskContext> = (staying..desired).map(|_| self.start(now)).collect();
        self.steady = false;
        self.happened(&format!("has started {} tasks: {}.", contexts.len(), ids(&contexts)), now);
        Due::Start(contexts)
    }

    /// Tells, once, that what is desired is there and nothing else is.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if !self.steady && self.count().running == self.desired {
            self.steady = true;
            self.happened("has reached a steady state.", now);
        }
    }

    /// A task that was not told to end and ended too soon makes the next start wait.
    pub(super) fn ended(&mut self, id: &str, now: Timestamp) {
        let Some(task) = self.tasks.remove(id) else { return };
        let told = task.told.as_ref().map(|(_, reason)| reason.clone());
        let ending = Ending::Stopped { at: now, reason: told.unwrap_or_else(|| BY_ITSELF.to_owned()) };
        self.stopped.push_front(TaskReport { ending, ..task.report(id, &self.name) });
        self.stopped.truncate(STOPPED);
        self.steady = false;
        self.happened(&format!("has stopped 1 tasks: (task {id})."), now);
        if task.stop.is_cancelled() || task.since.elapsed() >= TOO_SOON {
            self.soon = 0;
            self.not_before = None;
            return;
        }
        self.not_before = Some(Instant::now() + back_off(self.soon));
        self.soon = self.soon.saturating_add(1);
    }

    fn staying(&self) -> usize {
        self.tasks.values().filter(|task| !task.stop.is_cancelled()).count()
    }

    /// Stops the newest unprotected tasks: the older ones have more to lose.
    fn stop(&mut self, surplus: usize, now: Timestamp) {
        let mut free: Vec<&mut Task> = self
            .tasks
            .values_mut()
            .filter(|task| task.protection == Protection::Off && !task.stop.is_cancelled())
            .collect();
        free.sort_by_key(|task| std::cmp::Reverse(task.number));
        free.into_iter().take(surplus).for_each(|task| task.tell(SCALED_IN, now));
    }

    fn start(&mut self, now: Timestamp) -> TaskContext {
        self.started += 1;
        let context = TaskContext { id: Uuid::new_v4().simple().to_string(), stop: CancellationToken::new() };
        let task = Task {
            stop: context.stop.clone(),
            protection: Protection::Off,
            number: self.started,
            since: Instant::now(),
            started_at: now,
            told: None,
        };
        self.tasks.insert(context.id.clone(), task);
        context
    }

    fn happened(&mut self, what: &str, at: Timestamp) {
        let says = format!("(service {}) {what}", self.name);
        self.events.push_front(Event { id: Uuid::new_v4().to_string(), at, says });
        self.events.truncate(EVENTS);
    }
}

impl Task {
    fn tell(&mut self, reason: &str, now: Timestamp) {
        if self.told.is_none() {
            self.told = Some((now, reason.to_owned()));
        }
        self.stop.cancel();
    }

    fn report(&self, id: &str, service: &str) -> TaskReport {
        let ending = match &self.told {
            None => Ending::No,
            Some((at, reason)) => Ending::Stopping { at: *at, reason: reason.clone() },
        };
        TaskReport {
            id: id.to_owned(),
            service: service.to_owned(),
            protection: self.protection,
            started_at: self.started_at,
            ending,
        }
    }
}

fn no_task(id: &str) -> PortError {
    PortError::new(ErrorKind::NotFound, format_args!("no task {id}"))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn ids(contexts: &[TaskContext]) -> String {
    let each: Vec<String> = contexts.iter().map(|context| format!("(task {})", context.id)).collect();
    each.join(" ")
}

fn back_off(soon: u32) -> Duration {
    FIRST_BACK_OFF.saturating_mul(1 << soon.min(16)).min(LONGEST_BACK_OFF)
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

    #[test]
    fn what_is_remembered_has_an_end() {
        let mut state = State::new("edit", Timestamp(0));
        for n in 0..300 {
            state.set_desired(1, Timestamp(n));
            let Due::Start(tasks) = state.reconcile(Timestamp(n)) else { panic!("a task is due") };
            state.stop_task(&tasks[0].id, "asked", Timestamp(n)).unwrap();
            state.ended(&tasks[0].id, Timestamp(n));
        }
        assert_eq!((state.events.len(), state.stopped.len()), (EVENTS, STOPPED));
        let over = Timestamp(300).plus(STOPPED_FOR);
        assert_eq!((state.tasks(Timestamp(300)).len(), state.tasks(over).len()), (STOPPED, 0));
    }

    #[test]
    fn a_steady_state_is_told_once() {
        let mut state = State::new("edit", Timestamp(0));
        state.set_desired(2, Timestamp(1));
        assert!(matches!(state.reconcile(Timestamp(1)), Due::Start(tasks) if tasks.len() == 2));
        assert!(matches!(state.reconcile(Timestamp(2)), Due::Nothing));
        assert!(matches!(state.reconcile(Timestamp(3)), Due::Nothing));
        let said: Vec<&str> = state.events.iter().map(|event| event.says.as_str()).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert_eq!(said[0], "(service edit) has reached a steady state.");
        assert!(said[1].starts_with("(service edit) has started 2 tasks: (task "), "{said:?}");
    }
}
