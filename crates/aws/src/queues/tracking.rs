//! The table of queues: when each was created, last used and deleted.
//!
//! AWS refuses the name of a deleted queue for a minute, and whoever deleted it is seldom who wants it next. The table
//! tells every process before it asks.

use super::attributes::Redrive;
use crate::connect::Clients;
use crate::fault::fault;
use crate::store_clock::StoreClock;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use domain::names::QUEUE_TRACKING_TABLE;
use ports::queues::Unused;
use ports::{ErrorKind, PortError, Result};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a deleted queue's name cannot be used.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>
const UNUSABLE: Duration = Duration::from_mins(1);
/// How exactly the last use is known: a write per hour, not one per use.
const USE_NOTED: Duration = Duration::from_hours(1);
/// Queues remembered before old uses are dropped.
const REMEMBERED: usize = 10_000;
/// How long the row of a deleted queue is kept.
const KEPT: Duration = Duration::from_hours(24);

/// The rows of queues.
pub(super) struct Tracking {
    client: Client,
    clock: StoreClock,
    /// Uses that this process has noted.
    noted: Mutex<HashMap<String, Timestamp>>,
}

/// A row, as far as it decides something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    last_used: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
}

impl Row {
    /// How long the queue's name is still unusable.
    fn unusable(&self, now: Timestamp) -> Option<Duration> {
        let deleted_at = self.deleted_at?;
        // A clock that is behind the writer's must not make it longer than it is.
        let left = deleted_at.plus(UNUSABLE).since(now).min(UNUSABLE);
        (!left.is_zero()).then_some(left)
    }

    fn use_is_noted(&self, now: Timestamp) -> bool {
        self.deleted_at.is_none() && self.last_used.is_some_and(|at| now < at.plus(USE_NOTED))
    }
}

impl Tracking {
    pub(super) fn new(clients: &Clients) -> Self {
        Self { client: clients.dynamodb.clone(), clock: clients.clock.clone(), noted: Mutex::default() }
    }

    /// The queue's row. `Transient` while AWS would refuse the queue's name.
    pub(super) async fn may_exist(&self, queue: &str) -> Result<Row> {
        let row = self.row(queue).await?;
        let Some(left) = row.unusable(self.clock.now()) else { return Ok(row) };
        let seconds = left.as_millis().div_ceil(1000);
        let says =
            format!("queue {queue} was deleted less than a minute ago: its name is free in {seconds} s");
        Err(PortError::new(ErrorKind::Transient, says))
    }

    /// Notes that the queue exists and is used. `Conflict` when it was deleted after `row` was read.
    pub(super) async fn used(&self, queue: &str, row: Row, redrive: Option<&Redrive>) -> Result<()> {
        let now = self.clock.now();
        self.is_news(queue, now);
        if row.use_is_noted(now) {
            return Ok(());
        }
        // A new life begins with the deletion that ended the last one forgotten.
        let (created, unless) = match row.deleted_at {
            Some(_) => (":now", "deletedAt = :seen"),
            None => ("if_not_exists(createdAt, :now)", "attribute_not_exists(deletedAt)"),
        };
        let dead_letters = redrive.and_then(|redrive| redrive.target.rsplit(':').next());
        let and = dead_letters.map_or("", |_| ", deadLetters = :dead");
        let change = format!("SET lastUsed = :now, createdAt = {created}{and} REMOVE deletedAt, expiresAt");
        let mut update = self.update(queue, &change).condition_expression(unless);
        update = update.expression_attribute_values(":now", number(now.0));
        if let Some(dead_letters) = dead_letters {
            update = update.expression_attribute_values(":dead", AttributeValue::S(dead_letters.to_owned()));
        }
        if let Some(seen) = row.deleted_at {
            update = update.expression_attribute_values(":seen", number(seen.0));
        }
        update.send().await.map(|_| ()).map_err(|error| fault(row_of(queue), &error))
    }

    /// Notes a use of a queue that is there, unless this process has done so within the hour. A note that fails is left
    /// to the next hour: the use itself has worked.
    pub(super) async fn used_again(&self, queue: &str) {
        let now = self.clock.now();
        if !self.is_news(queue, now) {
            return;
        }
        let update = self
            .update(queue, "SET lastUsed = :now")
            .condition_expression("attribute_exists(lastUsed) AND attribute_not_exists(deletedAt)")
            .expression_attribute_values(":now", number(now.0));
        if let Err(error) = update.send().await {
            let error = fault(row_of(queue), &error);
            // A queue that the deployment made has no row, and one that is being deleted is none of ours any more.
            if error.kind() != ErrorKind::Conflict {
                tracing::warn!(%error, "the use of a queue was not noted");
            }
        }
    }

