//! The DynamoDB tables: keys, indexes, expiry. The one place that says what they look like.

use crate::Clients;
use crate::fault::fault;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TableStatus, TimeToLiveSpecification,
};
use domain::names;
use ports::{ErrorKind, PortError, Result};
use std::time::Duration;

/// Looks at a table that is being made, and the wait between two.
const LOOKS: u32 = 120;
const BETWEEN: Duration = Duration::from_millis(500);

/// Sparse: what waits for somebody, by what it waits for.
pub(crate) const TODO_INDEX: &str = "todo-index";
/// Sparse: pairs that wait, and claims that are held.
pub(crate) const LISTED_INDEX: &str = "listed-index";
/// A project's threads by last activity.
pub(crate) const PROJECT_INDEX: &str = "project-index";
/// A user's threads in a project by last activity.
pub(crate) const USER_INDEX: &str = "user-index";
/// Seconds since the epoch after which DynamoDB may remove a row. It takes its time, so readers look too.
pub(crate) const EXPIRES_AT: &str = "expiresAt";

/// A key's attribute and its type.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The attribute.
    pub name: &'static str,
    /// What it holds.
    pub kind: KeyKind,
}

/// What a key's attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Text.
    Text,
    /// A number.
    Number,
}

/// A global secondary index.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Partition key.
    pub partition: Key,
    /// Sort key.
    pub sort: Key,
    /// Whether rows are found whole in it, or by their keys alone.
    pub whole: Whole,
}

/// How much of a row an index holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Everything.
    Yes,
    /// The keys; the row itself is read from its table, which is consistent.
    KeysOnly,
}

/// A table. All are billed per request, with point-in-time recovery where they are deployed.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Partition key.
    pub partition: Key,
    /// Sort key, where rows are collected.
    pub sort: Option<Key>,
    /// Its indexes.
    pub indexes: &'static [Index],
    /// Whether rows expire.
    pub expires: Expires,
}

/// Whether a table's rows expire by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expires {
    /// At their `expiresAt`.
    Yes,
    /// Never.
    No,
}

const fn text(name: &'static str) -> Key {
    Key { name, kind: KeyKind::Text }
}

const fn number(name: &'static str) -> Key {
    Key { name, kind: KeyKind::Number }
}

const fn table(name: &'static str, partition: &'static str, expires: Expires) -> Table {
    Table { name, partition: text(partition), sort: None, indexes: &[], expires }
}

const WAITING: Index =
    Index { name: TODO_INDEX, partition: text("todo"), sort: text("ord"), whole: Whole::KeysOnly };

/// Every table.
pub const TABLES: &[Table] = &[
    table(names::PROJECTS_TABLE, "projectId", Expires::No),
    table(names::SESSIONS_TABLE, "sessionId", Expires::Yes),
    table(names::MAPPINGS_TABLE, "mapping", Expires::Yes),
    Table {
        indexes: &[
            Index {
                name: PROJECT_INDEX,
                partition: text("projectId"),
                sort: number("lastActivity"),
                whole: Whole::Yes,
            },
            Index {
                name: USER_INDEX,
                partition: text("projectUser"),
                sort: number("lastActivity"),
                whole: Whole::Yes,
            },
        ],
        ..table(names::THREADS_TABLE, "threadId", Expires::No)
    },
    Table {
        sort: Some(text("item")),
        indexes: &[WAITING],
        ..table(names::MESSAGES_TABLE, "threadId", Expires::No)
    },
    table(names::CONTAINERS_TABLE, "containerId", Expires::Yes),
    Table {
        sort: Some(text("item")),
        indexes: &[Index {
            name: LISTED_INDEX,
            partition: text("listed"),
            sort: text("pair"),
            whole: Whole::KeysOnly,
        }],
        ..table(names::OWNERSHIP_TABLE, "pair", Expires::No)
    },
    table(names::QUEUE_TRACKING_TABLE, "queue", Expires::Yes),
    table(names::TOKENS_TABLE, "token", Expires::Yes),
    Table {
        sort: Some(text("item")),
        indexes: &[WAITING],
        ..table(names::RELEASES_TABLE, "book", Expires::No)
    },
    Table { sort: Some(text("item")), ..table(names::SPENDING_TABLE, "account", Expires::Yes) },
];

/// Creates the tables that are missing, and waits until they can be used. For stand-ins: where the product is
/// deployed, its infrastructure code makes them.
pub async fn ensure_tables(clients: &Clients) -> Result<()> {
    for table in TABLES {
        create(clients, table).await?;
    }
    Ok(())
}

async fn create(clients: &Clients, table: &Table) -> Result<()> {
    let db = &clients.dynamodb;
    let mut keys = vec![table.partition];
    keys.extend(table.sort);
    let mut all = keys.clone();
    all.extend(table.indexes.iter().flat_map(|index| [index.partition, index.sort]));
    all.sort_by_key(|key| key.name);
    all.dedup_by_key(|key| key.name);
    let mut order = db
        .create_table()
        .table_name(table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(schema(&keys)?));
    for key in all {
        order = order.attribute_definitions(definition(key)?);
    }
    for index in table.indexes {
        order = order.global_secondary_indexes(secondary(index)?);
    }
    match order.send().await {
        Ok(_) => {}
        Err(error)
            if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) =>
        {
            return Ok(());
        }
        Err(error) => return Err(fault(format_args!("creating table {}", table.name), &error)),
    }
    active(clients, table.name).await?;
    if table.expires == Expires::Yes {
        let expiry = TimeToLiveSpecification::builder().attribute_name(EXPIRES_AT).enabled(true).build();
        db.update_time_to_live()
            .table_name(table.name)
            .time_to_live_specification(expiry.map_err(unbuilt)?)
            .send()
            .await
            .map_err(|error| fault(format_args!("letting rows of {} expire", table.name), &error))?;
    }
    Ok(())
}

async fn active(clients: &Clients, name: &str) -> Result<()> {
    for _ in 0..LOOKS {
        let described = clients.dynamodb.describe_table().table_name(name).send().await;
        let table = described.map_err(|error| fault(format_args!("table {name}"), &error))?.table;
        if table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err(PortError::new(ErrorKind::Transient, format_args!("table {name} is still being made")))
}

fn definition(key: Key) -> Result<AttributeDefinition> {
    let kind = match key.kind {
        KeyKind::Text => ScalarAttributeType::S,
        KeyKind::Number => ScalarAttributeType::N,
    };
    AttributeDefinition::builder().attribute_name(key.name).attribute_type(kind).build().map_err(unbuilt)
}

fn schema(keys: &[Key]) -> Result<Vec<KeySchemaElement>> {
    let kinds = [KeyType::Hash, KeyType::Range];
    keys.iter()
        .zip(kinds)
        .map(|(key, kind)| {
            KeySchemaElement::builder().attribute_name(key.name).key_type(kind).build().map_err(unbuilt)
        })
        .collect()
}

fn secondary(index: &Index) -> Result<GlobalSecondaryIndex> {
    let kind = match index.whole {
        Whole::Yes => ProjectionType::All,
        Whole::KeysOnly => ProjectionType::KeysOnly,
    };
    GlobalSecondaryIndex::builder()
        .index_name(index.name)
        .set_key_schema(Some(schema(&[index.partition, index.sort])?))
        .projection(Projection::builder().projection_type(kind).build())
        .build()
        .map_err(unbuilt)
}

fn unbuilt(error: impl std::fmt::Display) -> PortError {
    PortError::new(ErrorKind::Malformed, error)
}
