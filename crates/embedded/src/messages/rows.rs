//! A message as a row and back.

use crate::codec;
use crate::fault::Fault;
use domain::message::{Attachment, Kind};
use domain::{Epoch, Seq, UserId};
use ports::messages::{Channel, MailOrigin, Message, NewMessage, Progress};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

/// The part of a message that nothing searches for.
#[derive(Serialize, Deserialize)]
struct Doc {
    author: UserId,
    channel: StoredChannel,
    instruction: String,
    material: String,
    attachments: Vec<Attachment>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// Writes a new message's row.
pub(super) fn insert(conn: &Connection, new: NewMessage, seq: Seq) -> Result<(), Fault> {
    let doc = Doc {
        author: new.author,
        channel: new.channel.into(),
        instruction: new.instruction,
        material: new.material,
        attachments: new.attachments,
    };
    conn.prepare_cached(
        "INSERT INTO messages (id, dedupe, thread, pair, project, seq, kind, for_container, doc, received_at, state) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'waiting')",
    )?
    .execute(params![
        new.id.as_str(),
        new.dedupe,
        new.thread.as_str(),
        new.pair.key(),
        new.pair.project_id.as_str(),
        codec::signed(seq.0),
        codec::to_json(&new.kind)?,
        new.kind.is_for_container(),
        codec::to_json(&doc)?,
        new.received_at.0,
    ])?;
    Ok(())
}

/// Reads a whole row of `messages`.
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let doc: Doc = codec::json(row, "doc")?;
    Ok(Message {
        id: codec::id(row, "id")?,
        thread: codec::id(row, "thread")?,
        pair: codec::id(row, "pair")?,
        seq: Seq(codec::number(row, "seq")?),
        author: doc.author,
        channel: doc.channel.into(),
        kind: codec::json::<Kind>(row, "kind")?,
        instruction: doc.instruction,
        material: doc.material,
        attachments: doc.attachments,
        received_at: codec::time(row, "received_at")?,
        progress: progress(row)?,
    })
}

fn progress(row: &Row<'_>) -> rusqlite::Result<Progress> {
    Ok(match row.get_ref("state")?.as_str()? {
        "waiting" => Progress::Waiting,
        "running" => Progress::Running { epoch: Epoch(codec::number(row, "epoch")?), turn: row.get("turn")? },
        "prepared" => Progress::Prepared { turn: row.get("turn")?, outcome: codec::json(row, "outcome")? },
        "answered" => {
            Progress::Answered { outcome: codec::json(row, "outcome")?, at: codec::time(row, "answered_at")? }
        }
        other => return Err(codec::broken(format!("{other:?} is no state of a message").into())),
    })
}
