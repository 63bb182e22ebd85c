//! Sessions in DynamoDB. Whether one is served is judged by its pair's claim, each time it is read.

use crate::claims::{self, By, Waits};
use crate::item::{Item, Read, expiry, item, json, n, s, t};
use crate::store::{Store, Try, until_done};
use crate::threads;
use crate::write::{self, When};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::names::{OWNERSHIP_TABLE, SESSIONS_TABLE};
use domain::session::{Event, Session};
use domain::{Pair, ThreadId, Timestamp};
use ports::sessions::SessionRow;
use ports::{ErrorKind, PortError, Result, Sessions};
use std::time::Duration;

/// How long a row is kept after the last activity. A session whose row is gone sleeps, as before.
const LIFE: Duration = Duration::from_mins(30);

/// The register of sessions.
pub(crate) struct DynamoSessions(pub(crate) Store);

/// A session's row, with the count of its changes; 0 while there is no row.
struct Stored {
    row: SessionRow,
    version: u64,
}

fn key(thread: &ThreadId) -> Item {
    item([("sessionId", s(thread.as_str()))])
}

#[async_trait]
impl Sessions for DynamoSessions {
    async fn apply(&self, thread: &ThreadId, event: Event) -> Result<Session> {
        let what = format!("the session of thread #{thread}");
        until_done!(&what, self.attempt(thread, event.clone(), &what))
    }

