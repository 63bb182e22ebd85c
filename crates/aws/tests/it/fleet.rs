//! The fleet and the task itself, by the answers that are documented where nothing here gives them.

use crate::canned::Canned;
use crate::{connect, stand_in};
use aws::{Agent, EcsFleet, TaskIdentity};
use aws_sdk_ecs::types::ContainerDefinition;
use domain::names::{CLUSTER, EDIT_SERVICE};
use ports::fleet::Protection;
use ports::{ErrorKind, Fleet};

const TASK: &str = "158d1c8083dd49d6b527399fd6414f5c";
/// From the ECS developer's guide, task metadata endpoint version 4, Fargate; shortened.
const METADATA: &str = r#"{
  "Cluster": "arn:aws:ecs:us-west-2:111122223333:cluster/webordinary-edit-cluster",
  "TaskARN": "arn:aws:ecs:us-west-2:111122223333:task/webordinary-edit-cluster/158d1c8083dd49d6b527399fd6414f5c",
  "Family": "edit", "Revision": "26", "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING",
  "Limits": { "CPU": 0.25, "Memory": 512 },
  "Containers": [
    { "DockerId": "1", "Name": "init", "KnownStatus": "STOPPED" },
    { "DockerId": "ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66", "Name": "edit",
      "Labels": { "com.amazonaws.ecs.cluster": "webordinary-edit-cluster" }, "Type": "NORMAL",
      "Networks": [{ "NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.2.106"], "AttachmentIndex": 0,
        "MACAddress": "0e:9e:32:c7:48:85", "IPv4SubnetCIDRBlock": "10.0.2.0/24" }] }
  ], "AvailabilityZone": "us-west-2d", "LaunchType": "FARGATE" }"#;

#[tokio::test]
async fn a_task_reads_who_it_is() {
    // A new task's endpoint does not answer at once.
    let endpoint = Canned::new(&[(503, ""), (200, METADATA)]).await;
    let uri = format!("{}/v4/ea32192c", endpoint.uri());
    let identity = TaskIdentity::read(&uri).await.unwrap();
    let address = "10.0.2.106".parse().unwrap();
    assert_eq!(identity, TaskIdentity { id: TASK.to_owned(), cluster: CLUSTER.to_owned(), address });
    assert!(endpoint.asked()[1].starts_with("GET /v4/ea32192c/task HTTP/1.1"));
}

#[tokio::test]
async fn metadata_that_names_no_address_is_malformed() {
    for bad in [r#"{"Cluster":"c","TaskARN":"a/b/c","Containers":[]}"#, "{}", "<html>"] {
        let endpoint = Canned::new(&[(200, bad)]).await;
        assert_eq!(TaskIdentity::read(endpoint.uri()).await.unwrap_err().kind(), ErrorKind::Malformed);
    }
}

