//! The database: one writer that syncs many steps at once, and a few readers.

mod schema;
mod writer;

use crate::data::Data;
use crate::fault::Fault;
use domain::Timestamp;
use ports::{Clock, ErrorKind, PortError, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use writer::{Job, Step};

/// Steps that may wait for the writer before callers do.
const QUEUE: usize = 1024;
/// Reads that run at the same time.
const READERS: usize = 4;
/// How long a connection waits for another's lock.
const BUSY: Duration = Duration::from_secs(5);
/// Statements kept prepared per connection.
const STATEMENTS: usize = 128;

/// A handle to the database. When the last one goes, the writer finishes what it was given and the files are closed.
#[derive(Clone)]
pub(crate) struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    writer: Option<JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    path: PathBuf,
    clock: Arc<dyn Clock>,
    // Declared last: the directory is free for others only when the files are closed.
    data: Data,
}

impl Db {
    /// Opens the database in the data directory, or makes it. `Malformed` when a newer version wrote it.
    pub(crate) fn open(data: Data, clock: Arc<dyn Clock>) -> Result<Self> {
        let path = data.dir().join("store.db");
        let mut conn = connect(&path).map_err(PortError::from)?;
        schema::migrate(&mut conn, data.dir())?;
        schema::end_leases(&conn)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let judge = clock.clone();
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer::run(&conn, queue, judge.as_ref()))
            .map_err(Fault::from)?;
        let inner = Inner {
            jobs: Some(jobs),
            writer: Some(writer),
            readers: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS)),
            path,
            clock,
            data,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The data directory.
    pub(crate) fn dir(&self) -> &Path {
        self.inner.data.dir()
    }

    /// Runs a step, all or nothing; it is durable when this returns. The step sees the store's time. It runs to its
    /// end even when the caller stops waiting.
    pub(crate) async fn write<T, F>(&self, step: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, Timestamp) -> Result<T, Fault> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let closed = || PortError::new(ErrorKind::Transient, "the store is closing");
        let jobs = self.inner.jobs.as_ref().ok_or_else(closed)?;
        jobs.send(Box::new(Step::new(step, tell))).await.map_err(|_| closed())?;
        told.await.map_err(|_| closed())?.map_err(PortError::from)
    }

    /// Runs a query on what is committed.
    pub(crate) async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, Timestamp) -> Result<T, Fault> + Send + 'static,
    {
        let stopped = |err: &dyn std::fmt::Display| {
            PortError::new(ErrorKind::Transient, format_args!("a query did not run to its end: {err}"))
        };
        let permit = self.inner.permits.clone().acquire_owned().await.map_err(|err| stopped(&err))?;
        let inner = self.inner.clone();
        let work = move || {
            let answer = inner.query(query);
            drop(permit);
            answer
        };
        let answer = tokio::task::spawn_blocking(work).await.map_err(|err| stopped(&err))?;
        answer.map_err(PortError::from)
    }
}

impl Inner {
    fn query<T>(&self, query: impl FnOnce(&Connection, Timestamp) -> Result<T, Fault>) -> Result<T, Fault> {
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match pooled {
            Some(conn) => conn,
            None => connect_reader(&self.path)?,
        };
        let answer = query(&conn, self.clock.now());
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        answer
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer had died");
        }
    }
}

fn connect(path: &Path) -> Result<Connection, Fault> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(BUSY)?;
    // FULL: each commit is synced, not only each checkpoint.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;",
    )?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

fn connect_reader(path: &Path) -> Result<Connection, Fault> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY)?;
    conn.execute_batch("PRAGMA query_only = ON;")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::clock::SystemClock;

    fn open(dir: &Path) -> Db {
        Db::open(Data::lock(dir).unwrap(), Arc::new(SystemClock)).unwrap()
    }

    async fn send(db: &Db, bytes: usize) -> Result<()> {
        db.write(move |conn, now| {
            conn.execute(
                "INSERT INTO mails (key, at) VALUES (hex(randomblob(?1)), ?2)",
                rusqlite::params![bytes, now.0],
            )?;
            Ok(())
        })
        .await
    }

    async fn count(db: &Db) -> usize {
        db.read(|conn, _| Ok(conn.query_row("SELECT count(*) FROM mails", [], |row| row.get(0))?))
            .await
            .unwrap()
    }

    async fn pages(db: &Db, pragma: &'static str) -> i64 {
        db.write(move |conn, _| Ok(conn.query_row(pragma, [], |row| row.get(0))?)).await.unwrap()
    }

    #[tokio::test]
    async fn a_full_disk_passes_and_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path());
        send(&db, 10).await.unwrap();
        let now = pages(&db, "PRAGMA page_count").await;
        // As full as it is; SQLite answers as it does when the disk has no room.
        assert_eq!(pages(&db, "PRAGMA max_page_count = 1").await, now);
        assert_eq!(send(&db, 100_000).await.unwrap_err().kind(), ErrorKind::Transient);
        assert_eq!(count(&db).await, 1);
        pages(&db, "PRAGMA max_page_count = 1000000").await;
        send(&db, 100_000).await.unwrap();
        drop(db);
        assert_eq!(count(&open(dir.path())).await, 2);
    }

    #[tokio::test]
    async fn a_step_that_refuses_or_panics_undoes_itself_alone() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path());
        let insert = |key: &'static str| {
            move |conn: &Connection| conn.execute("INSERT INTO mails (key, at) VALUES (?1, 0)", [key])
        };
        let refuses = db.write(move |conn, _| {
            insert("refused")(conn)?;
            Err::<(), _>(Fault::new(ErrorKind::Conflict, "no"))
        });
        let panics = db.write(move |conn, _| {
            insert("panicked")(conn)?;
            assert!(conn.is_autocommit(), "a step runs inside a transaction: this panics");
            Ok(())
        });
        let (refused, panicked, kept) = tokio::join!(refuses, panics, send(&db, 10));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(panicked.unwrap_err().kind(), ErrorKind::Malformed);
        kept.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    #[tokio::test]
    async fn a_step_is_done_also_when_nobody_waits_for_it_any_more() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path());
        let mut dropped = Box::pin(send(&db, 10));
        assert!(futures_poll(&mut dropped).await.is_pending());
        drop(dropped);
        drop(db);
        assert_eq!(count(&open(dir.path())).await, 1);
    }

    async fn futures_poll<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
        std::future::poll_fn(|cx| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx))).await
    }
}
