//! Claims in SQLite. A row stays when its claim is over, so that epochs only rise.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::{ContainerId, Epoch, Pair, Timestamp};
use ports::claims::{Claim, Release};
use ports::{Claims, ErrorKind, PortError, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::time::Duration;

/// The register of claims.
pub(crate) struct SqliteClaims(pub(crate) Db);

/// A claim's row, held or over.
pub(crate) struct Stored {
    /// The last fencing number.
    pub(crate) epoch: Epoch,
    /// Whose, unless it was let go.
    pub(crate) by: Option<ContainerId>,
    /// When its lease lapses or it was let go.
    pub(crate) until: Timestamp,
}

impl Stored {
    /// Whether this very claim is held.
    pub(crate) fn is(&self, by: &ContainerId, epoch: Epoch, now: Timestamp) -> bool {
        self.epoch == epoch && self.by.as_ref() == Some(by) && self.until > now
    }
}

#[async_trait]
impl Claims for SqliteClaims {
    async fn take(&self, pair: &Pair, by: &ContainerId, lease: Duration) -> Result<Option<Epoch>> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0.write(move |conn, now| take(conn, &pair, &by, (now, now.plus(lease)))).await
    }

    async fn renew(&self, pair: &Pair, by: &ContainerId, epoch: Epoch, lease: Duration) -> Result<()> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                fence(conn, &pair, (&by, epoch), now)?;
                conn.prepare_cached("UPDATE claims SET until = ?2 WHERE pair = ?1")?
                    .execute(params![pair.key(), now.plus(lease).0])?;
                Ok(())
            })
            .await
    }

    async fn release_idle(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<Release> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let held = find(conn, &pair)?.is_some_and(|claim| claim.is(&by, epoch, now));
                if held && is_wanted(conn, &pair)? {
                    return Ok(Release::StillWanted);
                }
                if held {
                    end(conn, &pair, now)?;
                }
                Ok(Release::Released)
            })
            .await
    }

    async fn release(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<()> {
        let (pair, by) = (pair.clone(), by.clone());
        self.0
            .write(move |conn, now| match find(conn, &pair)? {
                Some(claim) if claim.is(&by, epoch, now) => end(conn, &pair, now),
                _ => Ok(()),
            })
            .await
    }

    async fn holder(&self, pair: &Pair) -> Result<Option<Claim>> {
        let pair = pair.clone();
        self.0
            .read(move |conn, now| {
                Ok(find(conn, &pair)?
                    .filter(|claim| claim.until > now)
                    .and_then(|claim| Some(Claim { pair, by: claim.by?, epoch: claim.epoch })))
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
    if find(conn, pair)?.is_some_and(|claim| claim.is(by, epoch, now)) {
        return Ok(());
    }
    let says = format_args!("container {by} does not hold {} at epoch {}", pair.key(), epoch.0);
    Err(PortError::new(ErrorKind::LeaseLost, says).into())
}

/// The pair's row.
pub(crate) fn find(conn: &Connection, pair: &Pair) -> Result<Option<Stored>, Fault> {
    Ok(conn
        .prepare_cached("SELECT epoch, container, until FROM claims WHERE pair = ?1")?
        .query_row([pair.key()], stored)
        .optional()?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        epoch: Epoch(codec::number(row, "epoch")?),
        by: codec::maybe_id(row, "container")?,
        until: codec::time(row, "until")?,
    })
}

fn take(
    conn: &Connection,
    pair: &Pair,
    by: &ContainerId,
    (now, until): (Timestamp, Timestamp),
) -> Result<Option<Epoch>, Fault> {
    let last = find(conn, pair)?;
    let free = last
        .as_ref()
        .is_none_or(|claim| claim.until <= now || claim.by.as_ref().is_none_or(|holder| holder == by));
    if !free {
        return Ok(None);
    }
    let epoch = Epoch(last.map_or(0, |claim| claim.epoch.0) + 1);
    conn.prepare_cached(
        "INSERT INTO claims (pair, epoch, container, until) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (pair) DO UPDATE SET epoch = ?2, container = ?3, until = ?4",
    )?
    .execute(params![pair.key(), codec::epoch(epoch), by.as_str(), until.0])?;
    Ok(Some(epoch))
}

fn is_wanted(conn: &Connection, pair: &Pair) -> Result<bool, Fault> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE pair = ?1 AND for_container = 1 AND state <> 'answered') \
             OR EXISTS (SELECT 1 FROM sessions WHERE pair = ?1 AND state = 'initializing')",
        )?
        .query_row([pair.key()], |row| row.get(0))?)
}

fn end(conn: &Connection, pair: &Pair, now: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE claims SET container = NULL, until = ?2 WHERE pair = ?1")?
        .execute(params![pair.key(), now.0])?;
    Ok(())
}
