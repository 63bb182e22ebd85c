//! The suites of the ports, on SQLite, a directory and tasks in this process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded::{Embedded, InProcessFleet};
use ports::contract::{self, Harness};
use ports::{
    Blobs, Claims, Containers, Fleet, Mailer, Messages, Pool, Projects, Queues, Releases, Replies, Sessions,
    SignIns, Spending, Threads,
};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use testkit::ManualClock;

const SERVICE: &str = "edit";

struct OneMachine {
    store: Embedded,
    fleet: Arc<InProcessFleet>,
    clock: Arc<ManualClock>,
    _dir: TempDir,
}

async fn one_machine() -> OneMachine {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::new()));
    let store = Embedded::open(dir.path(), clock.clone()).await.unwrap();
    let fleet = Arc::new(InProcessFleet::new());
    fleet.register(SERVICE, Arc::new(|task| Box::pin(async move { task.stop.cancelled().await })));
    OneMachine { store, fleet, clock, _dir: dir }
}

#[async_trait::async_trait]
impl Harness for OneMachine {
    fn queues(&self) -> Arc<dyn Queues> {
        self.store.queues()
    }
    fn projects(&self) -> Arc<dyn Projects> {
        self.store.projects()
    }
    fn threads(&self) -> Arc<dyn Threads> {
        self.store.threads()
    }
    fn messages(&self) -> Arc<dyn Messages> {
        self.store.messages()
    }
    fn replies(&self) -> Arc<dyn Replies> {
        self.store.replies()
    }
    fn pool(&self) -> Arc<dyn Pool> {
        self.store.pool()
    }
    fn claims(&self) -> Arc<dyn Claims> {
        self.store.claims()
    }
    fn containers(&self) -> Arc<dyn Containers> {
        self.store.containers()
    }
    fn sessions(&self) -> Arc<dyn Sessions> {
        self.store.sessions()
    }
    fn releases(&self) -> Arc<dyn Releases> {
        self.store.releases()
    }
    fn sign_ins(&self) -> Arc<dyn SignIns> {
        self.store.sign_ins()
    }
    fn spending(&self) -> Arc<dyn Spending> {
        self.store.spending()
    }
    fn blobs(&self) -> Arc<dyn Blobs> {
        self.store.blobs()
    }
    fn mailer(&self) -> Arc<dyn Mailer> {
        self.store.mailer()
    }
    fn fleet(&self) -> (Arc<dyn Fleet>, String) {
        (self.fleet.clone(), SERVICE.to_owned())
    }
    fn lease(&self) -> Duration {
        Duration::from_mins(1)
    }
    async fn pass(&self, d: Duration) {
        self.clock.pass(d);
    }
}

macro_rules! suites {
    ($($suite:ident),*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $suite() {
            contract::$suite(&one_machine().await).await;
        }
    )*};
}

suites!(
    blobs_contract,
    claims_contract,
    containers_contract,
    fleet_contract,
    mailer_contract,
    messages_contract,
    pool_contract,
    projects_contract,
    queues_contract,
    releases_contract,
    replies_contract,
    sessions_contract,
    sign_in_contract,
    spending_contract,
    threads_contract,
    work_contract
);
