//! The writer's thread: takes what waits, runs each step on its own savepoint, syncs once, then answers all.

use crate::fault::Fault;
use domain::Timestamp;
use ports::{Clock, ErrorKind};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::{mpsc, oneshot};

/// Steps in one transaction.
const BATCH: usize = 256;

/// A step that waits, or has run and waits for its commit.
pub(super) trait Job: Send {
    /// Runs the step and keeps its result. False when it refused: what it did must be undone.
    fn run(&mut self, conn: &Connection, now: Timestamp) -> bool;
    /// The commit failed: whatever the result was, nothing has happened.
    fn undone(&mut self, says: &str);
    /// Tells the caller.
    fn answer(self: Box<Self>);
}

/// A [`Job`] made of a closure.
pub(super) struct Step<T, F> {
    work: Option<F>,
    result: Option<Result<T, Fault>>,
    tell: oneshot::Sender<Result<T, Fault>>,
}

impl<T, F> Step<T, F> {
    pub(super) fn new(work: F, tell: oneshot::Sender<Result<T, Fault>>) -> Self {
        Self { work: Some(work), result: None, tell }
    }
}

impl<T, F> Job for Step<T, F>
where
    T: Send,
    F: FnOnce(&Connection, Timestamp) -> Result<T, Fault> + Send,
{
    fn run(&mut self, conn: &Connection, now: Timestamp) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A defect in one step must not end the writer for all.
        let result = catch_unwind(AssertUnwindSafe(|| work(conn, now)))
            .unwrap_or_else(|_| Err(Fault::new(ErrorKind::Malformed, "a step of the store panicked")));
        self.result.insert(result).is_ok()
    }

    fn undone(&mut self, says: &str) {
        if matches!(self.result, None | Some(Ok(_))) {
            self.result = Some(Err(Fault::new(ErrorKind::Transient, format_args!("not written: {says}"))));
        }
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // A caller that stopped waiting is not told.
            let _ = self.tell.send(result);
        }
    }
}

/// Works until every sender is gone and everything sent is done.
pub(super) fn run(conn: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>, clock: &dyn Clock) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        if let Err(err) = commit(conn, &mut batch, clock) {
            tracing::warn!(error = %err, steps = batch.len(), "the store could not write");
            undo(conn);
            let says = err.to_string();
            for job in &mut batch {
                job.undone(&says);
            }
        }
        batch.into_iter().for_each(Job::answer);
    }
}

fn commit(conn: &Connection, batch: &mut [Box<dyn Job>], clock: &dyn Clock) -> rusqlite::Result<()> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for job in batch {
        conn.prepare_cached("SAVEPOINT step")?.execute([])?;
        if !job.run(conn, clock.now()) {
            // Fails when SQLite has given up the whole transaction (a full disk): then all of the batch is undone.
            conn.prepare_cached("ROLLBACK TO step")?.execute([])?;
        }
        conn.prepare_cached("RELEASE step")?.execute([])?;
    }
    conn.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

fn undo(conn: &Connection) {
    if !conn.is_autocommit()
        && let Err(err) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(error = %err, "the store could not roll back");
    }
}
