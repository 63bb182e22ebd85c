//! The pool's record in DynamoDB: one row beside the claims that it follows.

use crate::item::{Item, Read, item, n, s, t};
use crate::store::Store;
use crate::write::When;
use async_trait::async_trait;
use domain::names::OWNERSHIP_TABLE;
use ports::pool::PoolRow;
use ports::{ErrorKind, Pool, PortError, Result};
use std::time::Duration;

/// The pool's record.
pub(crate) struct DynamoPool(pub(crate) Store);

/// No pair is called so: a pair's key has slashes.
fn key() -> Item {
    item([("pair", s("pool")), ("item", s("record"))])
}

#[async_trait]
impl Pool for DynamoPool {
    async fn lead(&self, by: &str, lease: Duration) -> Result<Option<PoolRow>> {
        let now = self.0.now();
        let free = "attribute_not_exists(#leader) OR #leader = :by OR #until <= :now";
        let values = [(":by", s(by)), (":now", t(now)), (":until", t(now.plus(lease)))];
        let led = self.update("SET #leader = :by, #until = :until", When::new(free, values)).await?;
        if led { self.read().await.map(Some) } else { Ok(None) }
    }

    async fn resign(&self, by: &str) -> Result<()> {
        let mine = When::new("#leader = :by", [(":by", s(by))]);
        self.update("REMOVE #leader", mine).await.map(drop)
    }

    async fn read(&self) -> Result<PoolRow> {
        let row = self.0.get(OWNERSHIP_TABLE, key()).await?.unwrap_or_default();
        Ok(PoolRow {
            intent: row.maybe_number("intent")?.unwrap_or_default(),
            before: row.maybe_number("before")?.unwrap_or_default(),
            floor: row.maybe_number("floor")?.unwrap_or_default(),
            paused: row.maybe_text("paused").is_some(),
        })
    }

    async fn write(&self, expected: &PoolRow, new: &PoolRow) -> Result<()> {
        let paused = if expected.paused { "attribute_exists" } else { "attribute_not_exists" };
        let as_expected = format!(
            "(attribute_not_exists(#intent) AND :fresh = :yes \
             OR #intent = :intentWas AND #before = :beforeWas AND #floor = :floorWas) AND {paused}(#paused)"
        );
        let fresh = if *expected == PoolRow::default() { "yes" } else { "no" };
        let values = [
            (":fresh", s(fresh)),
            (":yes", s("yes")),
            (":intentWas", n(expected.intent)),
            (":beforeWas", n(expected.before)),
            (":floorWas", n(expected.floor)),
            (":intent", n(new.intent)),
            (":before", n(new.before)),
            (":floor", n(new.floor)),
        ];
        let mut change = "SET #intent = :intent, #before = :before, #floor = :floor".to_owned();
        if new.paused {
            change.push_str(", #paused = :yes");
        } else {
            change.push_str(" REMOVE #paused");
        }
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if self.update(&change, When { condition: as_expected, values }).await? {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::Conflict, "the pool's record has changed"))
    }
}

impl DynamoPool {
    /// Changes the row; false when the condition does not hold.
    async fn update(&self, change: &str, when: When) -> Result<bool> {
        self.0.update((OWNERSHIP_TABLE, key()), change, when).await
    }
}
