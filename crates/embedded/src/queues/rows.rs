//! The steps of a queue, each inside one transaction.

use crate::codec;
use crate::fault::Fault;
use domain::Timestamp;
use ports::queues::{Delivery, Depth, Receipt, Unused};
use ports::{ErrorKind, PortError};
use rusqlite::{Connection, OptionalExtension, params};

/// What a receive took.
pub(super) struct Taken {
    /// Leased to the caller.
    pub(super) deliveries: Vec<Delivery>,
    /// The dead-letter queue, when something moved there.
    pub(super) buried: Option<String>,
}

pub(super) fn ensure(
    conn: &Connection,
    queue: &str,
    dead_letters: Option<&str>,
    max_receives: u32,
) -> Result<(), Fault> {
    if let Some(dead_letters) = dead_letters {
        conn.prepare_cached(
            "INSERT INTO queues (name, dead_letters, max_receives) VALUES (?1, NULL, ?2) \
             ON CONFLICT (name) DO NOTHING",
        )?
        .execute(params![dead_letters, max_receives])?;
    }
    conn.prepare_cached(
        "INSERT INTO queues (name, dead_letters, max_receives) VALUES (?1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET dead_letters = ?2, max_receives = ?3 \
         WHERE dead_letters IS NOT ?2 OR max_receives <> ?3",
    )?
    .execute(params![queue, dead_letters, max_receives])?;
    Ok(())
}

pub(super) fn send(conn: &Connection, queue: &str, body: &str, now: Timestamp) -> Result<(), Fault> {
    rule(conn, queue)?;
    conn.prepare_cached("INSERT INTO deliveries (queue, body, visible_at) VALUES (?1, ?2, ?3)")?
        .execute(params![queue, body, now.0])?;
    Ok(())
}

pub(super) fn take(
    conn: &Connection,
    queue: &str,
    max: usize,
    (now, until): (Timestamp, Timestamp),
) -> Result<Taken, Fault> {
    let (dead_letters, max_receives) = rule(conn, queue)?;
    let mut taken = Taken { deliveries: Vec::new(), buried: None };
    loop {
        let due = due(conn, queue, max - taken.deliveries.len(), now)?;
        let looked_at = due.len();
        for row in due {
            match &dead_letters {
                Some(dead_letters) if row.receives >= max_receives => {
                    bury(conn, row.id, dead_letters, now)?;
                    taken.buried = Some(dead_letters.clone());
                }
                _ => taken.deliveries.push(lease(conn, queue, row, until)?),
            }
        }
        if looked_at == 0 || taken.deliveries.len() == max {
            return Ok(taken);
        }
    }
}

/// A message that can be received.
struct Due {
    id: i64,
    body: String,
    receives: u32,
}

