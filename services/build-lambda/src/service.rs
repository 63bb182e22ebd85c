//! The loop: woken by the webhook, by a rollback or by the clock, it gives every project with open orders its turn.

use crate::config::{BuildConfig, Deps};
use crate::run::{Allowance, Shop, Trouble, Turn};
use crate::webhook::{Bell, Webhooks};
use async_trait::async_trait;
use domain::names::RELEASE_EVENTS_QUEUE;
use domain::{MessageId, ProjectId};
use ports::Result;
use ports::queues::MAX_RECEIVES;
use ports::releases::{Order, Ordered};
use publish::Packages;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Until a project is looked at again that another service is at.
const TAKEN: Duration = Duration::from_millis(500);
/// Until the first new try; it doubles with each.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Longest time to a new try.
const LONGEST_RETRY: Duration = Duration::from_mins(1);

/// The build service. Cloning shares it.
#[derive(Clone)]
pub struct BuildService {
    shop: Arc<Shop>,
    bell: Arc<Notify>,
}

/// Wakes the loop, which finds the order in the book.
struct Wake(Arc<Notify>);

#[async_trait]
impl Bell for Wake {
    async fn ring(&self, _: &ProjectId) {
        self.0.notify_one();
    }
}

/// What a task of the loop was about.
enum Ended {
    Swept(Result<()>),
    Turn(std::result::Result<Turn, Trouble>),
}

/// The loop's own memory; a restart may forget it.
#[derive(Default)]
struct Crew {
    tasks: JoinSet<Ended>,
    /// Which task is at which project.
    at_work: HashMap<Id, ProjectId>,
    /// When to try again, and how often it failed.
    later: HashMap<ProjectId, (Instant, u32)>,
    sweep: Option<Id>,
}

impl BuildService {
    /// A service on these seams. `packages` gives sites what their lock files name.
    pub fn new(deps: Deps, config: BuildConfig, packages: Arc<dyn Packages>) -> Self {
        Self { shop: Arc::new(Shop { deps, config, packages }), bell: Arc::default() }
    }

    /// The state of a webhook door, which rings `bell` after each order: this service's own
    /// ([`BuildService::bell`]) where it runs in this process.
    pub fn webhooks(&self, bell: Arc<dyn Bell>) -> Webhooks {
        let deps = &self.shop.deps;
        Webhooks {
            projects: Arc::clone(&deps.projects),
            releases: Arc::clone(&deps.releases),
            secrets: Arc::clone(&deps.edges.secrets),
            names: self.shop.config.secrets.clone(),
            bell,
        }
    }

    /// What wakes this service's loop.
    pub fn bell(&self) -> Arc<dyn Bell> {
        Arc::new(Wake(Arc::clone(&self.bell)))
    }

    pub(crate) fn shop(&self) -> Arc<Shop> {
        Arc::clone(&self.shop)
    }

    /// Enters a rollback; false when one with this key was entered before. `message` is answered by its release.
    pub async fn order_rollback(
        &self,
        project: &ProjectId,
        message: Option<MessageId>,
        key: &str,
    ) -> Result<bool> {
        let order = Ordered {
            key: format!("rollback/{project}/{key}"),
            project: project.clone(),
            order: Order::Rollback { message },
        };
        let fresh = self.shop.deps.releases.order(&order).await?;
        self.bell.notify_one();
        Ok(fresh)
    }

    /// Looks at the book now: somebody else has entered an order.
    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// Runs until `stop`; then gives its leases back and returns. What is not done stays ordered.
    pub async fn run(&self, stop: CancellationToken) {
        if let Err(err) = self.shop.deps.queues.ensure(RELEASE_EVENTS_QUEUE, None, MAX_RECEIVES).await {
            tracing::error!(error = %err, "the queue of release events cannot be made");
        }
        let mut crew = Crew::default();
        let mut next_sweep = Instant::now();
        while !stop.is_cancelled() {
            if next_sweep <= Instant::now() {
                next_sweep = Instant::now() + self.shop.config.sweep;
                self.begin_sweep(&mut crew, &stop);
            }
            if let Err(err) = self.give_turns(&mut crew, &stop).await {
                tracing::error!(error = %err, "the book of orders cannot be read");
            }
            let wake = crew.next_retry().map_or(next_sweep, |retry| retry.min(next_sweep));
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.bell.notified() => {}
                () = sleep_until(wake) => {}
                Some(ended) = crew.tasks.join_next_with_id() => crew.note(ended),
            }
        }
        while crew.tasks.join_next().await.is_some() {}
    }

    fn begin_sweep(&self, crew: &mut Crew, stop: &CancellationToken) {
        if crew.sweep.is_none() {
            let (shop, stop) = (Arc::clone(&self.shop), stop.clone());
            let task = crew.tasks.spawn(async move {
                Ended::Swept(stop.run_until_cancelled(shop.sweep()).await.unwrap_or(Ok(())))
            });
            crew.sweep = Some(task.id());
        }
    }

    async fn give_turns(&self, crew: &mut Crew, stop: &CancellationToken) -> Result<()> {
        for order in self.shop.deps.releases.open_orders().await? {
            let project = order.project;
            if crew.at_work.len() >= self.shop.config.at_once {
                break;
            }
            let (due, tries) = crew.later.get(&project).copied().unwrap_or((Instant::now(), 0));
            if due > Instant::now() || crew.at_work.values().any(|p| *p == project) {
                continue;
            }
            let (shop, stop, name) = (Arc::clone(&self.shop), stop.clone(), project.clone());
            let task = crew.tasks.spawn(async move {
                let allowance = Allowance { tries, until: None };
                Ended::Turn(shop.turn(&name, &allowance, &stop).await)
            });
            crew.at_work.insert(task.id(), project);
        }
        Ok(())
    }
}

impl Crew {
    fn next_retry(&self) -> Option<Instant> {
        let idle = self.later.iter().filter(|(project, _)| !self.at_work.values().any(|p| p == *project));
        idle.map(|(_, (at, _))| *at).min()
    }

    fn note(&mut self, ended: std::result::Result<(Id, Ended), JoinError>) {
        let (task, ended) = match ended {
            Ok((task, ended)) => (task, Ok(ended)),
            Err(err) => (err.id(), Err(err)),
        };
        if self.sweep == Some(task) {
            self.sweep = None;
        }
        let project = self.at_work.remove(&task);
        match (ended, project) {
            (Ok(Ended::Turn(turn)), Some(project)) => self.plan(project, turn),
            (Ok(Ended::Swept(Err(err))), _) => {
                tracing::error!(error = %err, "the search for missed pushes failed");
            }
            (Err(err), Some(project)) => self.plan(project, Err(Trouble::Later(err.to_string()))),
            (Err(err), None) => tracing::error!(error = %err, "the search for missed pushes broke"),
            (Ok(_), _) => {}
        }
    }

    fn plan(&mut self, project: ProjectId, turn: std::result::Result<Turn, Trouble>) {
        let tries = self.later.remove(&project).map_or(0, |(_, tries)| tries);
        match turn {
            Ok(Turn::Done | Turn::Left | Turn::Stopped) => {}
            Ok(Turn::Taken) => {
                self.later.insert(project, (Instant::now() + TAKEN, tries));
            }
            Err(err) => {
                let wait = retry_wait(tries);
                tracing::warn!(project = %project, tries = tries + 1, error = %err, "an order is tried again later");
                self.later.insert(project, (Instant::now() + wait, tries + 1));
            }
        }
    }
}

/// How long to wait after this many failures before.
pub(crate) fn retry_wait(tries: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2_u32.saturating_pow(tries)).min(LONGEST_RETRY)
}
