//! Services, tasks and clusters as ECS writes them in JSON.

use crate::cluster::{Service, Task, TaskState};
use crate::names::{Names, family};
use domain::Timestamp;
use serde_json::{Value, json};

/// `Service`. One deployment, whose state says whether the count stands, so that waiters see the end of it.
pub(crate) fn service(names: &Names, service: &Service) -> Value {
    let events: Vec<Value> = service
        .events
        .iter()
        .map(|(id, at, says)| json!({ "id": id, "createdAt": seconds(*at), "message": says }))
        .collect();
    json!({
        "serviceArn": names.service_arn(&service.name),
        "serviceName": service.name,
        "clusterArn": names.cluster_arn(),
        "loadBalancers": [],
        "serviceRegistries": [],
        "status": "ACTIVE",
        "desiredCount": service.desired,
        "runningCount": service.running,
        "pendingCount": service.pending,
        "launchType": "FARGATE",
        "taskDefinition": names.definition_arn(&service.name),
        "deploymentConfiguration": { "maximumPercent": 200, "minimumHealthyPercent": 100 },
        "deployments": [deployment(names, service)],
        "events": events,
        "createdAt": seconds(service.created_at),
        "placementConstraints": [],
        "placementStrategy": [],
        "schedulingStrategy": "REPLICA",
        "enableECSManagedTags": false,
        "propagateTags": "NONE",
        "enableExecuteCommand": false,
    })
}

fn deployment(names: &Names, service: &Service) -> Value {
    let stands = service.running == service.desired;
    let (state, reason) = if stands { ("COMPLETED", "completed") } else { ("IN_PROGRESS", "in progress") };
    let id = deployment_id(service.created_at);
    json!({
        "id": id,
        "status": "PRIMARY",
        "taskDefinition": names.definition_arn(&service.name),
        "desiredCount": service.desired,
        "pendingCount": service.pending,
        "runningCount": service.running,
        "failedTasks": 0,
        "createdAt": seconds(service.created_at),
        "updatedAt": seconds(service.updated_at),
        "launchType": "FARGATE",
        "rolloutState": state,
        "rolloutStateReason": format!("ECS deployment {id} {reason}."),
    })
}

/// `Task`.
pub(crate) fn task(names: &Names, task: &Task) -> Value {
    let (last, desired) = match &task.state {
        TaskState::Running => ("RUNNING", "RUNNING"),
        TaskState::Stopping(..) => ("STOPPING", "STOPPED"),
        TaskState::Stopped(..) => ("STOPPED", "STOPPED"),
    };
    let arn = names.task_arn(&task.id);
    let mut shape = json!({
        "taskArn": arn,
        "clusterArn": names.cluster_arn(),
        "taskDefinitionArn": names.definition_arn(&task.service),
        "group": format!("service:{}", task.service),
        "lastStatus": last,
        "desiredStatus": desired,
        "launchType": "FARGATE",
        "connectivity": "CONNECTED",
        "createdAt": seconds(task.started_at),
        "startedAt": seconds(task.started_at),
        "containers": [{ "name": family(&task.service), "taskArn": arn, "lastStatus": last }],
        "attachments": [],
        "tags": [],
        "version": 1,
    });
    if let TaskState::Stopping(at, reason) | TaskState::Stopped(at, reason) = &task.state {
        shape["stoppingAt"] = seconds(*at);
        shape["stoppedReason"] = reason.as_str().into();
    }
    if let TaskState::Stopped(at, _) = &task.state {
        shape["stoppedAt"] = seconds(*at);
    }
    shape
}

/// `Cluster`.
pub(crate) fn cluster(names: &Names, services: &[Service], tasks: &[Task]) -> Value {
    let there = tasks.iter().filter(|task| !matches!(task.state, TaskState::Stopped(..))).count();
    json!({
        "clusterArn": names.cluster_arn(),
        "clusterName": names.cluster,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": there,
        "pendingTasksCount": services.iter().map(|service| service.pending).sum::<u32>(),
        "activeServicesCount": services.len(),
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    })
}

fn deployment_id(since: Timestamp) -> String {
    format!("ecs-svc/{:019}", since.0)
}

/// A time as AWS JSON has it: seconds since 1970, with milliseconds behind the point.
#[expect(clippy::cast_precision_loss, reason = "exact for milliseconds until the year 287396")]
fn seconds(at: Timestamp) -> Value {
    json!(at.0 as f64 / 1000.0)
}
