//! A fleet whose tasks run in this process, counted as ECS counts them.

use crate::db::Db;
use async_trait::async_trait;
use ports::fleet::{Count, Protection};
use ports::{ErrorKind, Fleet, PortError, Result};
pub use report::{Ending, Event, ServiceReport, TaskReport};
use service::Service;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod counts;
mod report;
mod service;
mod state;

/// What a task is given.
#[derive(Clone, Debug)]
pub struct TaskContext {
    /// Its id: 32 hex digits, unique for ever.
    pub id: String,
    /// Cancelled when the task should end. It is waited for.
    pub stop: CancellationToken,
}

/// A task at work.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a task of a service.
pub type TaskFactory = Arc<dyn Fn(TaskContext) -> Running + Send + Sync>;

/// The fleet. Desired counts begin at 0; see [`InProcessFleet::restore`].
#[derive(Default)]
pub struct InProcessFleet {
    /// Where desired counts are kept, if they are.
    db: Option<Db>,
    services: Mutex<HashMap<String, Arc<Service>>>,
    supervisors: TaskTracker,
    drain: CancellationToken,
    abort: CancellationToken,
}

impl InProcessFleet {
    /// A fleet without services, which forgets desired counts when it ends.
    pub fn new() -> Self {
        Self::default()
    }

    /// A fleet without services, which keeps desired counts in the database.
    pub(crate) fn remembering(db: Db) -> Self {
        Self {
            db: Some(db),
            services: Mutex::default(),
            supervisors: TaskTracker::new(),
            drain: CancellationToken::new(),
            abort: CancellationToken::new(),
        }
    }

    /// Adds a service; must be called on a tokio runtime. A second one of the same name is ignored, as is any after
    /// [`InProcessFleet::drain`] has begun.
    pub fn register(&self, service: &str, factory: TaskFactory) {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if self.drain.is_cancelled() || services.contains_key(service) {
            tracing::warn!(service, "this service is not added");
            return;
        }
        let added = Arc::new(Service::new(service, factory));
        services.insert(service.to_owned(), added.clone());
        self.supervisors.spawn(added.supervise(self.drain.clone(), self.abort.clone()));
    }

    /// Gives a service the desired count that was kept of it, or `default` when none ever was: that count.
    pub async fn restore(&self, service: &str, default: u32) -> Result<u32> {
        let found = self.service(service)?;
        let kept = match &self.db {
            Some(db) => counts::find(db, service).await?,
            None => None,
        };
        let desired = kept.unwrap_or(default);
        found.set_desired(desired);
        Ok(desired)
    }

    /// All services, by name.
    pub fn services(&self) -> Vec<ServiceReport> {
        let mut all: Vec<ServiceReport> = self.all().iter().map(|service| service.report()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// All tasks: those at work and, for an hour, those that are over.
    pub fn tasks(&self) -> Vec<TaskReport> {
        self.all().iter().flat_map(|service| service.tasks()).collect()
    }

    /// Tells one task to stop, protected or not; its service starts another if its count wants one. `NotFound` for one
    /// that is not there.
    pub fn stop_task(&self, id: &str, reason: &str) -> Result<TaskReport> {
        let stopped = self.all().iter().find_map(|service| service.stop_task(id, reason).ok());
        stopped.ok_or_else(|| PortError::new(ErrorKind::NotFound, format_args!("no task {id}")))
    }

    /// Stops every task, protected or not, and starts none again. Tasks that have not ended after `grace` are aborted.
    /// Returns when no task is left.
    pub async fn drain(&self, grace: Duration) {
        self.drain.cancel();
        self.supervisors.close();
        if tokio::time::timeout(grace, self.supervisors.wait()).await.is_err() {
            self.abort.cancel();
            self.supervisors.wait().await;
        }
    }

    fn all(&self) -> Vec<Arc<Service>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn service(&self, name: &str) -> Result<Arc<Service>> {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services
            .get(name)
            .cloned()
            .ok_or_else(|| PortError::new(ErrorKind::NotFound, format_args!("no service {name}")))
    }
}

impl Drop for InProcessFleet {
    /// Nobody is left who could stop the tasks.
    fn drop(&mut self) {
        self.drain.cancel();
        self.abort.cancel();
    }
}

#[async_trait]
impl Fleet for InProcessFleet {
    async fn count(&self, service: &str) -> Result<Count> {
        Ok(self.service(service)?.count())
    }

    async fn set_desired(&self, service: &str, desired: u32) -> Result<()> {
        let found = self.service(service)?;
        if let Some(db) = &self.db {
            counts::keep(db, service, desired).await?;
        }
        found.set_desired(desired);
        Ok(())
    }

    /// `NotFound` for a task that is not there, `Conflict` for one that was told to stop already.
    async fn protect(&self, service: &str, task: &str, protection: Protection) -> Result<()> {
        self.service(service)?.protect(task, protection)
    }
}
