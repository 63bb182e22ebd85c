//! The suites of the ports that are kept in DynamoDB, on the stand-in.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use aws::{Clients, Dynamo, Settings, tables};
use embedded::Embedded;
use ports::contract::{self, Harness};
use ports::{
    Blobs, Claims, Containers, Fleet, Mailer, Messages, Projects, Queues, Releases, Replies, Sessions,
    SignIns, Threads,
};
use std::sync::Arc;
use std::time::Duration;
use testkit::Ministack;

struct Aws {
    store: Dynamo,
    rest: Embedded,
    _stand_in: Ministack,
    _dir: tempfile::TempDir,
}

async fn aws() -> Aws {
    let stand_in = Ministack::start().await;
    let settings = Settings { stand_in: Some(stand_in.endpoint().to_owned()) };
    let clients = Clients::connect(&settings).await;
    tables::ensure_tables(&clients).await.unwrap();
    tables::ensure_tables(&clients).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let rest = Embedded::open(dir.path(), Arc::new(ports::clock::SystemClock)).await.unwrap();
    Aws { store: Dynamo::new(&clients, rest.blobs()), rest, _stand_in: stand_in, _dir: dir }
}

#[async_trait]
impl Harness for Aws {
    fn queues(&self) -> Arc<dyn Queues> {
        self.rest.queues()
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
    fn blobs(&self) -> Arc<dyn Blobs> {
        self.rest.blobs()
    }
    fn mailer(&self) -> Arc<dyn Mailer> {
        self.rest.mailer()
    }
    fn fleet(&self) -> (Arc<dyn Fleet>, String) {
        unreachable!("no fleet is in the store")
    }
    fn lease(&self) -> Duration {
        Duration::from_secs(4)
    }
    async fn pass(&self, d: Duration) {
        tokio::time::sleep(d + Duration::from_millis(50)).await;
    }
}

macro_rules! suites {
    ($($suite:ident),*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $suite() {
            contract::$suite(&aws().await).await;
        }
    )*};
}

suites!(
    claims_contract,
    containers_contract,
    messages_contract,
    projects_contract,
    releases_contract,
    replies_contract,
    sessions_contract,
    sign_in_contract,
    threads_contract,
    work_contract
);
