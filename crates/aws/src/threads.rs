//! Threads and their aliases in DynamoDB.

use crate::fault::fault;
use crate::item::{Item, Read, expiry, item, n, s, t};
use crate::store::{Store, Try, until_done};
use crate::tables::{EXPIRES_AT, PROJECT_INDEX, USER_INDEX};
use crate::write::{self, When};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::names::{MAPPINGS_TABLE, THREADS_TABLE};
use domain::{Pair, ProjectId, Seq, ThreadId, Timestamp, UserId};
use ports::threads::Thread;
use ports::{ErrorKind, PortError, Result, Threads};
use std::time::Duration;

/// How long a name is kept after the last activity it had part in.
const ALIAS_LIFE: Duration = Duration::from_hours(400 * 24);

/// The change that gives a name a new life.
const LIVE_ON: &str = "SET #expiresAt = :until";

/// The register of threads.
pub(crate) struct DynamoThreads(pub(crate) Store);

/// A thread and the place of its last message.
pub(crate) struct Stored {
    pub(crate) thread: Thread,
    pub(crate) last_seq: Seq,
}

fn key(id: &ThreadId) -> Item {
    item([("threadId", s(id.as_str()))])
}

fn mapping(project: &ProjectId, alias: &str) -> Item {
    item([("mapping", s(format!("{project}#{alias}")))])
}

#[async_trait]
impl Threads for DynamoThreads {
    async fn get(&self, id: &ThreadId) -> Result<Thread> {
        Ok(load(&self.0, id).await?.ok_or_else(|| missing(id))?.thread)
    }

    async fn by_alias(&self, project: &ProjectId, alias: &str) -> Result<Option<ThreadId>> {
        let Some(row) = self.0.get(MAPPINGS_TABLE, mapping(project, alias)).await? else { return Ok(None) };
        if is_aging(&row, self.0.now())? {
            let until = expiry(self.0.now().plus(ALIAS_LIFE));
            let there = When::new("attribute_exists(#mapping)", [(":until", until)]);
            self.0.update((MAPPINGS_TABLE, mapping(project, alias)), LIVE_ON, there).await?;
        }
        row.id("thread").map(Some)
    }

    async fn add_aliases(&self, id: &ThreadId, aliases: &[String]) -> Result<()> {
        let thread = self.get(id).await?;
        until_done!("naming a thread", async {
            let writes = name(&self.0, &thread.pair.project_id, id, aliases).await?;
            if writes.is_empty() {
                return Ok(Try::Done(()));
            }
            let named = self.0.transact("naming a thread", writes).await?;
            Ok(named.map_or(Try::Again, Try::Done))
        })
    }

    async fn list(&self, project: &ProjectId, user: Option<&UserId>, max: usize) -> Result<Vec<Thread>> {
        let (index, name, value) = match user {
            Some(user) => (USER_INDEX, "projectUser", project_user(project, user)),
            None => (PROJECT_INDEX, "projectId", project.as_str().to_owned()),
        };
        let query = self
            .0
            .db
            .query()
            .table_name(THREADS_TABLE)
            .index_name(index)
            .scan_index_forward(false)
            .limit(i32::try_from(max).unwrap_or(i32::MAX).max(1))
            .key_condition_expression("#p = :p")
            .expression_attribute_names("#p", name)
            .expression_attribute_values(":p", s(value));
        let mut pages = query.into_paginator().items().send();
        let mut threads = Vec::new();
        while threads.len() < max
            && let Some(row) = pages.next().await
        {
            let row = row.map_err(|error| fault("listing threads", &error))?;
            threads.push(stored(&row)?.thread);
        }
        Ok(threads)
    }
}

fn project_user(project: &ProjectId, user: &UserId) -> String {
    format!("{project}/{user}")
}

/// One thread as it is now.
pub(crate) async fn load(store: &Store, id: &ThreadId) -> Result<Option<Stored>> {
    store.get(THREADS_TABLE, key(id)).await?.map(|row| stored(&row)).transpose()
}

