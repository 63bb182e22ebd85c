//! The calls: what each takes, and what it answers.

use crate::cluster::{Cluster, Refusal, Service, Task};
use crate::fault::Fault;
use crate::names::{Names, family};
use crate::shapes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Most things that may be described at once, as ECS has it.
const SERVICES_MAX: usize = 10;
const TASKS_MAX: usize = 100;
/// What the names of other calls of ECS begin with: they are told apart from what is no call at all.
const VERBS: &[&str] = &[
    "Create",
    "Delete",
    "Deregister",
    "Describe",
    "Discover",
    "Execute",
    "Get",
    "List",
    "Put",
    "Register",
    "Run",
    "Start",
    "Stop",
    "Submit",
    "Tag",
    "Untag",
    "Update",
];

/// A cluster as its operator calls it.
pub(crate) struct Desk<'a> {
    pub(crate) names: &'a Names,
    pub(crate) cluster: &'a dyn Cluster,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateService {
    cluster: Option<String>,
    service: String,
    desired_count: Option<i64>,
    #[serde(flatten)]
    beyond: Map<String, Value>,
}

#[derive(Deserialize)]
struct DescribeServices {
    cluster: Option<String>,
    services: Vec<String>,
}

#[derive(Deserialize)]
struct OfCluster {
    cluster: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListTasks {
    cluster: Option<String>,
    service_name: Option<String>,
    family: Option<String>,
    desired_status: Option<String>,
    // The CLI's paging, which nothing here is long enough for.
    #[expect(dead_code, reason = "taken, so that it is not among what is beyond")]
    max_results: Option<i64>,
    #[expect(dead_code, reason = "taken, so that it is not among what is beyond")]
    next_token: Option<String>,
    #[serde(flatten)]
    beyond: Map<String, Value>,
}

#[derive(Deserialize)]
struct DescribeTasks {
    cluster: Option<String>,
    tasks: Vec<String>,
}

#[derive(Deserialize)]
struct StopTask {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct DescribeClusters {
    #[serde(default)]
    clusters: Vec<String>,
}

impl Desk<'_> {
    /// Carries out the call named `operation`.
    pub(crate) async fn answer(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        match operation {
            "UpdateService" => self.update_service(read(body)?).await,
            "DescribeServices" => self.describe_services(&read(body)?),
            "ListServices" => self.list_services(&read(body)?),
            "ListTasks" => self.list_tasks(&read(body)?),
            "DescribeTasks" => self.describe_tasks(&read(body)?),
            "StopTask" => self.stop_task(read(body)?).await,
            "DescribeClusters" => Ok(self.describe_clusters(&read(body)?)),
            "ListClusters" => Ok(json!({ "clusterArns": [self.names.cluster_arn()] })),
            other if VERBS.iter().any(|verb| other.starts_with(verb)) => Err(Fault::AccessDenied(format!(
                "ecs:{other} is not offered by this endpoint: it shows the fleet on this machine and scales it."
            ))),
            _ => Err(Fault::UnknownOperation),
        }
    }

    async fn update_service(&self, asked: UpdateService) -> Result<Value, Fault> {
        self.meant(asked.cluster.as_deref())?;
        let name = self.service(&asked.service)?.name;
        only(&asked.beyond, "nothing but the desired count of a service can be changed here")?;
        if let Some(desired) = asked.desired_count {
            let desired = u32::try_from(desired).map_err(|_| {
                Fault::InvalidParameter(format!("A desired count of {desired} is not possible."))
            })?;
            tracing::info!(service = name, desired, "the operator scales");
            self.cluster.set_desired(&name, desired).await.map_err(refused)?;
        }
        Ok(json!({ "service": shapes::service(self.names, &self.service(&name)?) }))
    }

    fn describe_services(&self, asked: &DescribeServices) -> Result<Value, Fault> {
        self.meant(asked.cluster.as_deref())?;
        bounded(&asked.services, SERVICES_MAX, "Services")?;
        let (mut services, mut failures) = (Vec::new(), Vec::new());
        for given in &asked.services {
            if let Ok(service) = self.service(given) {
                services.push(shapes::service(self.names, &service));
            } else {
                let name = self.names.service(given);
                failures.push(missing(&name.map_or_else(|| given.clone(), |n| self.names.service_arn(n))));
            }
        }
        Ok(json!({ "services": services, "failures": failures }))
    }

    fn list_services(&self, asked: &OfCluster) -> Result<Value, Fault> {
        self.meant(asked.cluster.as_deref())?;
        let services = self.cluster.services();
        let arns: Vec<String> =
            services.iter().map(|service| self.names.service_arn(&service.name)).collect();
        Ok(json!({ "serviceArns": arns }))
    }

