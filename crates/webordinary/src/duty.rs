//! Hermes as a task of the fleet: it is at work or it is not, and the hosts ask here which.

use axum::Router;
use build_lambda::BuildService;
use domain::names::HERMES_SERVICE;
use embedded::{InProcessFleet, TaskContext};
use hermes::Hermes;
use hermes::bells::Bells;
use hermes::session_router::{PreviewHosts, SessionRouter};
use hermes::web::{self, WebConfig};
use ports::Backends;
use std::sync::Arc;
use tokio::sync::watch;
use tracing::warn;

/// What people read while Hermes is not at work.
pub(crate) const ASLEEP: &str = "WebOrdinary is asleep: its operator has scaled Hermes to 0.";

/// Hermes at work, and what it answers with.
pub(crate) struct AtWork {
    pub(crate) hermes: Arc<Hermes>,
    /// The app host.
    pub(crate) app: Router,
    /// The preview host.
    pub(crate) sessions: Arc<SessionRouter>,
}

/// Who is at work. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Duty(watch::Sender<Option<Arc<AtWork>>>);

/// What every Hermes of this process is made from.
pub(crate) struct Plan {
    pub(crate) config: hermes::Config,
    pub(crate) web: WebConfig,
    pub(crate) backends: Backends,
    pub(crate) builds: BuildService,
    pub(crate) previews: Arc<dyn PreviewHosts>,
}

impl Duty {
    /// Nobody is at work yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Hermes, if it is at work.
    pub(crate) fn at_work(&self) -> Option<Arc<AtWork>> {
        self.0.borrow().clone()
    }

    /// Waits until Hermes is at work.
    pub(crate) async fn begun(&self) {
        // The sender is here, so that this cannot fail.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    /// Lets Hermes look at the pool's count now: the operator has changed something. One that is not at work does it when
    /// it is again.
    pub(crate) async fn look_at_pool(&self) {
        if let Some(at_work) = self.at_work() {
            at_work.hermes.pool().await;
        }
    }

    async fn serve(self, plan: Arc<Plan>, task: TaskContext) {
        let bell = plan.builds.clone();
        let bell = Arc::new(move || bell.wake());
        let hermes = Hermes::new(plan.config.clone(), plan.backends.clone(), bell, task.stop.clone());
        let (chat, bells) = (hermes.chat(), Arc::clone(&hermes) as Arc<dyn Bells>);
        let at_work = Arc::new(AtWork {
            app: web::app(plan.web.clone(), plan.backends.clone(), chat, bells, task.stop),
            sessions: SessionRouter::new(Arc::clone(&hermes), Arc::clone(&plan.previews)),
            hermes: Arc::clone(&hermes),
        });
        self.0.send_replace(Some(Arc::clone(&at_work)));
        if let Err(error) = hermes.run().await {
            warn!(%error, "Hermes ended");
        }
        // When a task was replaced, the next one is at work already.
        self.0.send_if_modified(|now| match now {
            Some(there) if Arc::ptr_eq(there, &at_work) => now.take().is_some(),
            _ => false,
        });
    }
}

/// Adds Hermes to the fleet as its service. It comes to work when its count says so.
pub(crate) fn register(plan: Plan, fleet: &InProcessFleet) -> Duty {
    let (duty, plan) = (Duty::new(), Arc::new(plan));
    let given = duty.clone();
    fleet.register(
        HERMES_SERVICE,
        Arc::new(move |task| Box::pin(given.clone().serve(Arc::clone(&plan), task))),
    );
    duty
}
