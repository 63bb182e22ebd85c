//! Standard queues in SQLite; readers are woken in this process.

mod rows;

use crate::db::Db;
use async_trait::async_trait;
use domain::Timestamp;
use domain::names::{QUEUE_BODY_MAX, QUEUE_NAME_MAX};
use ports::queues::{Delivery, Depth, Receipt, Unused};
use ports::{ErrorKind, PortError, Queues, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Most deliveries of one receive, as SQS has it.
const MAX_BATCH: usize = 10;

/// The queues, and the bells of those who wait.
pub(crate) struct SqliteQueues {
    db: Db,
    bells: Mutex<HashMap<String, Arc<Notify>>>,
    /// When each queue was last used, as far as this process knows: who begins anew lets all of them live for longer.
    uses: Mutex<HashMap<String, Timestamp>>,
}

/// What a look into a queue found.
enum Found {
    /// Messages, leased to the caller.
    Some(Vec<Delivery>),
    /// Nothing; the next lease lapses after this time, if there is one.
    Nothing(Option<Duration>),
}

impl SqliteQueues {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, bells: Mutex::default(), uses: Mutex::default() }
    }

    fn note_use(&self, queue: &str, at: Timestamp) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.to_owned(), at);
    }

    /// The bell of a queue.
    fn bell(&self, queue: &str) -> Arc<Notify> {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(queue.to_owned()).or_default().clone()
    }

    fn ring(&self, queue: &str) {
        let bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(queue) {
            bell.notify_waiters();
        }
    }

    async fn take(&self, queue: &str, max: usize, lease: Duration) -> Result<Found> {
        let name = queue.to_owned();
        let (deliveries, lapse, buried, now) = self
            .db
            .write(move |conn, now| {
                let taken = rows::take(conn, &name, max, (now, now.plus(lease)))?;
                let lapse = if taken.deliveries.is_empty() { rows::next_lapse(conn, &name)? } else { None };
                let lapse = lapse.map(|at| at.since(now));
                Ok((taken.deliveries, lapse, taken.buried, now))
            })
            .await?;
        self.note_use(queue, now);
        if let Some(dead_letters) = buried {
            self.ring(&dead_letters);
        }
        Ok(if deliveries.is_empty() { Found::Nothing(lapse) } else { Found::Some(deliveries) })
    }

    async fn wait_and_take(
        &self,
        queue: &str,
        max: usize,
        (until, lease): (Instant, Duration),
        bell: &Notify,
    ) -> Result<Vec<Delivery>> {
        loop {
            let rung = bell.notified();
            tokio::pin!(rung);
            // From here on a send is heard, also one that comes while we look.
            rung.as_mut().enable();
            let lapse = match self.take(queue, max, lease).await? {
                Found::Some(deliveries) => return Ok(deliveries),
                Found::Nothing(lapse) => lapse,
            };
            let now = Instant::now();
            if now >= until {
                return Ok(Vec::new());
            }
            // A lease that lapses in the same millisecond must not make this loop spin.
            let wake = lapse.map_or(until, |lapse| until.min(now + lapse.max(Duration::from_millis(1))));
            tokio::select! {
                () = rung => {}
                () = tokio::time::sleep_until(wake) => {}
            }
        }
    }
}

#[async_trait]
impl Queues for SqliteQueues {
    async fn ensure(&self, queue: &str, dead_letters: Option<&str>, max_receives: u32) -> Result<()> {
        check_name(queue)?;
        dead_letters.map_or(Ok(()), check_name)?;
        if max_receives == 0 {
            return Err(PortError::new(ErrorKind::Malformed, "a message is received at least once"));
        }
        let (name, dead) = (queue.to_owned(), dead_letters.map(str::to_owned));
        let now = self
            .db
            .write(move |conn, now| {
                rows::ensure(conn, &name, dead.as_deref(), max_receives)?;
                Ok(now)
            })
            .await?;
        for used in dead_letters.into_iter().chain([queue]) {
            self.note_use(used, now);
        }
        Ok(())
    }

    async fn send(&self, queue: &str, body: &str) -> Result<()> {
        check_name(queue)?;
        if body.len() > QUEUE_BODY_MAX {
            let says = format_args!("{} bytes are more than a queue takes ({QUEUE_BODY_MAX})", body.len());
            return Err(PortError::new(ErrorKind::Malformed, says));
        }
        let (name, body) = (queue.to_owned(), body.to_owned());
        let now = self
            .db
            .write(move |conn, now| {
                rows::send(conn, &name, &body, now)?;
                Ok(now)
            })
            .await?;
        self.note_use(queue, now);
        self.ring(queue);
        Ok(())
    }

    async fn receive(
        &self,
        queue: &str,
        max: usize,
        wait: Duration,
        lease: Duration,
    ) -> Result<Vec<Delivery>> {
        check_name(queue)?;
        if !(1..=MAX_BATCH).contains(&max) {
            let says = format_args!("{max} is not 1 to {MAX_BATCH} messages");
            return Err(PortError::new(ErrorKind::Malformed, says));
        }
        let waiting = Waiting { queues: self, queue, bell: self.bell(queue) };
        self.wait_and_take(queue, max, (Instant::now() + wait, lease), &waiting.bell).await
    }

    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<()> {
        let receipt = receipt.clone();
        self.db.write(move |conn, now| rows::extend(conn, &receipt, now.plus(lease))).await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<()> {
        let receipt = receipt.clone();
        self.db.write(move |conn, _| rows::ack(conn, &receipt)).await
    }

    async fn depth(&self, queue: &str) -> Result<Depth> {
        check_name(queue)?;
        let queue = queue.to_owned();
        self.db.read(move |conn, now| rows::depth(conn, &queue, now)).await
    }

    async fn remove(&self, queue: &str) -> Result<()> {
        check_name(queue)?;
        let name = queue.to_owned();
        self.db.write(move |conn, _| rows::remove(conn, &name)).await?;
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).remove(queue);
        // Who waits learns that the queue is gone.
        self.ring(queue);
        Ok(())
    }

    async fn unused(&self, age: Duration, max: usize) -> Result<Vec<Unused>> {
        let (queues, now) = self.db.read(|conn, now| Ok((rows::all(conn)?, now))).await?;
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let mut long_ago = queues;
        long_ago.retain(|queue| now.since(*uses.entry(queue.queue.clone()).or_insert(now)) >= age);
        long_ago.truncate(max);
        Ok(long_ago)
    }
}

/// Somebody who waits at a queue. The bell goes with the last of them, however the wait ends.
struct Waiting<'a> {
    queues: &'a SqliteQueues,
    queue: &'a str,
    bell: Arc<Notify>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut bells = self.queues.bells.lock().unwrap_or_else(PoisonError::into_inner);
        // One is the map's, one is ours.
        if Arc::strong_count(&self.bell) <= 2 {
            bells.remove(self.queue);
        }
    }
}

fn check_name(name: &str) -> Result<()> {
    let fits = (1..=QUEUE_NAME_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        return Ok(());
    }
    let says = format_args!("a queue's name has 1 to {QUEUE_NAME_MAX} characters of A-Z, a-z, 0-9, _ and -");
    Err(PortError::new(ErrorKind::Malformed, says))
}
