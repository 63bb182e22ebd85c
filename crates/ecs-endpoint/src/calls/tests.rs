//! The calls on a cluster that only keeps what it was told. The AWS CLI itself calls in the tests of the whole fleet.

use super::*;
use crate::cluster::TaskState;
use async_trait::async_trait;
use domain::Timestamp;
use std::sync::Mutex;

const ARN: &str = "arn:aws:ecs:us-east-1:000000000000";
const NOW: Timestamp = Timestamp(1_440_938_160_250);

/// One service, `edit-service`, with one task at work and one that is over.
#[derive(Default)]
struct Small {
    desired: Mutex<u32>,
    stopped: Mutex<Option<String>>,
}

#[async_trait]
impl Cluster for Small {
    fn services(&self) -> Vec<Service> {
        let desired = *self.desired.lock().unwrap();
        vec![Service {
            name: "edit-service".to_owned(),
            desired,
            running: 1,
            pending: desired.saturating_sub(1),
            created_at: NOW,
            updated_at: NOW,
            events: vec![("e1".to_owned(), NOW, "(service edit-service) has begun.".to_owned())],
        }]
    }

    fn tasks(&self) -> Vec<Task> {
        let state = match self.stopped.lock().unwrap().clone() {
            Some(reason) => TaskState::Stopping(NOW, reason),
            None => TaskState::Running,
        };
        let task = |id: &str, state| Task {
            id: id.to_owned(),
            service: "edit-service".to_owned(),
            started_at: NOW,
            state,
        };
        vec![task("0a", state), task("0b", TaskState::Stopped(NOW, "done".to_owned()))]
    }

    async fn set_desired(&self, _service: &str, desired: u32) -> Result<(), Refusal> {
        if desired > 5 {
            return Err(Refusal::Never("At most five.".to_owned()));
        }
        *self.desired.lock().unwrap() = desired;
        Ok(())
    }

    async fn stop_task(&self, _id: &str, reason: &str) -> Result<(), Refusal> {
        *self.stopped.lock().unwrap() = Some(reason.to_owned());
        Ok(())
    }
}

async fn call(cluster: &Small, operation: &str, body: Value) -> Result<Value, Fault> {
    let names =
        Names { region: "us-east-1".to_owned(), account: "000000000000".to_owned(), cluster: "c".to_owned() };
    Desk { names: &names, cluster }.answer(operation, body.to_string().as_bytes()).await
}

#[tokio::test]
async fn a_service_is_scaled_by_name_or_arn_and_shows_as_ecs_shows_it() {
    let cluster = Small::default();
    for (service, desired) in [("edit-service".to_owned(), 3), (format!("{ARN}:service/c/edit-service"), 1)] {
        let asked = json!({ "cluster": "c", "service": service, "desiredCount": desired });
        let shown = call(&cluster, "UpdateService", asked).await.unwrap()["service"].clone();
        assert_eq!(shown["desiredCount"], desired);
        assert_eq!(shown["pendingCount"], desired - 1);
        assert_eq!(shown["serviceArn"], format!("{ARN}:service/c/edit-service"));
        assert_eq!(shown["clusterArn"], format!("{ARN}:cluster/c"));
        assert_eq!(shown["createdAt"], 1_440_938_160.25);
        let state = if desired == 1 { "COMPLETED" } else { "IN_PROGRESS" };
        assert_eq!(shown["deployments"][0]["rolloutState"], state);
        assert_eq!(shown["deployments"].as_array().unwrap().len(), 1, "waiters count them");
    }
}

