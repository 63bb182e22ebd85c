//! The pool's record in SQLite: one row.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::Timestamp;
use ports::pool::PoolRow;
use ports::{ErrorKind, Pool, Result};
use rusqlite::{Connection, Row, params};
use std::time::Duration;

/// The pool's record.
pub(crate) struct SqlitePool(pub(crate) Db);

#[async_trait]
impl Pool for SqlitePool {
    async fn lead(&self, by: &str, lease: Duration) -> Result<Option<PoolRow>> {
        let by = by.to_owned();
        self.0.write(move |conn, now| lead(conn, &by, (now, now.plus(lease)))).await
    }

    async fn resign(&self, by: &str) -> Result<()> {
        let by = by.to_owned();
        self.0
            .write(move |conn, _| {
                conn.prepare_cached("UPDATE pool SET leader = NULL WHERE leader = ?1")?.execute([by])?;
                Ok(())
            })
            .await
    }

    async fn read(&self) -> Result<PoolRow> {
        self.0.read(|conn, _| find(conn)).await
    }

    async fn write(&self, expected: &PoolRow, new: &PoolRow) -> Result<()> {
        let (expected, new) = (expected.clone(), new.clone());
        self.0
            .write(move |conn, _| {
                if find(conn)? != expected {
                    return Err(Fault::new(ErrorKind::Conflict, "the pool's record has changed"));
                }
                conn.prepare_cached("UPDATE pool SET intent = ?1, before = ?2, floor = ?3, paused = ?4")?
                    .execute(params![new.intent, new.before, new.floor, new.paused])?;
                Ok(())
            })
            .await
    }
}

fn lead(conn: &Connection, by: &str, (now, until): (Timestamp, Timestamp)) -> Result<Option<PoolRow>, Fault> {
    let taken = conn
        .prepare_cached(
            "UPDATE pool SET leader = ?1, until = ?2 WHERE leader IS NULL OR leader = ?1 OR until <= ?3",
        )?
        .execute(params![by, until.0, now.0])?;
    if taken == 0 { Ok(None) } else { find(conn).map(Some) }
}

fn find(conn: &Connection) -> Result<PoolRow, Fault> {
    Ok(conn.prepare_cached("SELECT intent, before, floor, paused FROM pool")?.query_row([], stored)?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<PoolRow> {
    let count =
        |column| u32::try_from(codec::number(row, column)?).map_err(|err| codec::broken(Box::new(err)));
    Ok(PoolRow {
        intent: count("intent")?,
        before: count("before")?,
        floor: count("floor")?,
        paused: row.get("paused")?,
    })
}
