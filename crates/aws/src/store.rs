//! Reading and writing DynamoDB: consistent reads, whole pages, transactions that say what stood in their way.

use crate::Clients;
use crate::fault::fault;
use crate::item::{Item, Read};
use crate::store_clock::StoreClock;
use crate::tables::TODO_INDEX;
use crate::write::{self, When};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, TransactWriteItem};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::Timestamp;
use ports::{Blobs, ErrorKind, PortError, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Keys of one BatchGetItem.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const BATCH: usize = 100;
/// Tries of a step that others keep getting in the way of.
const TRIES: u32 = 60;
/// The longest pause between two of these.
const PAUSE_MAX: Duration = Duration::from_millis(400);

/// The tables, and where documents go that are too large for a row.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) db: Client,
    clock: StoreClock,
    blobs: Arc<dyn Blobs>,
}

/// A transaction that was not carried out, because something stood in its way.
#[derive(Debug)]
pub(crate) struct Cancelled(Vec<Option<String>>);

impl Cancelled {
    /// Whether the condition of the n-th write did not hold.
    pub(crate) fn failed(&self, n: usize) -> bool {
        self.0.get(n).is_some_and(|code| code.as_deref() == Some("ConditionalCheckFailed"))
    }
}

/// What became of one try of a step.
pub(crate) enum Try<T> {
    /// It is over.
    Done(T),
    /// Somebody was in between: look again, and decide anew.
    Again,
}

/// Counts the tries of a step that others keep getting in the way of.
pub(crate) struct Tries(u32);

impl Tries {
    pub(crate) fn new() -> Self {
        Self(0)
    }

    /// Waits for a while before the next try; `Transient` when there were too many.
    pub(crate) async fn again(&mut self, what: &str) -> Result<()> {
        self.0 += 1;
        if self.0 >= TRIES {
            let says = format_args!("{what}: others were in between {TRIES} times");
            return Err(PortError::new(ErrorKind::Transient, says));
        }
        tokio::time::sleep(pause(self.0)).await;
        Ok(())
    }
}

/// Says of which type one try is.
pub(crate) fn step<T>(
    step: impl Future<Output = Result<Try<T>>> + Send,
) -> impl Future<Output = Result<Try<T>>> + Send {
    step
}

/// Repeats a step that looks, decides and writes, while others get in between.
macro_rules! until_done {
    ($what:expr, $step:expr) => {{
        let mut tries = $crate::store::Tries::new();
        loop {
            match $crate::store::step($step).await? {
                $crate::store::Try::Done(done) => break Ok(done),
                $crate::store::Try::Again => tries.again($what).await?,
            }
        }
    }};
}
pub(crate) use until_done;

impl Store {
    pub(crate) fn new(clients: &Clients, blobs: Arc<dyn Blobs>) -> Self {
        Self { db: clients.dynamodb.clone(), clock: clients.clock.clone(), blobs }
    }

    /// The store's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// One row, as it is now.
    pub(crate) async fn get(&self, table: &str, key: Item) -> Result<Option<Item>> {
        let got = self.db.get_item().table_name(table).set_key(Some(key)).consistent_read(true).send().await;
        got.map(|got| got.item).map_err(|error| fault(format_args!("reading {table}"), &error))
    }

