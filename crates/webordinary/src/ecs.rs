//! The fleet of this process as `aws ecs` sees it, and the access key for that.

use crate::data::{DataDir, ECS_ID, ECS_SECRET};
use crate::duty::Duty;
use anyhow::Context;
use async_trait::async_trait;
use axum::Router;
use domain::names::{CLUSTER, EDIT_SERVICE, HERMES_SERVICE};
use ecs_endpoint::{AccessKey, Cluster, Names, Refusal, Service, Task, TaskState};
use embedded::InProcessFleet;
use embedded::fleet::{Ending, ServiceReport, TaskReport};
use ports::{Clock, Fleet, PortError};
use std::sync::Arc;

/// The region that the endpoint says it is in. One must be set for the AWS CLI; it means nothing here.
const REGION: &str = "us-east-1";
/// The account, likewise.
const ACCOUNT: &str = "000000000000";

/// The access key of this data directory, made when first asked for.
pub(crate) struct Credentials {
    id: String,
    secret: String,
}

impl Credentials {
    pub(crate) fn of(data: &DataDir) -> anyhow::Result<Self> {
        let text =
            |name| String::from_utf8(data.secret(name)?).with_context(|| format!("{name} is not text"));
        // 20 characters, as access key ids have, which nobody takes for one of AWS.
        let id = format!("WEBORDINARY{}", text(ECS_ID)?[..9].to_ascii_uppercase());
        Ok(Self { id, secret: text(ECS_SECRET)? })
    }

    /// What the AWS CLI reads from its environment to reach `endpoint`.
    pub(crate) fn environment<'a>(&'a self, endpoint: &'a str) -> [(&'static str, &'a str); 4] {
        [
            ("AWS_ACCESS_KEY_ID", self.id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", self.secret.as_str()),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ENDPOINT_URL", endpoint),
        ]
    }

    /// A command line of the AWS CLI, ready to paste.
    pub(crate) fn command(&self, endpoint: &str, arguments: &str) -> String {
        let variables = self.environment(endpoint).map(|(name, value)| format!("{name}={value}"));
        format!("{} aws ecs {arguments}", variables.join(" "))
    }

    fn key(self) -> AccessKey {
        AccessKey::new(self.id, self.secret)
    }
}

/// The endpoint.
pub(crate) fn endpoint(credentials: Credentials, cluster: LocalCluster, clock: Arc<dyn Clock>) -> Router {
    let names = Names { region: REGION.to_owned(), account: ACCOUNT.to_owned(), cluster: CLUSTER.to_owned() };
    ecs_endpoint::router(names, credentials.key(), Arc::new(cluster), Arc::new(move || clock.now()))
}

/// The tasks of this process.
pub(crate) struct LocalCluster {
    pub(crate) fleet: Arc<InProcessFleet>,
    pub(crate) duty: Duty,
    /// Most edit containers.
    pub(crate) max_containers: u32,
}

#[async_trait]
impl Cluster for LocalCluster {
    fn services(&self) -> Vec<Service> {
        self.fleet.services().into_iter().map(service).collect()
    }

    fn tasks(&self) -> Vec<Task> {
        self.fleet.tasks().into_iter().map(task).collect()
    }

    async fn set_desired(&self, service: &str, desired: u32) -> Result<(), Refusal> {
        let max = if service == HERMES_SERVICE { 1 } else { self.max_containers };
        if desired > max {
            return Err(Refusal::Never(match service {
                HERMES_SERVICE => "One machine runs one Hermes: its desired count is 0 or 1.".to_owned(),
                _ => format!("This fleet has at most {max} edit containers; --max-containers sets that."),
            }));
        }
        self.fleet.set_desired(service, desired).await.map_err(later)?;
        if service == EDIT_SERVICE {
            self.duty.look_at_pool().await;
        }
        Ok(())
    }

    async fn stop_task(&self, id: &str, reason: &str) -> Result<(), Refusal> {
        self.fleet.stop_task(id, reason).map(drop).map_err(later)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn later(error: PortError) -> Refusal {
    Refusal::Later(error.to_string())
}

fn service(report: ServiceReport) -> Service {
    Service {
        name: report.name,
        desired: report.count.desired,
        running: report.count.running,
        pending: report.pending,
        created_at: report.since,
        updated_at: report.set_at,
        events: report.events.into_iter().map(|event| (event.id, event.at, event.says)).collect(),
    }
}

fn task(report: TaskReport) -> Task {
    Task {
        id: report.id,
        service: report.service,
        started_at: report.started_at,
        state: match report.ending {
            Ending::No => TaskState::Running,
            Ending::Stopping { at, reason } => TaskState::Stopping(at, reason),
            Ending::Stopped { at, reason } => TaskState::Stopped(at, reason),
        },
    }
}
