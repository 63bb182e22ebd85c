//! Sessions in SQLite. Whether one is served is judged by its pair's claim, each time it is read.

use crate::db::Db;
use crate::fault::Fault;
use crate::{claims, codec, threads};
use async_trait::async_trait;
use domain::session::{Event, Session};
use domain::{ContainerId, Epoch, Pair, ThreadId, Timestamp};
use ports::sessions::SessionRow;
use ports::{ErrorKind, Result, Sessions};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The register of sessions.
pub(crate) struct SqliteSessions(pub(crate) Db);

#[async_trait]
impl Sessions for SqliteSessions {
    async fn apply(&self, thread: &ThreadId, event: Event) -> Result<Session> {
        let thread = thread.clone();
        self.0.write(move |conn, now| apply(conn, &thread, event, now)).await
    }

    async fn get(&self, thread: &ThreadId) -> Result<Option<SessionRow>> {
        let thread = thread.clone();
        self.0
            .read(move |conn, now| find(conn, &thread)?.map(|stored| as_it_is(conn, stored, now)).transpose())
            .await
    }

    async fn awake(&self, pair: &Pair) -> Result<Vec<SessionRow>> {
        let pair = pair.clone();
        self.0
            .read(move |conn, now| {
                let mut select = conn.prepare_cached(
                    "SELECT * FROM sessions WHERE pair = ?1 AND state <> 'sleeping' ORDER BY thread",
                )?;
                let rows = select.query_map([pair.key()], session_row)?;
                let mut awake = Vec::new();
                for stored in rows {
                    let row = as_it_is(conn, stored?, now)?;
                    if !matches!(row.session, Session::Sleeping { .. }) {
                        awake.push(row);
                    }
                }
                Ok(awake)
            })
            .await
    }

    async fn lapse(&self) -> Result<Vec<ThreadId>> {
        self.0.write(lapse).await
    }
}

fn lapse(conn: &Connection, now: Timestamp) -> Result<Vec<ThreadId>, Fault> {
    let mut select = conn.prepare_cached(
        "SELECT * FROM sessions WHERE state <> 'sleeping' AND state <> 'initializing' ORDER BY thread",
    )?;
    let served = select.query_map([], session_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut lapsed = Vec::new();
    for stored in served {
        let row = as_it_is(conn, stored, now)?;
        if matches!(row.session, Session::Sleeping { .. }) {
            put(conn, &row)?;
            lapsed.push(row.thread);
        }
    }
    Ok(lapsed)
}

fn apply(conn: &Connection, thread: &ThreadId, event: Event, now: Timestamp) -> Result<Session, Fault> {
    let stored = match find(conn, thread)? {
        Some(stored) => stored,
        None => begin(conn, thread, now)?,
    };
    let pair = stored.pair.clone();
    let last_activity = match event {
        Event::Wanted | Event::Served { .. } => now,
        Event::Draining { .. } | Event::Left { .. } => stored.last_activity,
    };
    let session = match &event {
        // A claim that is over may not turn a wanted session into one that nobody serves.
        Event::Served { by, epoch } if !is_held(conn, &pair, (by, *epoch), now)? => {
            let says = format_args!("container {by} does not hold {} at epoch {}", pair.key(), epoch.0);
            return Err(Fault::new(ErrorKind::Conflict, says));
        }
        // The one who served it may say so also after its lease.
        Event::Left { .. } => stored.session,
        _ => as_it_is(conn, stored, now)?.session,
    };
    let next = session.apply(event, now).map_err(|err| Fault::new(ErrorKind::Conflict, err))?;
    put(conn, &SessionRow { thread: thread.clone(), pair, session: next.clone(), last_activity })?;
    Ok(next)
}

fn put(conn: &Connection, row: &SessionRow) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO sessions (thread, pair, state, doc, last_activity) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (thread) DO UPDATE SET state = ?3, doc = ?4, last_activity = ?5",
    )?
    .execute(params![
        row.thread.as_str(),
        row.pair.key(),
        row.session.word(),
        codec::to_json(&row.session)?,
        row.last_activity.0
    ])?;
    Ok(())
}

fn begin(conn: &Connection, thread: &ThreadId, now: Timestamp) -> Result<SessionRow, Fault> {
    let found = threads::find(conn, thread)?.ok_or_else(|| threads::missing(thread))?;
    Ok(SessionRow {
        thread: found.id,
        pair: found.pair,
        session: Session::Sleeping { since: now },
        last_activity: now,
    })
}

fn find(conn: &Connection, thread: &ThreadId) -> Result<Option<SessionRow>, Fault> {
    Ok(conn
        .prepare_cached("SELECT * FROM sessions WHERE thread = ?1")?
        .query_row([thread.as_str()], session_row)
        .optional()?)
}

/// The session as it is now: asleep when the claim that served it is over.
fn as_it_is(conn: &Connection, mut row: SessionRow, now: Timestamp) -> Result<SessionRow, Fault> {
    let (Session::Active { by, epoch } | Session::Draining { by, epoch }) = &row.session else {
        return Ok(row);
    };
    let claim = claims::find(conn, &row.pair)?;
    if claim.as_ref().is_some_and(|claim| claim.is_held_by(by, *epoch, now)) {
        return Ok(row);
    }
    let since = claim.filter(|claim| claim.epoch == *epoch).map_or(row.last_activity, |claim| claim.until);
    row.session = Session::Sleeping { since };
    Ok(row)
}

fn is_held(
    conn: &Connection,
    pair: &Pair,
    (by, epoch): (&ContainerId, Epoch),
    now: Timestamp,
) -> Result<bool, Fault> {
    Ok(claims::find(conn, pair)?.is_some_and(|claim| claim.is_held_by(by, epoch, now)))
}

fn session_row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        thread: codec::id(row, "thread")?,
        pair: codec::id(row, "pair")?,
        session: codec::json(row, "doc")?,
        last_activity: codec::time(row, "last_activity")?,
    })
}