#[tokio::test]
async fn what_cannot_be_scaled_is_left_as_it_is() {
    let cluster = Small::default();
    let asked = |more: Value| {
        let mut asked = json!({ "cluster": "c", "service": "edit-service" });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked
    };
    for (more, code) in [
        (json!({ "desiredCount": -1 }), "InvalidParameterException"),
        (json!({ "desiredCount": 6 }), "InvalidParameterException"),
        (json!({ "desiredCount": 2, "forceNewDeployment": true }), "InvalidParameterException"),
        (json!({ "desiredCount": "many" }), "SerializationException"),
        (json!({ "desiredCount": 2, "cluster": "default" }), "ClusterNotFoundException"),
        (json!({ "desiredCount": 2, "cluster": null }), "ClusterNotFoundException"),
        (json!({ "desiredCount": 2, "service": "other" }), "ServiceNotFoundException"),
        (
            json!({ "desiredCount": 2, "service": "arn:aws:ecs:x:0:service/c/edit-service" }),
            "ServiceNotFoundException",
        ),
    ] {
        let refused = call(&cluster, "UpdateService", asked(more.clone())).await.unwrap_err();
        assert_eq!(refused.code(), code, "{more}");
        assert_eq!(*cluster.desired.lock().unwrap(), 0, "{more}");
    }
}

#[tokio::test]
async fn tasks_are_listed_by_what_they_are_meant_to_be() {
    let cluster = Small::default();
    for (filter, ids) in [
        (json!({}), &["0a"][..]),
        (json!({ "desiredStatus": "STOPPED" }), &["0b"]),
        (json!({ "desiredStatus": "PENDING" }), &[]),
        (json!({ "serviceName": "edit-service", "family": "edit", "maxResults": 5 }), &["0a"]),
        (json!({ "family": "other" }), &[]),
    ] {
        let mut asked = json!({ "cluster": "c" });
        asked.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        let arns: Vec<String> = ids.iter().map(|id| format!("{ARN}:task/c/{id}")).collect();
        assert_eq!(call(&cluster, "ListTasks", asked).await, Ok(json!({ "taskArns": arns })), "{filter}");
    }
    let by_hand = json!({ "cluster": "c", "startedBy": "me" });
    let refused = call(&cluster, "ListTasks", by_hand).await.unwrap_err();
    assert!(
        matches!(&refused, Fault::InvalidParameter(says) if says.starts_with("startedBy")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_task_is_stopped_once_and_described_with_the_reason() {
    let cluster = Small::default();
    let stop = |task: &str, reason: &str| json!({ "cluster": "c", "task": task, "reason": reason });
    let stopping = call(&cluster, "StopTask", stop("0a", "it hangs")).await.unwrap()["task"].clone();
    assert_eq!(
        (&stopping["lastStatus"], &stopping["desiredStatus"]),
        (&json!("STOPPING"), &json!("STOPPED"))
    );
    assert_eq!(stopping["stoppedReason"], "it hangs");
    let again = call(&cluster, "StopTask", stop(&format!("{ARN}:task/c/0a"), "again")).await.unwrap();
    assert_eq!(again["task"]["stoppedReason"], "it hangs");
    let refused = call(&cluster, "StopTask", stop("0c", "")).await.unwrap_err();
    assert_eq!(refused, Fault::InvalidParameter("The referenced task was not found.".to_owned()));
    let asked = json!({ "cluster": "c", "tasks": ["0b", "0c"] });
    let shown = call(&cluster, "DescribeTasks", asked).await.unwrap();
    assert_eq!(shown["tasks"][0]["stoppedAt"], 1_440_938_160.25);
    assert_eq!(shown["failures"], json!([{ "arn": format!("{ARN}:task/c/0c"), "reason": "MISSING" }]));
}

#[tokio::test]
async fn calls_that_are_not_offered_are_told_from_those_that_do_not_exist() {
    let cluster = Small::default();
    let code = async |operation: &str| call(&cluster, operation, json!({})).await.unwrap_err().code();
    assert_eq!(code("RunTask").await, "AccessDeniedException");
    assert_eq!(code("DeleteCluster").await, "AccessDeniedException");
    assert_eq!(code("MakeCoffee").await, "UnknownOperationException");
    let none = json!({ "cluster": "c", "services": [] });
    assert_eq!(
        call(&cluster, "DescribeServices", none).await.unwrap_err().code(),
        "InvalidParameterException"
    );
    let clusters = call(&cluster, "DescribeClusters", json!({ "clusters": ["c", "d"] })).await.unwrap();
    assert_eq!(clusters["clusters"][0]["runningTasksCount"], 1);
    assert_eq!(clusters["failures"][0], json!({ "arn": "d", "reason": "MISSING" }));
}