    /// Rows by their keys, as they are now, in any order. What is not there is left out.
    pub(crate) async fn get_all(&self, table: &str, mut keys: Vec<Item>) -> Result<Vec<Item>> {
        let mut rows = Vec::new();
        while !keys.is_empty() {
            let rest = keys.split_off(keys.len().min(BATCH));
            let batch = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let batch = batch.map_err(|error| PortError::new(ErrorKind::Malformed, error))?;
            let got = self.db.batch_get_item().request_items(table, batch).send().await;
            let got = got.map_err(|error| fault(format_args!("reading rows of {table}"), &error))?;
            rows.extend(got.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            let left = got.unprocessed_keys.and_then(|mut tables| tables.remove(table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if !keys.is_empty() {
                // Throttled: DynamoDB gives back what it did not read.
                tokio::time::sleep(PAUSE_MAX / 4).await;
            }
            keys.extend(rest);
        }
        Ok(rows)
    }

    /// The rows of one partition whose sort key `item` begins with `prefix`, in their order, as they are now.
    pub(crate) async fn collection(
        &self,
        table: &str,
        (name, value): (&str, &str),
        prefix: &str,
    ) -> Result<Vec<Item>> {
        let query = self
            .db
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("#p = :p AND begins_with(#s, :s)")
            .expression_attribute_names("#p", name)
            .expression_attribute_names("#s", "item")
            .expression_attribute_values(":p", AttributeValue::S(value.to_owned()))
            .expression_attribute_values(":s", AttributeValue::S(prefix.to_owned()));
        let rows = query.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        rows.map_err(|error| fault(format_args!("listing {table}"), &error))
    }

    /// Keys of what an index lists under `value`, in its order. An index may lag behind its table by moments.
    pub(crate) async fn listed(
        &self,
        table: &str,
        index: &str,
        (name, value): (&str, &str),
    ) -> Result<Vec<Item>> {
        let query = self
            .db
            .query()
            .table_name(table)
            .index_name(index)
            .key_condition_expression("#p = :p")
            .expression_attribute_names("#p", name)
            .expression_attribute_values(":p", AttributeValue::S(value.to_owned()));
        let rows = query.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        rows.map_err(|error| fault(format_args!("listing {index} of {table}"), &error))
    }

    /// The rows of a table that its index of things to do lists under `todo`, as they are now, in their order. `partition` is
    /// the name of the table's partition key.
    pub(crate) async fn due(&self, (table, partition): (&str, &str), todo: &str) -> Result<Vec<Item>> {
        let mut keys = self.listed(table, TODO_INDEX, ("todo", todo)).await?;
        for key in &mut keys {
            // The index gives its own key as well.
            key.retain(|name, _| name == partition || name == "item");
        }
        let mut rows = self.get_all(table, keys).await?;
        // The index may not know yet what the row says.
        rows.retain(|row| row.maybe_text("todo") == Some(todo));
        rows.sort_by(|a, b| a.maybe_text("ord").cmp(&b.maybe_text("ord")));
        Ok(rows)
    }

    /// All writes or none. `Err(Cancelled)` inside when a condition did not hold or others wrote at the same time.
    pub(crate) async fn transact(
        &self,
        what: &str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<std::result::Result<(), Cancelled>> {
        match self.db.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) => match cancelled(&error) {
                Some(reasons) => Ok(Err(reasons)),
                None => Err(fault(what, &error)),
            },
        }
    }

    /// Changes one row; false when the condition does not hold. Waits out transactions that hold the row.
    pub(crate) async fn update(&self, (table, key): (&str, Item), change: &str, when: When) -> Result<bool> {
        let used = format!("{change} {}", when.condition);
        let mut values = when.values;
        // DynamoDB refuses values that no expression uses.
        values.retain(|name, _| used.contains(name.as_str()));
        until_done!(table, async {
            let updated = self
                .db
                .update_item()
                .table_name(table)
                .set_key(Some(key.clone()))
                .update_expression(change)
                .condition_expression(&when.condition)
                .set_expression_attribute_names(write::names(&used))
                .set_expression_attribute_values(write::some(values.clone()))
                .send()
                .await;
            match updated {
                Ok(_) => Ok(Try::Done(true)),
                Err(error) => match error.as_service_error() {
                    Some(e) if e.is_conditional_check_failed_exception() => Ok(Try::Done(false)),
                    Some(e) if e.is_transaction_conflict_exception() => Ok(Try::Again),
                    _ => Err(fault(format_args!("changing {table}"), &error)),
                },
            }
        })
    }

    /// Keeps a text: in the row while it is small, else as a blob that the row names.
    pub(crate) async fn keep(&self, row: &mut Item, name: &str, (key, text): (&str, String)) -> Result<()> {
        if text.len() <= ROW_TEXT_MAX {
            row.insert(name.to_owned(), AttributeValue::S(text));
            return Ok(());
        }
        self.blobs.put(key, "application/json", text.into_bytes().into()).await?;
        row.insert(format!("{name}Blob"), AttributeValue::S(key.to_owned()));
        Ok(())
    }

    /// A text that [`Store::keep`] kept.
    pub(crate) async fn kept(&self, row: &Item, name: &str) -> Result<Option<String>> {
        if let Some(Ok(text)) = row.get(name).map(AttributeValue::as_s) {
            return Ok(Some(text.clone()));
        }
        let Some(Ok(key)) = row.get(&format!("{name}Blob")).map(AttributeValue::as_s) else {
            return Ok(None);
        };
        let (_, bytes) = self.blobs.get(key).await?;
        String::from_utf8(bytes.into()).map(Some).map_err(|error| crate::item::broken(name, error))
    }
}

/// The longest text that stays in a row, in bytes. A row has 400 KB at most, and a message two such texts.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
const ROW_TEXT_MAX: usize = 100 * 1024;

/// Random, so that those who got in each other's way do not meet again.
fn pause(turn: u32) -> Duration {
    let most = Duration::from_millis(8 << turn.min(6)).min(PAUSE_MAX);
    let die = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    most * (die + 16) / 271
}

/// Why a transaction was cancelled, when somebody else's write is all that stood in its way.
fn cancelled(error: &SdkError<TransactWriteItemsError>) -> Option<Cancelled> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let codes: Vec<Option<String>> =
                cancelled.cancellation_reasons().iter().map(|reason| reason.code.clone()).collect();
            let usual = |code: &Option<String>| {
                matches!(
                    code.as_deref(),
                    None | Some("None" | "ConditionalCheckFailed" | "TransactionConflict")
                )
            };
            codes.iter().all(usual).then_some(Cancelled(codes))
        }
        other if other.code() == Some("TransactionInProgressException") => Some(Cancelled(Vec::new())),
        _ => None,
    }
}

/// Values of an expression.
pub(crate) fn values<const N: usize>(values: [(&str, AttributeValue); N]) -> HashMap<String, AttributeValue> {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
