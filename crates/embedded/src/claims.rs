//! Claims in SQLite. A row stays when its claim is over, so that epochs only rise.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::{ContainerId, Epoch, Lease, Pair, Timestamp};
use ports::claims::{Claim, Release};
use ports::{Claims, ErrorKind, PortError, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::time::Duration;

/// The register of claims.
pub(crate) struct SqliteClaims(pub(crate) Db);

#[async_trait]
impl Claims for SqliteClaims {
    async fn take(&self, pair: &Pair, by: &ContainerId, lease: Duration) -> Result<Option<Epoch>> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0.write(move |conn, now| take(conn, &pair, &by, (now, lease))).await
    }

    async fn renew(&self, pair: &Pair, by: &ContainerId, epoch: Epoch, lease: Duration) -> Result<()> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let last = find(conn, &pair)?.unwrap_or_default();
                match last.renew(&by, epoch, now, lease) {
                    Some(renewed) => put(conn, &pair, &renewed),
                    None => Err(lost(&pair, (&by, epoch)).into()),
                }
            })
            .await
    }

    async fn release_idle(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<Release> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let last = find(conn, &pair)?.unwrap_or_default();
                match last.let_go(&by, epoch, now) {
                    Some(_) if is_wanted(conn, &pair)? => return Ok(Release::StillWanted),
                    Some(over) => put(conn, &pair, &over)?,
                    None => {}
                }
                Ok(Release::Released)
            })
            .await
    }

    async fn release(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<()> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let last = find(conn, &pair)?.unwrap_or_default();
                last.let_go(&by, epoch, now).map_or(Ok(()), |over| put(conn, &pair, &over))
            })
            .await
    }

    async fn holder(&self, pair: &Pair) -> Result<Option<Claim>> {
        let pair = pair.clone();
        self.0
            .read(move |conn, now| {
                let last = find(conn, &pair)?.unwrap_or_default();
                Ok(last.holder(now).cloned().map(|by| Claim { pair, by, epoch: last.epoch }))
            })
            .await
    }

    async fn held(&self) -> Result<Vec<Claim>> {
        self.0
            .read(|conn, now| {
                let mut select = conn.prepare_cached(
                    "SELECT pair, container, epoch FROM claims WHERE container IS NOT NULL AND until > ?1",
                )?;
                let rows = select.query_map([now.0], |row| {
                    Ok(Claim {
                        pair: codec::id(row, "pair")?,
                        by: codec::id(row, "container")?,
                        epoch: Epoch(codec::number(row, "epoch")?),
                    })
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

/// Refuses with `LeaseLost` unless this container holds the pair's claim at this epoch now.
pub(crate) fn fence(
    conn: &Connection,
    pair: &Pair,
    (by, epoch): (&ContainerId, Epoch),
    now: Timestamp,
) -> Result<(), Fault> {
    if find(conn, pair)?.is_some_and(|claim| claim.is_held_by(by, epoch, now)) {
        return Ok(());
    }
    Err(lost(pair, (by, epoch)).into())
}

fn lost(pair: &Pair, (by, epoch): (&ContainerId, Epoch)) -> PortError {
    let says = format_args!("container {by} does not hold {} at epoch {}", pair.key(), epoch.0);
    PortError::new(ErrorKind::LeaseLost, says)
}

/// The pair's row.
pub(crate) fn find(conn: &Connection, pair: &Pair) -> Result<Option<Lease>, Fault> {
    Ok(conn
        .prepare_cached("SELECT epoch, container, until FROM claims WHERE pair = ?1")?
        .query_row([pair.key()], stored)
        .optional()?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Lease> {
    Ok(Lease {
        epoch: Epoch(codec::number(row, "epoch")?),
        by: codec::maybe_id(row, "container")?,
        until: codec::time(row, "until")?,
    })
}

fn take(
    conn: &Connection,
    pair: &Pair,
    by: &ContainerId,
    (now, lease): (Timestamp, Duration),
) -> Result<Option<Epoch>, Fault> {
    let last = find(conn, pair)?.unwrap_or_default();
    let Some(taken) = last.take(by, now, lease) else { return Ok(None) };
    put(conn, pair, &taken)?;
    Ok(Some(taken.epoch))
}

fn put(conn: &Connection, pair: &Pair, lease: &Lease) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO claims (pair, epoch, container, until) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (pair) DO UPDATE SET epoch = ?2, container = ?3, until = ?4",
    )?
    .execute(params![
        pair.key(),
        codec::epoch(lease.epoch),
        lease.by.as_ref().map(ContainerId::as_str),
        lease.until.0
    ])?;
    Ok(())
}

fn is_wanted(conn: &Connection, pair: &Pair) -> Result<bool, Fault> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE pair = ?1 AND for_container = 1 AND state <> 'answered') \
             OR EXISTS (SELECT 1 FROM sessions WHERE pair = ?1 AND state = 'initializing')",
        )?
        .query_row([pair.key()], |row| row.get(0))?)
}