fn stored(row: &Item) -> Result<Stored> {
    let thread = Thread {
        id: row.id("threadId")?,
        pair: row.id("pair")?,
        title: row.text("title")?.to_owned(),
        created_at: row.time("createdAt")?,
        last_activity: row.time("lastActivity")?,
        snapshot: row.maybe_text("snapshot").map(str::to_owned),
    };
    Ok(Stored { thread, last_seq: Seq(row.number("lastSeq")?) })
}

/// Says that there is no such thread.
pub(crate) fn missing(id: &ThreadId) -> PortError {
    PortError::new(ErrorKind::NotFound, format_args!("no thread #{id}"))
}

/// The write that begins a thread with its first message, while there is none of its id.
pub(crate) fn begin((id, pair): (&ThreadId, &Pair), title: &str, at: Timestamp) -> Result<TransactWriteItem> {
    let mut row = key(id);
    row.extend(item([
        ("pair", s(pair.key())),
        ("projectId", s(pair.project_id.as_str())),
        ("projectUser", s(project_user(&pair.project_id, &pair.user_id))),
        ("title", s(title)),
        ("lastSeq", n(1)),
        ("createdAt", t(at)),
        ("lastActivity", t(at)),
    ]));
    write::put(THREADS_TABLE, row, Some(When::new_row("threadId")))
}

/// The write that counts a thread up, as long as nobody else did since it was read.
pub(crate) fn count_up(stored: &Stored, at: Timestamp) -> Result<TransactWriteItem> {
    let last = stored.last_seq.0;
    let when = When::new(
        "#lastSeq = :last",
        [(":last", n(last)), (":next", n(last + 1)), (":at", t(stored.thread.last_activity.max(at)))],
    );
    let change = "SET #lastSeq = :next, #lastActivity = :at";
    write::update(THREADS_TABLE, key(&stored.thread.id), change, when)
}

/// The write that notes that something was said, if that is news. Never goes back.
pub(crate) fn touch(stored: &Stored, at: Timestamp) -> Result<Option<TransactWriteItem>> {
    let news = at > stored.thread.last_activity;
    let when = || When::new("attribute_exists(#threadId)", [(":at", t(at))]);
    news.then(|| write::update(THREADS_TABLE, key(&stored.thread.id), "SET #lastActivity = :at", when()))
        .transpose()
}

/// The write that notes the thread's newest snapshot.
pub(crate) fn show(thread: &ThreadId, snapshot: &str) -> Result<TransactWriteItem> {
    let when = When::new("attribute_exists(#threadId)", [(":snapshot", s(snapshot))]);
    write::update(THREADS_TABLE, key(thread), "SET #snapshot = :snapshot", when)
}

/// Whether less than half of a name's life is left: one that is used lives on, at a write in 200 days.
fn is_aging(row: &Item, now: Timestamp) -> Result<bool> {
    let half = now.plus(ALIAS_LIFE / 2).0 / 1000;
    Ok(row.number::<i64>(EXPIRES_AT)? < half)
}

/// The writes that add those of these names that are nobody's yet; one that is known keeps its thread, and lives on.
pub(crate) async fn name(
    store: &Store,
    project: &ProjectId,
    thread: &ThreadId,
    aliases: &[String],
) -> Result<Vec<TransactWriteItem>> {
    let mut aliases: Vec<&String> = aliases.iter().filter(|alias| !alias.is_empty()).collect();
    aliases.sort();
    aliases.dedup();
    let keys: Vec<Item> = aliases.iter().map(|alias| mapping(project, alias)).collect();
    let known = store.get_all(MAPPINGS_TABLE, keys.clone()).await?;
    let (now, until) = (store.now(), expiry(store.now().plus(ALIAS_LIFE)));
    let mut writes = Vec::new();
    for mut key in keys {
        match known.iter().find(|row| row.get("mapping") == key.get("mapping")) {
            None => {
                key.extend(item([("thread", s(thread.as_str())), (EXPIRES_AT, until.clone())]));
                writes.push(write::put(MAPPINGS_TABLE, key, Some(When::new_row("mapping")))?);
            }
            Some(row) if row.text("thread")? == thread.as_str() && is_aging(row, now)? => {
                let there = When::new("attribute_exists(#mapping)", [(":until", until.clone())]);
                writes.push(write::update(MAPPINGS_TABLE, key, LIVE_ON, there)?);
            }
            Some(_) => {}
        }
    }
    Ok(writes)
}
