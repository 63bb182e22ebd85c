//! Replies in DynamoDB, in the item collection of their thread.

use crate::item::{Item, Read, b, item, n, s, t};
use crate::messages::{self, ASKING, rows};
use crate::store::{Store, Try, until_done};
use crate::threads;
use crate::write::{self, When};
use async_trait::async_trait;
use domain::message::Status;
use domain::names::MESSAGES_TABLE;
use domain::{MessageId, ThreadId};
use ports::replies::{Reply, ReplyKind, ReplyMail};
use ports::{ErrorKind, PortError, Replies, Result};
use uuid::Uuid;

/// What the index lists a reply as whose mail has not gone out.
const UNSENT: &str = "unsent";

/// The record of replies.
pub(crate) struct DynamoReplies(pub(crate) Store);

fn key(thread: &ThreadId, message: &MessageId, kind: ReplyKind) -> Item {
    item([("threadId", s(thread.as_str())), ("item", s(format!("r#{message}#{}", kind.word())))])
}

#[async_trait]
impl Replies for DynamoReplies {
    async fn record(&self, reply: &Reply) -> Result<bool> {
        let what = format!("recording a reply to {}", reply.message);
        until_done!(&what, self.attempt(reply, &what))
    }

    async fn unsent(&self) -> Result<Vec<Reply>> {
        in_order(self.0.due(messages::BY_THREAD, UNSENT).await?)
    }

    async fn sent(&self, message: &MessageId, kind: ReplyKind, also: Option<&str>) -> Result<()> {
        let stored = messages::load(&self.0, message).await?.message;
        let (thread, what) = (&stored.thread, format!("noting that a reply to {message} is sent"));
        until_done!(&what, async {
            let there = When::row("threadId");
            let mut writes =
                vec![write::update(MESSAGES_TABLE, key(thread, message, kind), "REMOVE #todo", there)?];
            let also: Vec<String> = also.into_iter().map(str::to_owned).collect();
            writes.extend(threads::name(&self.0, &stored.pair.project_id, thread, &also).await?);
            match self.0.transact(&what, writes).await? {
                Ok(()) => Ok(Try::Done(())),
                Err(cancelled) if cancelled.failed(0) => {
                    Err(PortError::new(ErrorKind::NotFound, format_args!("no reply to {message}")))
                }
                Err(_) => Ok(Try::Again),
            }
        })
    }

    async fn of_thread(&self, thread: &ThreadId) -> Result<Vec<Reply>> {
        in_order(self.0.collection(MESSAGES_TABLE, ("threadId", thread.as_str()), "r#").await?)
    }
}

impl DynamoReplies {
    async fn attempt(&self, reply: &Reply, what: &str) -> Result<Try<bool>> {
        let stored = messages::load(&self.0, &reply.message).await?;
        let message = &stored.message;
        if message.thread != reply.thread {
            let says = format_args!("message {} is of another thread", reply.message);
            return Err(PortError::new(ErrorKind::Conflict, says));
        }
        let thread =
            threads::load(&self.0, &reply.thread).await?.ok_or_else(|| threads::missing(&reply.thread))?;
        let mut writes = vec![write::put(MESSAGES_TABLE, row(reply), Some(When::new_row("threadId")))?];
        if reply.kind == ReplyKind::Result {
            let values =
                [(":version", n(stored.version)), (":next", n(stored.version + 1)), (":told", s("yes"))];
            let mut as_read = When::new("#version = :version", values);
            let change = match message.status() {
                None => "SET #version = :next, #told = :told",
                Some(Status::Plan | Status::Question) => {
                    as_read.values.insert(":asking".to_owned(), s(ASKING));
                    "SET #version = :next, #told = :told, #todo = :asking"
                }
                Some(_) => "SET #version = :next, #told = :told REMOVE #todo",
            };
            writes.push(write::update(
                MESSAGES_TABLE,
                rows::key(&message.thread, message.seq),
                change,
                as_read,
            )?);
        }
        writes.extend(threads::touch(&thread, reply.at)?);
        let alias: Vec<String> = reply.mail.iter().map(|mail| mail.message_id.clone()).collect();
        writes.extend(threads::name(&self.0, &message.pair.project_id, &reply.thread, &alias).await?);
        match self.0.transact(what, writes).await? {
            Ok(()) => Ok(Try::Done(true)),
            Err(cancelled) if cancelled.failed(0) => Ok(Try::Done(false)),
            Err(_) => Ok(Try::Again),
        }
    }
}

fn row(reply: &Reply) -> Item {
    let mut row = key(&reply.thread, &reply.message, reply.kind);
    row.extend(item([
        ("message", s(reply.message.as_str())),
        ("kind", s(reply.kind.word())),
        ("text", s(&reply.text)),
        ("at", t(reply.at)),
        ("ord", s(Uuid::now_v7().to_string())),
    ]));
    if let Some(mail) = &reply.mail {
        row.extend(item([
            ("todo", s(UNSENT)),
            ("mailTo", s(&mail.to)),
            ("mailFrom", s(&mail.from)),
            ("mailId", s(&mail.message_id)),
            ("mailRaw", b(&mail.raw)),
        ]));
    }
    row
}

fn in_order(mut rows: Vec<Item>) -> Result<Vec<Reply>> {
    rows.sort_by(|a, b| a.maybe_text("ord").cmp(&b.maybe_text("ord")));
    rows.iter().map(read).collect()
}

fn read(row: &Item) -> Result<Reply> {
    let kind = match row.text("kind")? {
        "received" => ReplyKind::Received,
        "result" => ReplyKind::Result,
        "reminder" => ReplyKind::Reminder,
        other => return Err(crate::item::broken("kind", format_args!("{other:?} is no kind of reply"))),
    };
    let mail = match row.maybe_text("mailId") {
        Some(id) => Some(ReplyMail {
            to: row.text("mailTo")?.to_owned(),
            from: row.text("mailFrom")?.to_owned(),
            message_id: id.to_owned(),
            raw: row.bytes("mailRaw")?,
        }),
        None => None,
    };
    Ok(Reply {
        message: row.id("message")?,
        kind,
        thread: row.id("threadId")?,
        text: row.text("text")?.to_owned(),
        mail,
        at: row.time("at")?,
    })
}