    /// Whether this process has not noted a use within the hour. It has from now on.
    fn is_news(&self, queue: &str, now: Timestamp) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= REMEMBERED {
            noted.retain(|_, at| now.since(*at) < USE_NOTED);
        }
        if noted.get(queue).is_some_and(|at| now < at.plus(USE_NOTED)) {
            return false;
        }
        noted.insert(queue.to_owned(), now);
        true
    }

    /// Queues that were last used `age` ago or earlier, and are there.
    pub(super) async fn unused(&self, age: Duration, max: usize) -> Result<Vec<Unused>> {
        let rows = self
            .client
            .scan()
            .table_name(QUEUE_TRACKING_TABLE)
            .filter_expression("lastUsed <= :since AND attribute_not_exists(deletedAt)")
            .expression_attribute_values(":since", number(self.clock.now().minus(age).0));
        let (mut rows, mut unused) = (rows.into_paginator().items().send(), Vec::new());
        while unused.len() < max {
            let Some(row) = rows.next().await else { break };
            let row = row.map_err(|error| fault("rows of queues", &error))?;
            let text = |name| row.get(name).and_then(|value| value.as_s().ok()).cloned();
            if let Some(queue) = text("queue") {
                unused.push(Unused { queue, dead_letters: text("deadLetters") });
            }
        }
        Ok(unused)
    }

    /// Notes that the queue is being deleted. Deleting it again does not begin the minute anew.
    pub(super) async fn removed(&self, queue: &str) -> Result<()> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).remove(queue);
        let row = self.row(queue).await?;
        let now = self.clock.now();
        if row.unusable(now).is_some() {
            return Ok(());
        }
        let update = self
            .update(queue, "SET deletedAt = :now, expiresAt = :expires")
            .expression_attribute_values(":now", number(now.0))
            .expression_attribute_values(":expires", number(now.plus(KEPT).0 / 1000));
        update.send().await.map(|_| ()).map_err(|error| fault(row_of(queue), &error))
    }

    async fn row(&self, queue: &str) -> Result<Row> {
        let asked = self.client.get_item().table_name(QUEUE_TRACKING_TABLE).consistent_read(true);
        let answer = asked.key("queue", AttributeValue::S(queue.to_owned())).send().await;
        let item = answer.map_err(|error| fault(row_of(queue), &error))?.item;
        let item = item.unwrap_or_default();
        Ok(Row { last_used: time(&item, "lastUsed"), deleted_at: time(&item, "deletedAt") })
    }

    fn update(&self, queue: &str, change: &str) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(QUEUE_TRACKING_TABLE);
        update.key("queue", AttributeValue::S(queue.to_owned())).update_expression(change)
    }
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn row_of(queue: &str) -> String {
    format!("row of queue {queue}")
}

fn time(item: &HashMap<String, AttributeValue>, name: &str) -> Option<Timestamp> {
    item.get(name)?.as_n().ok()?.parse().ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_unusable_for_a_minute() {
        let row = Row { deleted_at: Some(Timestamp(100_000)), ..Row::default() };
        assert_eq!(row.unusable(Timestamp(110_000)), Some(Duration::from_secs(50)));
        assert_eq!(row.unusable(Timestamp(90_000)), Some(UNUSABLE));
        assert_eq!(row.unusable(Timestamp(160_000)), None);
        assert_eq!(Row::default().unusable(Timestamp(0)), None);
    }

    #[test]
    fn a_use_is_noted_once_an_hour_and_in_each_life() {
        let row = Row { last_used: Some(Timestamp(0)), deleted_at: None };
        assert!(row.use_is_noted(Timestamp(3_599_999)));
        assert!(!row.use_is_noted(Timestamp(3_600_000)));
        assert!(!Row { deleted_at: Some(Timestamp(5)), ..row }.use_is_noted(Timestamp(10)));
        assert!(!Row::default().use_is_noted(Timestamp(0)));
    }
}