    async fn get(&self, thread: &ThreadId) -> Result<Option<SessionRow>> {
        match find(&self.0, thread).await? {
            Some(stored) => as_it_is(&self.0, stored.row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn awake(&self, pair: &Pair) -> Result<Vec<SessionRow>> {
        let mut awake = Vec::new();
        for row in self.stored_of(pair).await? {
            let row = as_it_is(&self.0, row).await?;
            if !matches!(row.session, Session::Sleeping { .. }) {
                awake.push(row);
            }
        }
        awake.sort_by(|a, b| a.thread.as_str().cmp(b.thread.as_str()));
        Ok(awake)
    }

    async fn lapse(&self) -> Result<Vec<ThreadId>> {
        let mut lapsed = Vec::new();
        for (pair, claim) in claims::listed(&self.0).await? {
            for row in self.stored_of(&pair).await? {
                let (Session::Active { by, epoch } | Session::Draining { by, epoch }) = &row.session else {
                    continue;
                };
                if claim.is_held_by(by, *epoch, self.0.now()) {
                    continue;
                }
                match self.apply(&row.thread, Event::Left { epoch: *epoch }).await {
                    Ok(_) => lapsed.push(row.thread),
                    // Somebody serves it by now.
                    Err(error) if error.kind() == ErrorKind::Conflict => {}
                    Err(error) => return Err(error),
                }
            }
            if claim.until <= self.0.now() {
                claims::unlist(&self.0, &pair, &claim).await?;
            }
        }
        Ok(lapsed)
    }
}

impl DynamoSessions {
    /// The pair's sessions that are stored as awake, as they are stored.
    async fn stored_of(&self, pair: &Pair) -> Result<Vec<SessionRow>> {
        let known = self.0.collection(OWNERSHIP_TABLE, ("pair", &pair.key()), "session#").await?;
        let keys = known.iter().map(|row| Ok(key(&row.id("thread")?))).collect::<Result<_>>()?;
        let rows = self.0.get_all(SESSIONS_TABLE, keys).await?;
        rows.iter().map(|row| read(row).map(|stored| stored.row)).collect()
    }

    async fn attempt(&self, thread: &ThreadId, event: Event, what: &str) -> Result<Try<Session>> {
        let now = self.0.now();
        let stored = match find(&self.0, thread).await? {
            Some(stored) => stored,
            None => self.begin(thread, now).await?,
        };
        let (before, pair) = (stored.row.session.clone(), stored.row.pair.clone());
        let last_activity = match event {
            Event::Wanted | Event::Served { .. } => now,
            Event::Draining { .. } | Event::Left { .. } => stored.row.last_activity,
        };
        let fence = match &event {
            Event::Served { by, epoch } => Some((by.clone(), *epoch)),
            _ => None,
        };
        let session = match &event {
            // A claim that is over may not turn a wanted session into one that nobody serves.
            Event::Served { by, epoch }
                if !claims::load(&self.0, &pair).await?.is_held_by(by, *epoch, now) =>
            {
                let says = format_args!("container {by} does not hold {} at epoch {}", pair.key(), epoch.0);
                return Err(PortError::new(ErrorKind::Conflict, says));
            }
            // The one who served it may say so also after its lease.
            Event::Left { .. } => stored.row.session,
            _ => as_it_is(&self.0, stored.row).await?.session,
        };
        let next = session.apply(event, now).map_err(|err| PortError::new(ErrorKind::Conflict, err))?;
        let row = SessionRow { thread: thread.clone(), pair, session: next.clone(), last_activity };
        let mut writes = vec![put(&row, stored.version)?];
        writes.extend(beside(&row, &before, fence.as_ref().map(|(by, epoch)| (by, *epoch)), now)?);
        let applied = self.0.transact(what, writes).await?;
        Ok(applied.map_or(Try::Again, |()| Try::Done(next)))
    }

    async fn begin(&self, thread: &ThreadId, now: Timestamp) -> Result<Stored> {
        let found = threads::load(&self.0, thread).await?.ok_or_else(|| threads::missing(thread))?.thread;
        let session = Session::Sleeping { since: now };
        let row = SessionRow { thread: found.id, pair: found.pair, session, last_activity: now };
        Ok(Stored { row, version: 0 })
    }
}

/// The session's own row, as long as nobody else wrote it.
fn put(row: &SessionRow, version: u64) -> Result<TransactWriteItem> {
    let mut attributes = key(&row.thread);
    attributes.extend(item([
        ("pair", s(row.pair.key())),
        ("status", s(row.session.word())),
        ("doc", json(&row.session)?),
        ("lastActivity", t(row.last_activity)),
        ("version", n(version + 1)),
    ]));
    // One that is awake does not go while it is.
    if matches!(row.session, Session::Sleeping { .. }) {
        attributes.insert("expiresAt".to_owned(), expiry(row.last_activity.plus(LIFE)));
    }
    let as_read = if version == 0 {
        When::new_row("sessionId")
    } else {
        When::new("#version = :version", [(":version", n(version))])
    };
    write::put(SESSIONS_TABLE, attributes, Some(as_read))
}

/// What the pair's collection says of the session, and what the pair waits for.
fn beside(
    row: &SessionRow,
    before: &Session,
    fence: Option<By<'_>>,
    now: Timestamp,
) -> Result<Vec<TransactWriteItem>> {
    let awake = |session: &Session| !matches!(session, Session::Sleeping { .. });
    let wanted = |session: &Session| matches!(session, Session::Initializing { .. });
    let thread = row.thread.as_str();
    let mut writes = Vec::new();
    let known = format!("session#{thread}");
    if awake(&row.session) && !awake(before) {
        let mut known = claims::key(&row.pair, &known);
        known.insert("thread".to_owned(), s(thread));
        writes.push(write::put(OWNERSHIP_TABLE, known, None)?);
    } else if !awake(&row.session) && awake(before) {
        writes.push(write::delete(OWNERSHIP_TABLE, claims::key(&row.pair, &known))?);
    }
    let mut waits = Waits::default();
    let name = format!("wanted#{thread}");
    if wanted(&row.session) && !wanted(before) {
        waits.sessions = 1;
        writes.push(write::put(OWNERSHIP_TABLE, claims::waiting_row(&row.pair, &name), None)?);
    } else if !wanted(&row.session) && wanted(before) {
        waits.sessions = -1;
        writes.push(write::delete(OWNERSHIP_TABLE, claims::key(&row.pair, &name))?);
    }
    writes.extend(claims::touch(&row.pair, fence, waits, now)?);
    Ok(writes)
}

async fn find(store: &Store, thread: &ThreadId) -> Result<Option<Stored>> {
    store.get(SESSIONS_TABLE, key(thread)).await?.map(|row| read(&row)).transpose()
}

fn read(row: &Item) -> Result<Stored> {
    let session = SessionRow {
        thread: row.id("sessionId")?,
        pair: row.id("pair")?,
        session: row.json("doc")?,
        last_activity: row.time("lastActivity")?,
    };
    Ok(Stored { row: session, version: row.number("version")? })
}

/// The session as it is now: asleep when the claim that served it is over.
async fn as_it_is(store: &Store, mut row: SessionRow) -> Result<SessionRow> {
    let (Session::Active { by, epoch } | Session::Draining { by, epoch }) = &row.session else {
        return Ok(row);
    };
    let claim = claims::load(store, &row.pair).await?;
    if claim.is_held_by(by, *epoch, store.now()) {
        return Ok(row);
    }
    let since = if claim.epoch == *epoch { claim.until } else { row.last_activity };
    row.session = Session::Sleeping { since };
    Ok(row)
}
