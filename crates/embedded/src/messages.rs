//! Messages and their outcomes in SQLite.

mod rows;

use crate::db::Db;
use crate::fault::Fault;
use crate::{claims, codec, threads};
use async_trait::async_trait;
use domain::message::{Kind, Outcome, Status};
use domain::{ContainerId, Epoch, MessageId, Pair, ProjectId, Seq, ThreadId, Timestamp};
use ports::messages::{Message, NewMessage, Recorded};
use ports::{ErrorKind, Messages, PortError, Result};
use rusqlite::{Connection, OptionalExtension, Params, params};

/// The record of messages.
pub(crate) struct SqliteMessages(pub(crate) Db);

#[async_trait]
impl Messages for SqliteMessages {
    async fn record(&self, new: NewMessage) -> Result<Recorded> {
        self.0.write(move |conn, _| record(conn, new)).await
    }

    async fn get(&self, id: &MessageId) -> Result<Message> {
        let id = id.clone();
        self.0.read(move |conn, _| find(conn, &id)).await
    }

    async fn of_thread(&self, thread: &ThreadId) -> Result<Vec<Message>> {
        let thread = thread.clone();
        self.0
            .read(move |conn, _| {
                all(conn, "SELECT * FROM messages WHERE thread = ?1 ORDER BY seq", [thread.as_str()])
            })
            .await
    }

    async fn unanswered(&self, pair: &Pair) -> Result<Vec<Message>> {
        let pair = pair.key();
        self.0
            .read(move |conn, _| {
                let sql = "SELECT * FROM messages WHERE pair = ?1 AND for_container = 1 AND state <> 'answered' \
                           ORDER BY thread, seq";
                all(conn, sql, [pair])
            })
            .await
    }

