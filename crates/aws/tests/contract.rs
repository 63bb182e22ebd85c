//! The suites of the ports, on the AWS stand-in.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws::{Buckets, Clients, EcsFleet, S3Blobs, SesMailer, Settings, SqsQueues, resources};
use domain::names::CLUSTER;
use ports::contract::{self, Harness};
use ports::{
    Blobs, Claims, Fleet, Mailer, Messages, Projects, Queues, Releases, Replies, Sessions, SignIns, Threads,
};
use std::sync::Arc;
use std::time::Duration;
use testkit::Ministack;

const SERVICE: &str = "edit";
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
    resources::queue_tracking_table(&clients).await.unwrap();
    resources::ensure_queues(&clients).await.unwrap();
    resources::ensure_buckets(&clients, &buckets).await.unwrap();
    clients.ses.create_email_identity().email_identity("demo.localhost").send().await.unwrap();
    service(&clients.ecs).await;
    StandIn { clients, buckets, _ministack: ministack }
}

/// A service whose tasks run until they are stopped, at a desired count of 0.
async fn service(ecs: &aws_sdk_ecs::Client) {
    use aws_sdk_ecs::types::ContainerDefinition;
    ecs.create_cluster().cluster_name(CLUSTER).send().await.unwrap();
    let container = ContainerDefinition::builder().name("edit").image("edit").essential(true).build();
    let definition = ecs.register_task_definition().family(SERVICE).container_definitions(container);
    definition.send().await.unwrap();
    let service = ecs.create_service().cluster(CLUSTER).service_name(SERVICE).task_definition(SERVICE);
    service.desired_count(0).send().await.unwrap();
}

#[async_trait::async_trait]
impl Harness for StandIn {
    fn queues(&self) -> Arc<dyn Queues> {
        Arc::new(SqsQueues::new(&self.clients))
    }
    fn projects(&self) -> Arc<dyn Projects> {
        not_here("projects")
    }
    fn threads(&self) -> Arc<dyn Threads> {
        not_here("threads")
    }
    fn messages(&self) -> Arc<dyn Messages> {
        not_here("messages")
    }
    fn replies(&self) -> Arc<dyn Replies> {
        not_here("replies")
    }
    fn claims(&self) -> Arc<dyn Claims> {
        not_here("claims")
    }
    fn sessions(&self) -> Arc<dyn Sessions> {
        not_here("sessions")
    }
    fn releases(&self) -> Arc<dyn Releases> {
        not_here("releases")
    }
    fn sign_ins(&self) -> Arc<dyn SignIns> {
        not_here("sign-ins")
    }
    fn blobs(&self) -> Arc<dyn Blobs> {
        Arc::new(S3Blobs::new(&self.clients, self.buckets.clone()))
    }
    fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::new(SesMailer::new(&self.clients, None))
    }
    fn fleet(&self) -> (Arc<dyn Fleet>, String) {
        (Arc::new(EcsFleet::new(&self.clients, None)), SERVICE.to_owned())
    }
    fn lease(&self) -> Duration {
        Duration::from_secs(2)
    }
    async fn pass(&self, d: Duration) {
        tokio::time::sleep(d + A_LITTLE).await;
    }
}

fn not_here(port: &str) -> ! {
    panic!("{port} have no adapter for AWS yet")
}

macro_rules! suites {
    ($($suite:ident),*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $suite() {
            contract::$suite(&stand_in().await).await;
        }
    )*};
}

suites!(blobs_contract, fleet_contract, mailer_contract, queues_contract);
