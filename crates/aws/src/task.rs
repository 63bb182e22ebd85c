//! What a task can learn about itself from the endpoints that ECS puts beside it.

use crate::fleet::{PROTECTED_MINUTES, refusal};
use ports::fleet::Protection;
use ports::{ErrorKind, PortError, Result};
use serde::Deserialize;
use serde_json::json;
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long the endpoints on the same host may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Tries to read who we are: a new task's endpoint may not answer at once.
const TRIES: u32 = 5;
const BETWEEN: Duration = Duration::from_millis(500);

/// Which task this process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskIdentity {
    /// The last part of the task's ARN.
    pub id: String,
    /// The cluster, by name.
    pub cluster: String,
    /// Its address inside the VPC.
    pub address: Ipv4Addr,
}

/// The endpoint beside a task by which it protects itself.
#[derive(Clone, Debug)]
pub struct Agent {
    /// What `ECS_AGENT_URI` says.
    pub uri: String,
    /// The task's id.
    pub task: String,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskMetadata {
    cluster: String,
    #[serde(rename = "TaskARN")]
    task_arn: String,
    #[serde(default)]
    containers: Vec<Container>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    #[serde(default)]
    networks: Vec<Network>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    #[serde(default, rename = "IPv4Addresses")]
    ipv4_addresses: Vec<Ipv4Addr>,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html>
#[derive(Default, Deserialize)]
struct Answer {
    protection: Option<Protected>,
    failure: Option<Failure>,
    error: Option<Refused>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Protected {
    protection_enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    reason: Option<String>,
    detail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    code: Option<String>,
    message: Option<String>,
}

impl TaskIdentity {
    /// Reads it from `metadata_uri`, which is what `ECS_CONTAINER_METADATA_URI_V4` says. `Transient` when the endpoint
    /// does not answer, `Malformed` when it answers otherwise than is documented.
    pub async fn read(metadata_uri: &str) -> Result<Self> {
        let url = format!("{}/task", metadata_uri.trim_end_matches('/'));
        let client = client()?;
        let mut tries = 1;
        loop {
            match ask(&client, &url).await {
                Err(error) if error.kind() == ErrorKind::Transient && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(BETWEEN).await;
                }
                metadata => return identity(&metadata?),
            }
        }
    }
}

impl Agent {
    /// Protects the task from scale-in, or ends that.
    pub(crate) async fn protect(&self, protection: Protection) -> Result<()> {
        let url = format!("{}/task-protection/v1/state", self.uri.trim_end_matches('/'));
        let wish = match protection {
            Protection::On => json!({ "ProtectionEnabled": true, "ExpiresInMinutes": PROTECTED_MINUTES }),
            Protection::Off => json!({ "ProtectionEnabled": false }),
        };
        let answer = client()?.put(url).json(&wish).send().await.map_err(|error| unreachable(&error))?;
        // Refusals come with a status of their own and the same kind of body.
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| unreachable(&error))?;
        let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(failure) = answer.failure {
            return Err(refusal(&self.task, failure.reason.as_deref(), failure.detail.as_deref()));
        }
        if let Some(error) = answer.error {
            return Err(refusal(&self.task, error.code.as_deref(), error.message.as_deref()));
        }
        match answer.protection {
            Some(state) if state.protection_enabled == (protection == Protection::On) => Ok(()),
            _ => Err(refusal(&self.task, None, Some(status.as_str()))),
        }
    }
}

/// The last part of a task's ARN; an id is its own.
pub(crate) fn task_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn identity(metadata: &TaskMetadata) -> Result<TaskIdentity> {
    let mut networks = metadata.containers.iter().flat_map(|container| &container.networks);
    let address = networks.find_map(|network| network.ipv4_addresses.first()).copied();
    let id = task_id(&metadata.task_arn).to_owned();
    let address = address.filter(|_| !id.is_empty()).ok_or_else(|| {
        PortError::new(ErrorKind::Malformed, "the metadata of this task names no id or no IPv4 address")
    })?;
    // A name on EC2, an ARN on Fargate.
    Ok(TaskIdentity { id, cluster: task_id(&metadata.cluster).to_owned(), address })
}

async fn ask(client: &reqwest::Client, url: &str) -> Result<TaskMetadata> {
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let body = answer.map_err(|error| unreachable(&error))?.bytes().await;
    serde_json::from_slice(&body.map_err(|error| unreachable(&error))?).map_err(|error| {
        PortError::new(ErrorKind::Malformed, format_args!("the metadata of this task: {error}"))
    })
}

fn client() -> Result<reqwest::Client> {
    reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(|error| unreachable(&error))
}

fn unreachable(error: &reqwest::Error) -> PortError {
    PortError::new(ErrorKind::Transient, format_args!("an endpoint of this task: {error}"))
}
