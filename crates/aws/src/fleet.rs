//! The pool of tasks on ECS.

use crate::connect::Clients;
use crate::fault::fault;
use crate::task::{Agent, task_id};
use async_trait::async_trait;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::operation::update_service::UpdateServiceError;
use domain::names::CLUSTER;
use ports::fleet::{Count, Protection};
use ports::{ErrorKind, Fleet, PortError, Result};
use std::collections::HashSet;

/// Most tasks of one question.
const MAX_BATCH: usize = 100;
/// How long a protection lasts, in minutes: a task that has forgotten to end it must not live for ever.
pub(crate) const PROTECTED_MINUTES: i32 = 120;

/// The services of the product's cluster.
pub struct EcsFleet {
    client: Client,
    agent: Option<Agent>,
}

impl EcsFleet {
    /// A fleet by these clients. `agent` is what ECS gives a task to protect itself with: it needs no rights, and
    /// works while the API throttles. Other tasks are protected by the API.
    pub fn new(clients: &Clients, agent: Option<Agent>) -> Self {
        Self { client: clients.ecs.clone(), agent }
    }

    /// Which of these tasks ECS still knows as running. Ids of tasks that have stopped an hour ago are fine.
    pub async fn task_running(&self, tasks: &[String]) -> Result<HashSet<String>> {
        let mut running = HashSet::new();
        for batch in tasks.chunks(MAX_BATCH) {
            let asked = self.client.describe_tasks().cluster(CLUSTER).set_tasks(Some(batch.to_vec()));
            let answer = asked.send().await.map_err(|error| fault("tasks", &error))?;
            let found = answer.tasks.unwrap_or_default().into_iter();
            let found = found.filter(|task| task.last_status.as_deref() == Some("RUNNING"));
            running
                .extend(found.filter_map(|task| task.task_arn.as_deref().map(|arn| task_id(arn).to_owned())));
        }
        Ok(running)
    }
}

#[async_trait]
impl Fleet for EcsFleet {
    async fn count(&self, service: &str) -> Result<Count> {
        let asked = self.client.describe_services().cluster(CLUSTER).services(service);
        let answer = asked.send().await.map_err(|error| fault(format_args!("service {service}"), &error))?;
        // ECS still tells of a deleted service for a while.
        let mut found = answer.services.unwrap_or_default().into_iter();
        let found = found.find(|service| service.status.as_deref() != Some("INACTIVE"));
        let found = found.ok_or_else(|| {
            PortError::new(ErrorKind::NotFound, format_args!("no service {service} in {CLUSTER}"))
        })?;
        let count = |count: i32| u32::try_from(count).unwrap_or(0);
        Ok(Count { desired: count(found.desired_count), running: count(found.running_count) })
    }

    async fn set_desired(&self, service: &str, desired: u32) -> Result<()> {
        let desired = i32::try_from(desired).map_err(|_| {
            PortError::new(ErrorKind::Malformed, format_args!("{desired} tasks are more than ECS counts"))
        })?;
        let updated = self.client.update_service().cluster(CLUSTER).service(service).desired_count(desired);
        match updated.send().await {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateServiceError::is_service_not_active_exception) =>
            {
                Err(PortError::new(ErrorKind::NotFound, format_args!("service {service} was deleted")))
            }
            updated => updated.map(|_| ()).map_err(|e| fault(format_args!("service {service}"), &e)),
        }
    }

    /// For two hours: a task that lives longer has to say so again. `NotFound` for a task that is not there,
    /// `Conflict` for one that is being stopped already.
    async fn protect(&self, _service: &str, task: &str, protection: Protection) -> Result<()> {
        if let Some(agent) = self.agent.as_ref().filter(|agent| agent.task == task) {
            return agent.protect(protection).await;
        }
        let on = protection == Protection::On;
        let asked = self.client.update_task_protection().cluster(CLUSTER).tasks(task).protection_enabled(on);
        let asked = asked.set_expires_in_minutes(on.then_some(PROTECTED_MINUTES));
        let answer = asked.send().await.map_err(|error| fault(format_args!("task {task}"), &error))?;
        if let Some(failure) = answer.failures.unwrap_or_default().first() {
            return Err(refusal(task, failure.reason.as_deref(), failure.detail.as_deref()));
        }
        let protected = answer.protected_tasks.unwrap_or_default();
        if protected.iter().any(|p| p.task_arn.as_deref().is_some_and(|arn| task_id(arn) == task)) {
            return Ok(());
        }
        Err(refusal(task, Some("MISSING"), None))
    }
}

/// What a refused protection means.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/api_failures_messages.html>
pub(crate) fn refusal(task: &str, reason: Option<&str>, detail: Option<&str>) -> PortError {
    let kind = match reason {
        Some("MISSING" | "ResourceNotFoundException") => ErrorKind::NotFound,
        Some("TASK_NOT_VALID") => ErrorKind::Conflict,
        Some("AccessDeniedException") => ErrorKind::Denied,
        Some("InvalidParameterException" | "ClientException") => ErrorKind::Malformed,
        _ => ErrorKind::Transient,
    };
    let reason = reason.unwrap_or("no reason");
    PortError::new(kind, format_args!("protection of task {task}: {reason}: {}", detail.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_protection_says_what_to_do() {
        let kind = |reason| refusal("t", reason, None).kind();
        assert_eq!(kind(Some("MISSING")), ErrorKind::NotFound);
        assert_eq!(kind(Some("TASK_NOT_VALID")), ErrorKind::Conflict);
        assert_eq!(kind(Some("DEPLOYMENT_BLOCKED")), ErrorKind::Transient);
        assert_eq!(kind(None), ErrorKind::Transient);
    }
}