#[tokio::test]
async fn a_task_protects_itself_by_its_agent() {
    let arn = "arn:aws:ecs:us-west-2:111122223333:task/c/158d1c8083dd49d6b527399fd6414f5c";
    let on = format!(
        r#"{{"protection":{{"ExpirationDate":"2026-01-01T00:00:00Z","ProtectionEnabled":true,"TaskArn":"{arn}"}}}}"#
    );
    let off = format!(r#"{{"protection":{{"ProtectionEnabled":false,"TaskArn":"{arn}"}}}}"#);
    let stopping = format!(r#"{{"failure":{{"Arn":"{arn}","Detail":null,"Reason":"TASK_NOT_VALID"}}}}"#);
    let denied = format!(
        r#"{{"error":{{"Arn":"{arn}","Code":"AccessDeniedException","Message":"no"}},"requestID":"1"}}"#
    );
    let endpoint =
        Canned::new(&[(200, &on), (200, &off), (202, &stopping), (400, &denied), (500, "oh")]).await;
    let agent = Agent { uri: endpoint.uri().to_owned(), task: TASK.to_owned() };
    // The API is where nothing listens: only the agent is asked.
    let fleet = EcsFleet::new(&connect("http://127.0.0.1:9").await, Some(agent));
    fleet.protect(EDIT_SERVICE, TASK, Protection::On).await.unwrap();
    fleet.protect(EDIT_SERVICE, TASK, Protection::Off).await.unwrap();
    for kind in [ErrorKind::Conflict, ErrorKind::Denied, ErrorKind::Transient] {
        let refused = fleet.protect(EDIT_SERVICE, TASK, Protection::On).await.unwrap_err();
        assert_eq!(refused.kind(), kind, "{refused}");
    }
    let asked = endpoint.asked();
    assert!(asked[0].starts_with("PUT /task-protection/v1/state HTTP/1.1"), "{}", asked[0]);
    assert!(
        asked[0].contains(r#""ProtectionEnabled":true"#) && asked[0].contains(r#""ExpiresInMinutes":120"#)
    );
    assert!(asked[1].ends_with(r#"{"ProtectionEnabled":false}"#), "{}", asked[1]);
}

#[tokio::test]
async fn other_tasks_are_protected_by_the_api() {
    let arn = format!("arn:aws:ecs:us-west-2:111122223333:task/{CLUSTER}/{TASK}");
    let done = format!(
        r#"{{"protectedTasks":[{{"taskArn":"{arn}","protectionEnabled":true,"expirationDate":1767225600}}],"failures":[]}}"#
    );
    let missing = format!(r#"{{"protectedTasks":[],"failures":[{{"arn":"{arn}","reason":"MISSING"}}]}}"#);
    let api = Canned::new(&[(200, &done), (200, &missing)]).await;
    let agent = Agent { uri: "http://127.0.0.1:9".to_owned(), task: "another".to_owned() };
    let fleet = EcsFleet::new(&connect(api.uri()).await, Some(agent));
    fleet.protect(EDIT_SERVICE, TASK, Protection::On).await.unwrap();
    let refused = fleet.protect(EDIT_SERVICE, TASK, Protection::On).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    assert!(api.asked()[0].contains(r#""expiresInMinutes":120"#), "{}", api.asked()[0]);
}

#[tokio::test]
async fn ecs_tells_which_tasks_run() {
    let stand_in = stand_in().await;
    let ecs = &stand_in.clients.ecs;
    ecs.create_cluster().cluster_name(CLUSTER).send().await.unwrap();
    let container = ContainerDefinition::builder().name("edit").image("edit").build();
    ecs.register_task_definition().family("edit").container_definitions(container).send().await.unwrap();
    let service = ecs.create_service().cluster(CLUSTER).service_name(EDIT_SERVICE).task_definition("edit");
    service.desired_count(3).send().await.unwrap();
    let arns = ecs.list_tasks().cluster(CLUSTER).send().await.unwrap().task_arns.unwrap();
    let ids: Vec<String> = arns.iter().map(|arn| arn.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 3);
    ecs.stop_task().cluster(CLUSTER).task(&ids[0]).send().await.unwrap();
    // More than ECS takes in one question; most are of no task that ever was.
    let mut asked: Vec<String> = (0..150).map(|n| format!("{n:032x}")).collect();
    asked.extend(ids.clone());
    let running = EcsFleet::new(&stand_in.clients, None).task_running(&asked).await.unwrap();
    assert_eq!(running, ids[1..].iter().cloned().collect());
}

#[tokio::test]
async fn a_deleted_service_is_not_found() {
    let inactive = r#"{"services":[{"serviceName":"s","status":"INACTIVE","desiredCount":0,"runningCount":0}],"failures":[]}"#;
    let not_active = r#"{"__type":"ServiceNotActiveException","message":"Service was not ACTIVE."}"#;
    let api = Canned::new(&[(200, inactive), (400, not_active)]).await;
    let fleet = EcsFleet::new(&connect(api.uri()).await, None);
    assert_eq!(fleet.count("s").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(fleet.set_desired("s", 1).await.unwrap_err().kind(), ErrorKind::NotFound);
}