    fn list_tasks(&self, asked: &ListTasks) -> Result<Value, Fault> {
        self.meant(asked.cluster.as_deref())?;
        only(&asked.beyond, "tasks are listed by service, family and desired status here")?;
        let service = match &asked.service_name {
            Some(given) => Some(self.service(given)?.name),
            None => None,
        };
        let wanted = match asked.desired_status.as_deref() {
            None | Some("RUNNING") => true,
            Some("STOPPED") => false,
            // What ECS answers, too: no task is ever meant to be PENDING.
            Some("PENDING") => return Ok(json!({ "taskArns": [] })),
            Some(other) => {
                return Err(Fault::InvalidParameter(format!("{other} is no desired status.")));
            }
        };
        let tasks = self.cluster.tasks();
        let arns: Vec<String> = tasks
            .iter()
            .filter(|task| task.state.is_wanted() == wanted)
            .filter(|task| service.as_ref().is_none_or(|name| *name == task.service))
            .filter(|task| asked.family.as_ref().is_none_or(|name| name == family(&task.service)))
            .map(|task| self.names.task_arn(&task.id))
            .collect();
        Ok(json!({ "taskArns": arns }))
    }

    fn describe_tasks(&self, asked: &DescribeTasks) -> Result<Value, Fault> {
        self.meant(asked.cluster.as_deref())?;
        bounded(&asked.tasks, TASKS_MAX, "Tasks")?;
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for given in &asked.tasks {
            if let Some(task) = self.task(given) {
                tasks.push(shapes::task(self.names, &task));
            } else {
                let id = self.names.task(given);
                failures.push(missing(&id.map_or_else(|| given.clone(), |id| self.names.task_arn(id))));
            }
        }
        Ok(json!({ "tasks": tasks, "failures": failures }))
    }

    async fn stop_task(&self, asked: StopTask) -> Result<Value, Fault> {
        self.meant(asked.cluster.as_deref())?;
        let none = || Fault::InvalidParameter("The referenced task was not found.".to_owned());
        let task = self.task(&asked.task).ok_or_else(none)?;
        if task.state.is_wanted() {
            let reason = asked.reason.as_deref().unwrap_or("Task stopped by user");
            tracing::info!(task = task.id, "the operator stops a task");
            self.cluster.stop_task(&task.id, reason).await.map_err(refused)?;
        }
        let now = self.task(&task.id).ok_or_else(none)?;
        Ok(json!({ "task": shapes::task(self.names, &now) }))
    }

    fn describe_clusters(&self, asked: &DescribeClusters) -> Value {
        let default = ["default".to_owned()];
        let asked = if asked.clusters.is_empty() { &default[..] } else { &asked.clusters[..] };
        let (ours, others): (Vec<&String>, Vec<&String>) =
            asked.iter().partition(|given| self.names.is_cluster(given));
        let (services, tasks) = (self.cluster.services(), self.cluster.tasks());
        let clusters: Vec<Value> =
            ours.iter().map(|_| shapes::cluster(self.names, &services, &tasks)).collect();
        let failures: Vec<Value> = others.iter().map(|given| missing(given)).collect();
        json!({ "clusters": clusters, "failures": failures })
    }

    /// Refuses what is meant for another cluster. Without one, ECS means the cluster `default`, so this does.
    fn meant(&self, cluster: Option<&str>) -> Result<(), Fault> {
        let ours = cluster.is_some_and(|given| self.names.is_cluster(given));
        if ours { Ok(()) } else { Err(Fault::ClusterNotFound) }
    }

    fn service(&self, given: &str) -> Result<Service, Fault> {
        let services = self.cluster.services();
        let name = self.names.service(given);
        let there: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
        let found = services.into_iter().find(|service| Some(service.name.as_str()) == name);
        found.ok_or_else(|| {
            let says = format!("Service not found. This cluster has {}.", there.join(" and "));
            Fault::ServiceNotFound(says)
        })
    }

    fn task(&self, given: &str) -> Option<Task> {
        let id = self.names.task(given)?;
        self.cluster.tasks().into_iter().find(|task| task.id == id)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Fault::Serialization(error.to_string()))
}

/// Refuses what would be passed over in silence.
fn only(beyond: &Map<String, Value>, instead: &str) -> Result<(), Fault> {
    match beyond.keys().next() {
        None => Ok(()),
        Some(name) => Err(Fault::InvalidParameter(format!("{name} is not supported: {instead}."))),
    }
}

fn bounded(asked: &[String], max: usize, what: &str) -> Result<(), Fault> {
    match asked.len() {
        0 => Err(Fault::InvalidParameter(format!("{what} cannot be empty."))),
        count if count > max => {
            Err(Fault::InvalidParameter(format!("{what} cannot be more than {max} at once.")))
        }
        _ => Ok(()),
    }
}

fn missing(arn: &str) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Never(says) => Fault::InvalidParameter(says),
        Refusal::Later(says) => Fault::Server(says),
    }
}

#[cfg(test)]
mod tests;
