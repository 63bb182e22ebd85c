//! Replies in SQLite.

use crate::db::Db;
use crate::fault::Fault;
use crate::{codec, threads};
use async_trait::async_trait;
use domain::message::Status;
use domain::{MessageId, ProjectId, ThreadId};
use ports::replies::{Reply, ReplyKind, ReplyMail};
use ports::{ErrorKind, PortError, Replies, Result};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The record of replies.
pub(crate) struct SqliteReplies(pub(crate) Db);

#[async_trait]
impl Replies for SqliteReplies {
    async fn record(&self, reply: &Reply) -> Result<bool> {
        let reply = reply.clone();
        self.0.write(move |conn, _| record(conn, &reply)).await
    }

    async fn unsent(&self) -> Result<Vec<Reply>> {
        self.0
            .read(|conn, _| {
                let mut select = conn.prepare_cached(
                    "SELECT * FROM replies WHERE sent = 0 AND mail_id IS NOT NULL ORDER BY ord",
                )?;
                let rows = select.query_map([], reply_row)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn sent(&self, message: &MessageId, kind: ReplyKind, also: Option<&str>) -> Result<()> {
        let (message, also) = (message.clone(), also.map(str::to_owned));
        self.0
            .write(move |conn, _| {
                let thread: ThreadId = conn
                    .prepare_cached(
                        "UPDATE replies SET sent = 1 WHERE message = ?1 AND kind = ?2 RETURNING thread",
                    )?
                    .query_row(params![message.as_str(), kind.word()], |row| codec::id(row, "thread"))
                    .optional()?
                    .ok_or_else(|| {
                        PortError::new(ErrorKind::NotFound, format_args!("no reply to {message}"))
                    })?;
                match also {
                    Some(alias) => add_alias(conn, &thread, alias),
                    None => Ok(()),
                }
            })
            .await
    }

    async fn of_thread(&self, thread: &ThreadId) -> Result<Vec<Reply>> {
        let thread = thread.clone();
        self.0
            .read(move |conn, _| {
                let mut select =
                    conn.prepare_cached("SELECT * FROM replies WHERE thread = ?1 ORDER BY ord")?;
                let rows = select.query_map([thread.as_str()], reply_row)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

fn record(conn: &Connection, reply: &Reply) -> Result<bool, Fault> {
    check_thread(conn, reply)?;
    let mail = reply.mail.as_ref();
    let inserted = conn
        .prepare_cached(
            "INSERT INTO replies (message, kind, thread, text, at, mail_to, mail_from, mail_id, mail_raw) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (message, kind) DO NOTHING",
        )?
        .execute(params![
            reply.message.as_str(),
            reply.kind.word(),
            reply.thread.as_str(),
            reply.text,
            reply.at.0,
            mail.map(|mail| &mail.to),
            mail.map(|mail| &mail.from),
            mail.map(|mail| &mail.message_id),
            mail.map(|mail| &mail.raw),
        ])?;
    if inserted == 0 {
        return Ok(false);
    }
    if reply.kind == ReplyKind::Result {
        let (plan, question) = (codec::to_json(&Status::Plan)?, codec::to_json(&Status::Question)?);
        conn.prepare_cached(
            "UPDATE messages SET told = 1, asking = ifnull(status IN (?2, ?3), 0) WHERE id = ?1",
        )?
        .execute(params![reply.message.as_str(), plan, question])?;
    }
    threads::touch(conn, &reply.thread, reply.at)?;
    if let Some(mail) = mail {
        add_alias(conn, &reply.thread, mail.message_id.clone())?;
    }
    Ok(true)
}

fn check_thread(conn: &Connection, reply: &Reply) -> Result<(), Fault> {
    let thread: Option<ThreadId> = conn
        .prepare_cached("SELECT thread FROM messages WHERE id = ?1")?
        .query_row([reply.message.as_str()], |row| codec::id(row, "thread"))
        .optional()?;
    match thread {
        Some(thread) if thread == reply.thread => Ok(()),
        Some(_) => Err(Fault::new(
            ErrorKind::Conflict,
            format_args!("message {} is of another thread", reply.message),
        )),
        None => Err(Fault::new(ErrorKind::NotFound, format_args!("no message {}", reply.message))),
    }
}

fn add_alias(conn: &Connection, thread: &ThreadId, alias: String) -> Result<(), Fault> {
    let project: ProjectId = conn
        .prepare_cached("SELECT project FROM threads WHERE id = ?1")?
        .query_row([thread.as_str()], |row| codec::id(row, "project"))?;
    threads::add_aliases(conn, &project, thread, &[alias])
}

fn reply_row(row: &Row<'_>) -> rusqlite::Result<Reply> {
    let kind = match row.get_ref("kind")?.as_str()? {
        "received" => ReplyKind::Received,
        "result" => ReplyKind::Result,
        "reminder" => ReplyKind::Reminder,
        other => return Err(codec::broken(format!("{other:?} is no kind of reply").into())),
    };
    let mail = match row.get::<_, Option<String>>("mail_id")? {
        Some(message_id) => Some(ReplyMail {
            to: row.get("mail_to")?,
            from: row.get("mail_from")?,
            message_id,
            raw: row.get("mail_raw")?,
        }),
        None => None,
    };
    Ok(Reply {
        message: codec::id(row, "message")?,
        kind,
        thread: codec::id(row, "thread")?,
        text: row.get("text")?,
        mail,
        at: codec::time(row, "at")?,
    })
}
