//! Recording a message: its place in the thread, its names and what its pair waits for, all or nothing.

use super::{id_key, load, open_row_name, rows};
use crate::claims::{self, Waits};
use crate::item::{Item, Read, item, n, s, t};
use crate::store::{Store, Try, until_done};
use crate::threads;
use crate::write::{self, When};
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::Seq;
use domain::names::{MESSAGES_TABLE, OWNERSHIP_TABLE};
use ports::messages::{NewMessage, Recorded};
use ports::{ErrorKind, PortError, Result};
use uuid::Uuid;

/// The places of these writes in the transaction.
const DEDUPE: usize = 0;
const ID: usize = 1;

pub(super) async fn record(store: &Store, new: &NewMessage) -> Result<Recorded> {
    let what = format!("recording message {}", new.id);
    until_done!(&what, attempt(store, new, &what))
}

async fn attempt(store: &Store, new: &NewMessage, what: &str) -> Result<Try<Recorded>> {
    if let Some(known) = store.get(MESSAGES_TABLE, dedupe_key(new)).await? {
        return Ok(Try::Done(Recorded::Known(load(store, &known.id("message")?).await?.message)));
    }
    let (thread, seq) = place(store, new).await?;
    let row = rows::row(store, new, seq, &Uuid::now_v7().to_string()).await?;
    let writes = writes(store, new, (thread, seq, row.clone())).await?;
    match store.transact(what, writes).await? {
        Ok(()) => Ok(Try::Done(Recorded::Fresh(rows::stored(store, &row).await?.message))),
        Err(cancelled) if cancelled.failed(ID) && !cancelled.failed(DEDUPE) => {
            let says = format_args!("there is a message {} already", new.id);
            Err(PortError::new(ErrorKind::Conflict, says))
        }
        Err(_) => Ok(Try::Again),
    }
}

/// The next place in the thread, and the write that takes it.
async fn place(store: &Store, new: &NewMessage) -> Result<(TransactWriteItem, Seq)> {
    match threads::load(store, &new.thread).await? {
        None => Ok((threads::begin((&new.thread, &new.pair), &new.title, new.received_at)?, Seq(1))),
        Some(known) if known.thread.pair != new.pair => {
            let says = format_args!("thread #{} belongs to another pair", new.thread);
            Err(PortError::new(ErrorKind::Conflict, says))
        }
        Some(known) => Ok((threads::count_up(&known, new.received_at)?, Seq(known.last_seq.0 + 1))),
    }
}

async fn writes(
    store: &Store,
    new: &NewMessage,
    (thread, seq, row): (TransactWriteItem, Seq, Item),
) -> Result<Vec<TransactWriteItem>> {
    let free = || Some(When::new_row("threadId"));
    let mut dedupe = dedupe_key(new);
    dedupe.insert("message".to_owned(), s(new.id.as_str()));
    let at = [("thread", s(new.thread.as_str())), ("seq", n(seq.0))];
    let mut id = id_key(&new.id);
    id.extend(item(at.clone()));
    let mut writes = vec![
        write::put(MESSAGES_TABLE, dedupe, free())?,
        write::put(MESSAGES_TABLE, id, free())?,
        write::put(MESSAGES_TABLE, row, free())?,
        thread,
    ];
    if new.kind.is_for_container() {
        let mut open = claims::waiting_row(&new.pair, &open_row_name(&new.thread, seq));
        open.extend(item(at));
        open.insert(rows::RECEIVED_AT.to_owned(), t(new.received_at));
        writes.push(write::put(OWNERSHIP_TABLE, open, None)?);
        writes.extend(claims::touch(&new.pair, None, Waits { messages: 1, sessions: 0 }, store.now())?);
    }
    writes.extend(threads::name(store, &new.pair.project_id, &new.thread, &new.aliases).await?);
    Ok(writes)
}

fn dedupe_key(new: &NewMessage) -> Item {
    item([("threadId", s(format!("dedupe {}", new.dedupe))), ("item", s("message"))])
}