    async fn waiting_pairs(&self) -> Result<Vec<Pair>> {
        self.0
            .read(|conn, _| {
                let mut select = conn.prepare_cached(
                    "SELECT pair FROM messages WHERE for_container = 1 AND state <> 'answered' \
                     UNION SELECT pair FROM sessions WHERE state = 'initializing'",
                )?;
                let rows = select.query_map([], |row| codec::id(row, "pair"))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn waiting_since(&self, pair: &Pair) -> Result<Option<Timestamp>> {
        let pair = pair.key();
        self.0
            .read(|conn, _| {
                let sql = "SELECT MIN(received_at) FROM messages \
                           WHERE pair = ?1 AND for_container = 1 AND state <> 'answered'";
                let oldest: Option<i64> = conn.prepare_cached(sql)?.query_row([pair], |row| row.get(0))?;
                Ok(oldest.map(Timestamp))
            })
            .await
    }

    async fn begin(&self, id: &MessageId, by: &ContainerId, epoch: Epoch) -> Result<u32> {
        let (id, by) = (id.clone(), by.clone());
        self.0.write(move |conn, now| begin(conn, &id, (&by, epoch), now)).await
    }

    async fn prepare(&self, outcome: &Outcome, by: &ContainerId, epoch: Epoch) -> Result<()> {
        let (outcome, by) = (outcome.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let message = fenced(conn, &outcome.message_id, (&by, epoch), now)?;
                let prepared = message.progress.prepare(outcome.turn, outcome.clone());
                prepared.map_err(|passed| message.refuses(passed))?;
                put(conn, &outcome, ("prepared", None))
            })
            .await
    }

    async fn unprepare(&self, id: &MessageId, by: &ContainerId, epoch: Epoch) -> Result<()> {
        let (id, by) = (id.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let message = fenced(conn, &id, (&by, epoch), now)?;
                if message.progress.unprepare().map_err(|passed| message.refuses(passed))?.is_some() {
                    conn.prepare_cached(
                        "UPDATE messages SET state = 'waiting', outcome = NULL, status = NULL WHERE id = ?1",
                    )?
                    .execute([id.as_str()])?;
                }
                Ok(())
            })
            .await
    }

    async fn answer(&self, outcome: &Outcome, by: &ContainerId, epoch: Epoch) -> Result<()> {
        let (outcome, by) = (outcome.clone(), by.clone());
        self.0
            .write(move |conn, now| {
                let message = fenced(conn, &outcome.message_id, (&by, epoch), now)?;
                answer(conn, &message, &outcome, now)
            })
            .await
    }

    async fn settle(&self, outcome: &Outcome) -> Result<()> {
        let outcome = outcome.clone();
        self.0
            .write(move |conn, now| {
                let message = find(conn, &outcome.message_id)?;
                answer(conn, &message, &outcome, now)
            })
            .await
    }

    async fn waiting_of_kind(&self, kind: Kind) -> Result<Vec<Message>> {
        self.0
            .read(move |conn, _| {
                let sql = "SELECT * FROM messages WHERE kind = ?1 AND state <> 'answered' ORDER BY ord";
                all(conn, sql, [codec::to_json(&kind)?])
            })
            .await
    }

    async fn untold(&self, project: Option<&ProjectId>, status: Option<Status>) -> Result<Vec<Message>> {
        let project = project.cloned();
        self.0
            .read(move |conn, _| {
                let status = status.map(|status| codec::to_json(&status)).transpose()?;
                let sql = "SELECT * FROM messages WHERE told = 0 AND state = 'answered' \
                           AND (?1 IS NULL OR project = ?1) AND (?2 IS NULL OR status = ?2) ORDER BY ord";
                all(conn, sql, params![project.as_ref().map(ProjectId::as_str), status])
            })
            .await
    }

    async fn asking(&self) -> Result<Vec<Message>> {
        self.0.read(|conn, _| all(conn, "SELECT * FROM messages WHERE asking = 1 ORDER BY ord", [])).await
    }

    async fn stop_asking(&self, id: &MessageId) -> Result<()> {
        let id = id.clone();
        self.0
            .write(move |conn, _| {
                let id = find(conn, &id)?.id;
                conn.prepare_cached("UPDATE messages SET asking = 0 WHERE id = ?1")?
                    .execute([id.as_str()])?;
                Ok(())
            })
            .await
    }
}

fn record(conn: &Connection, new: NewMessage) -> Result<Recorded, Fault> {
    let known = conn
        .prepare_cached("SELECT * FROM messages WHERE dedupe = ?1")?
        .query_row([&new.dedupe], rows::message)
        .optional()?;
    if let Some(known) = known {
        return Ok(Recorded::Known(known));
    }
    let seq = next_seq(conn, &new)?;
    threads::add_aliases(conn, &new.pair.project_id, &new.thread, &new.aliases)?;
    let id = new.id.clone();
    rows::insert(conn, new, seq)?;
    Ok(Recorded::Fresh(find(conn, &id)?))
}

/// Counts the thread up, and creates it with its first message.
fn next_seq(conn: &Connection, new: &NewMessage) -> Result<Seq, Fault> {
    let thread = threads::find(conn, &new.thread)?;
    if thread.is_some_and(|thread| thread.pair != new.pair) {
        let says = format_args!("thread #{} belongs to another pair", new.thread);
        return Err(Fault::new(ErrorKind::Conflict, says));
    }
    let seq = conn
        .prepare_cached(
            "INSERT INTO threads (id, pair, project, user, title, last_seq, created_at, last_activity) \
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6) ON CONFLICT (id) DO UPDATE \
             SET last_seq = last_seq + 1, last_activity = max(last_activity, ?6) RETURNING last_seq",
        )?
        .query_row(
            params![
                new.thread.as_str(),
                new.pair.key(),
                new.pair.project_id.as_str(),
                new.pair.user_id.as_str(),
                new.title,
                new.received_at.0
            ],
            |row| codec::number(row, "last_seq"),
        )?;
    Ok(Seq(seq))
}

fn begin(
    conn: &Connection,
    id: &MessageId,
    claim: (&ContainerId, Epoch),
    now: Timestamp,
) -> Result<u32, Fault> {
    let message = fenced(conn, id, claim, now)?;
    message.progress.begin(claim.1, 0).map_err(|passed| message.refuses(passed))?;
    Ok(conn
        .prepare_cached(
            "UPDATE messages SET state = 'running', epoch = ?2, turn = turn + 1 WHERE id = ?1 RETURNING turn",
        )?
        .query_row(params![id.as_str(), codec::epoch(claim.1)], |row| row.get(0))?)
}

/// The message, if this container may act on it now.
fn fenced(
    conn: &Connection,
    id: &MessageId,
    claim: (&ContainerId, Epoch),
    now: Timestamp,
) -> Result<Message, Fault> {
    let message = find(conn, id)?;
    claims::fence(conn, &message.pair, claim, now)?;
    Ok(message)
}

/// Once only; the same answer again is fine.
fn answer(conn: &Connection, message: &Message, outcome: &Outcome, now: Timestamp) -> Result<(), Fault> {
    let answered = message.progress.answer(outcome.clone(), now);
    if answered.map_err(|passed| message.refuses(passed))?.is_none() {
        return Ok(());
    }
    if let Some(snapshot) = &outcome.snapshot {
        threads::show(conn, &message.thread, snapshot)?;
    }
    put(conn, outcome, ("answered", Some(now)))
}

fn put(conn: &Connection, outcome: &Outcome, (state, at): (&str, Option<Timestamp>)) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE messages SET state = ?2, outcome = ?3, status = ?4, answered_at = ?5, turn = max(turn, ?6) \
         WHERE id = ?1",
    )?
    .execute(params![
        outcome.message_id.as_str(),
        state,
        codec::to_json(outcome)?,
        codec::to_json(&outcome.status)?,
        at.map(|at| at.0),
        outcome.turn,
    ])?;
    Ok(())
}

fn find(conn: &Connection, id: &MessageId) -> Result<Message, Fault> {
    conn.prepare_cached("SELECT * FROM messages WHERE id = ?1")?
        .query_row([id.as_str()], rows::message)
        .optional()?
        .ok_or_else(|| PortError::new(ErrorKind::NotFound, format_args!("no message {id}")).into())
}

fn all(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<Message>, Fault> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map(params, rows::message)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