fn due(conn: &Connection, queue: &str, max: usize, now: Timestamp) -> Result<Vec<Due>, Fault> {
    let mut select = conn.prepare_cached(
        "SELECT id, body, receives FROM deliveries WHERE queue = ?1 AND visible_at <= ?2 \
         ORDER BY visible_at, id LIMIT ?3",
    )?;
    let rows = select.query_map(params![queue, now.0, codec::limit(max)], |row| {
        Ok(Due { id: row.get("id")?, body: row.get("body")?, receives: row.get("receives")? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn bury(conn: &Connection, id: i64, dead_letters: &str, now: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE deliveries SET queue = ?2, receives = 0, visible_at = ?3 WHERE id = ?1")?
        .execute(params![id, dead_letters, now.0])?;
    Ok(())
}

fn lease(conn: &Connection, queue: &str, row: Due, until: Timestamp) -> Result<Delivery, Fault> {
    let attempt = row.receives + 1;
    conn.prepare_cached("UPDATE deliveries SET visible_at = ?2, receives = ?3 WHERE id = ?1")?
        .execute(params![row.id, until.0, attempt])?;
    let receipt = Receipt { queue: queue.to_owned(), handle: format!("{}.{attempt}", row.id) };
    Ok(Delivery { body: row.body, attempt, receipt })
}

/// When the next lease on this queue lapses.
pub(super) fn next_lapse(conn: &Connection, queue: &str) -> Result<Option<Timestamp>, Fault> {
    Ok(conn
        .prepare_cached("SELECT min(visible_at) AS at FROM deliveries WHERE queue = ?1")?
        .query_row([queue], |row| row.get::<_, Option<i64>>("at"))?
        .map(Timestamp))
}

pub(super) fn extend(conn: &Connection, receipt: &Receipt, until: Timestamp) -> Result<(), Fault> {
    let (id, receives) = handle(receipt)?;
    let changed = conn
        .prepare_cached(
            "UPDATE deliveries SET visible_at = ?4 WHERE id = ?1 AND queue = ?2 AND receives = ?3",
        )?
        .execute(params![id, receipt.queue, receives, until.0])?;
    if changed == 1 { Ok(()) } else { Err(lost(receipt)) }
}

pub(super) fn ack(conn: &Connection, receipt: &Receipt) -> Result<(), Fault> {
    let (id, receives) = handle(receipt)?;
    let deleted = conn
        .prepare_cached("DELETE FROM deliveries WHERE id = ?1 AND queue = ?2 AND receives = ?3")?
        .execute(params![id, receipt.queue, receives])?;
    // Deleted before: settled twice, which SQS takes too.
    if deleted == 1 || !exists(conn, id)? { Ok(()) } else { Err(lost(receipt)) }
}

pub(super) fn depth(conn: &Connection, queue: &str, now: Timestamp) -> Result<Depth, Fault> {
    rule(conn, queue)?;
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE visible_at <= ?2) AS ready, \
             count(*) FILTER (WHERE visible_at > ?2) AS in_flight FROM deliveries WHERE queue = ?1",
        )?
        .query_row(params![queue, now.0], |row| {
            Ok(Depth { ready: codec::number(row, "ready")?, in_flight: codec::number(row, "in_flight")? })
        })?)
}

pub(super) fn remove(conn: &Connection, queue: &str) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM queues WHERE name = ?1")?.execute([queue])?;
    Ok(())
}

/// Every queue, and where its dead letters go.
pub(super) fn all(conn: &Connection) -> Result<Vec<Unused>, Fault> {
    let mut select = conn.prepare_cached("SELECT name, dead_letters FROM queues ORDER BY name")?;
    let rows = select.query_map([], |row| {
        Ok(Unused { queue: row.get("name")?, dead_letters: row.get("dead_letters")? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where a queue's dead letters go, and after how many receives.
fn rule(conn: &Connection, queue: &str) -> Result<(Option<String>, u32), Fault> {
    // A dead-letter queue that was removed takes nothing any more.
    let sql = "SELECT d.name, q.max_receives FROM queues q LEFT JOIN queues d ON d.name = q.dead_letters \
               WHERE q.name = ?1";
    conn.prepare_cached(sql)?
        .query_row([queue], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| PortError::new(ErrorKind::NotFound, format_args!("no queue {queue}")).into())
}

fn exists(conn: &Connection, id: i64) -> Result<bool, Fault> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM deliveries WHERE id = ?1)")?
        .query_row([id], |row| row.get(0))?)
}

fn handle(receipt: &Receipt) -> Result<(i64, u32), Fault> {
    receipt
        .handle
        .split_once('.')
        .and_then(|(id, receives)| Some((id.parse().ok()?, receives.parse().ok()?)))
        .ok_or_else(|| Fault::new(ErrorKind::Malformed, "that is no receipt of this store"))
}

fn lost(receipt: &Receipt) -> Fault {
    let says = format_args!("a delivery of {} has lapsed or was received by another", receipt.queue);
    Fault::new(ErrorKind::LeaseLost, says)
}
