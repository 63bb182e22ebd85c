//! A message as a row and back.

use crate::item::{Item, Read, broken, item, n, s, t};
use crate::store::Store;
use domain::message::{Attachment, Kind, Outcome, Status};
use domain::{Epoch, MessageId, Seq, ThreadId, UserId};
use ports::messages::{Channel, MailOrigin, Message, NewMessage, Progress};
use ports::{ErrorKind, PortError, Result};
use serde::{Deserialize, Serialize};

/// When a message was received, in its own row and in the one by which its pair waits.
pub(crate) const RECEIVED_AT: &str = "receivedAt";

/// The part of a message that nothing searches for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Doc {
    author: UserId,
    channel: StoredChannel,
    instruction: String,
    material: String,
    attachments: Vec<Attachment>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum StoredChannel {
    Mail { address: String, message_id: String, references: Vec<String>, subject: String },
    Chat,
}

impl From<Channel> for StoredChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Mail(MailOrigin { address, message_id, references, subject }) => {
                Self::Mail { address, message_id, references, subject }
            }
            Channel::Chat => Self::Chat,
        }
    }
}

impl From<StoredChannel> for Channel {
    fn from(stored: StoredChannel) -> Self {
        match stored {
            StoredChannel::Mail { address, message_id, references, subject } => {
                Self::Mail(MailOrigin { address, message_id, references, subject })
            }
            StoredChannel::Chat => Self::Chat,
        }
    }
}

/// A message's row with what only the store needs of it.
pub(crate) struct Stored {
    pub(crate) message: Message,
    /// Counts the row's changes.
    pub(crate) version: u64,
    /// The last turn that began; 0: none yet.
    pub(crate) turn: u32,
    /// Whether its result was said.
    pub(crate) told: bool,
}

/// Where a message's row is: the sort key within its thread.
pub(crate) fn place(seq: Seq) -> String {
    format!("m#{:012}", seq.0)
}

/// The key of a message's row.
pub(crate) fn key(thread: &ThreadId, seq: Seq) -> Item {
    item([("threadId", s(thread.as_str())), ("item", s(place(seq)))])
}

/// What the index lists an unanswered message of this kind as.
pub(crate) fn open(kind: Kind) -> Result<String> {
    let word = serde_json::to_value(kind).map_err(|error| broken("kind", error))?;
    Ok(format!("open {}", word.as_str().unwrap_or_default()))
}

/// A new message's row.
pub(crate) async fn row(store: &Store, new: &NewMessage, seq: Seq, ord: &str) -> Result<Item> {
    let doc = Doc {
        author: new.author.clone(),
        channel: new.channel.clone().into(),
        instruction: new.instruction.clone(),
        material: new.material.clone(),
        attachments: new.attachments.clone(),
    };
    let doc = serde_json::to_string(&doc).map_err(|error| broken("doc", error))?;
    let mut row = key(&new.thread, seq);
    row.extend(item([
        ("messageId", s(new.id.as_str())),
        ("pair", s(new.pair.key())),
        ("seq", n(seq.0)),
        ("kind", crate::item::json(&new.kind)?),
        (RECEIVED_AT, t(new.received_at)),
        ("state", s("waiting")),
        ("turn", n(0)),
        ("version", n(1)),
        ("todo", s(open(new.kind)?)),
        ("ord", s(ord)),
    ]));
    store.keep(&mut row, "doc", (&overflow(&new.id, "doc"), doc)).await?;
    Ok(row)
}

/// The outcome as attributes of a message's row.
pub(crate) async fn outcome(store: &Store, outcome: &Outcome) -> Result<Item> {
    let text = serde_json::to_string(outcome).map_err(|error| broken("outcome", error))?;
    let mut row = Item::new();
    // Each try of an outcome has a name of its own: one that is not stored in the end overwrites none.
    let key = overflow(&outcome.message_id, &format!("outcome-{}", uuid::Uuid::new_v4()));
    store.keep(&mut row, "outcome", (&key, text)).await?;
    row.insert("status".to_owned(), crate::item::json(&outcome.status)?);
    Ok(row)
}

fn overflow(id: &MessageId, what: &str) -> String {
    format!("rows/{id}/{what}.json")
}

/// Reads a whole row.
pub(crate) async fn stored(store: &Store, row: &Item) -> Result<Stored> {
    let missing = || PortError::new(ErrorKind::Malformed, "a message's row has no document");
    let doc = store.kept(row, "doc").await?.ok_or_else(missing)?;
    let doc: Doc = serde_json::from_str(&doc).map_err(|error| broken("doc", error))?;
    let message = Message {
        id: row.id("messageId")?,
        thread: row.id("threadId")?,
        pair: row.id("pair")?,
        seq: Seq(row.number("seq")?),
        author: doc.author,
        channel: doc.channel.into(),
        kind: row.json("kind")?,
        instruction: doc.instruction,
        material: doc.material,
        attachments: doc.attachments,
        received_at: row.time(RECEIVED_AT)?,
        progress: progress(store, row).await?,
    };
    Ok(Stored {
        message,
        version: row.number("version")?,
        turn: row.number("turn")?,
        told: row.maybe_text("told").is_some(),
    })
}

async fn progress(store: &Store, row: &Item) -> Result<Progress> {
    let outcome = async || -> Result<Outcome> {
        let text = store.kept(row, "outcome").await?;
        let text = text.ok_or_else(|| broken("outcome", "not there"))?;
        serde_json::from_str(&text).map_err(|error| broken("outcome", error))
    };
    let turn = row.number("turn")?;
    Ok(match row.text("state")? {
        "waiting" => Progress::Waiting,
        "running" => Progress::Running { epoch: Epoch(row.number("epoch")?), turn },
        "prepared" => Progress::Prepared { turn, outcome: outcome().await? },
        "answered" => Progress::Answered { outcome: outcome().await?, at: row.time("answeredAt")? },
        other => return Err(broken("state", format_args!("{other:?} is no state of a message"))),
    })
}

/// The status of an answered row, without its outcome.
pub(crate) fn status(row: &Item) -> Result<Status> {
    row.json("status")
}
