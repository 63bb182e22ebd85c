//! A fleet whose tasks run in this process, counted as ECS counts them.

use async_trait::async_trait;
use ports::fleet::{Count, Protection};
use ports::{ErrorKind, Fleet, PortError, Result};
use service::Service;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod service;

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

/// The fleet. Desired counts begin at 0 and are not kept over a restart.
#[derive(Default)]
pub struct InProcessFleet {
    services: Mutex<HashMap<String, Arc<Service>>>,
    supervisors: TaskTracker,
    drain: CancellationToken,
    abort: CancellationToken,
}

impl InProcessFleet {
    /// A fleet without services.
    pub fn new() -> Self {
        Self::default()
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
        self.service(service)?.set_desired(desired);
        Ok(())
    }

    /// `NotFound` for a task that is not there, `Conflict` for one that was told to stop already.
    async fn protect(&self, service: &str, task: &str, protection: Protection) -> Result<()> {
        self.service(service)?.protect(task, protection)
    }
}
