//! The suites of the ports, on the AWS stand-in.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws::{Buckets, Clients, Dynamo, EcsFleet, S3Blobs, SesMailer, Settings, SqsQueues, resources};
use domain::names::EDIT_SERVICE;
use ports::contract::{self, Harness};
use ports::{
    Blobs, Claims, Containers, Fleet, Mailer, Messages, Pool, Projects, Queues, Releases, Replies, Sessions,
    SignIns, Spending, Threads,
};
use std::sync::Arc;
use std::time::Duration;
use testkit::Ministack;

/// What a pass of time is longer than asked for, so that the stand-in has seen it too.
const A_LITTLE: Duration = Duration::from_millis(200);

struct StandIn {
    clients: Clients,
    buckets: Buckets,
    _ministack: Ministack,
}

async fn stand_in() -> StandIn {
    let ministack = Ministack::start().await;
    let settings = Settings { stand_in: Some(ministack.endpoint().to_owned()) };
    let clients = Clients::connect(&settings).await;
    let name = |of: &str| format!("webordinary-{of}");
    let buckets = Buckets { site: name("site"), mail: name("mail"), data: name("data") };
    resources::ensure_identity(&clients, "demo.localhost").await.unwrap();
    resources::ensure_all(&clients, &buckets).await.unwrap();
    resources::ensure_all(&clients, &buckets).await.unwrap();
    StandIn { clients, buckets, _ministack: ministack }
}

impl StandIn {
    fn store(&self) -> Dynamo {
        Dynamo::new(&self.clients, self.blobs())
    }
}

#[async_trait::async_trait]
impl Harness for StandIn {
    fn queues(&self) -> Arc<dyn Queues> {
        Arc::new(SqsQueues::new(&self.clients))
    }
    fn pool(&self) -> Arc<dyn Pool> {
        self.store().pool()
    }
    fn projects(&self) -> Arc<dyn Projects> {
        self.store().projects()
    }
    fn threads(&self) -> Arc<dyn Threads> {
        self.store().threads()
    }
    fn messages(&self) -> Arc<dyn Messages> {
        self.store().messages()
    }
    fn replies(&self) -> Arc<dyn Replies> {
        self.store().replies()
    }
    fn claims(&self) -> Arc<dyn Claims> {
        self.store().claims()
    }
    fn containers(&self) -> Arc<dyn Containers> {
        self.store().containers()
    }
    fn sessions(&self) -> Arc<dyn Sessions> {
        self.store().sessions()
    }
    fn releases(&self) -> Arc<dyn Releases> {
        self.store().releases()
    }
    fn sign_ins(&self) -> Arc<dyn SignIns> {
        self.store().sign_ins()
    }
    fn spending(&self) -> Arc<dyn Spending> {
        self.store().spending()
    }
    fn blobs(&self) -> Arc<dyn Blobs> {
        Arc::new(S3Blobs::new(&self.clients, self.buckets.clone()))
    }
    fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::new(SesMailer::new(&self.clients, None))
    }
    fn fleet(&self) -> (Arc<dyn Fleet>, String) {
        (Arc::new(EcsFleet::new(&self.clients, None)), EDIT_SERVICE.to_owned())
    }
    fn lease(&self) -> Duration {
        Duration::from_secs(3)
    }
    async fn pass(&self, d: Duration) {
        tokio::time::sleep(d + A_LITTLE).await;
    }
}

macro_rules! suites {
    ($($suite:ident),*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $suite() {
            contract::$suite(&stand_in().await).await;
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
