//! The pair's input queue: its bell. What lies in it, work or a bare bell, only says that the store has something.

use domain::message::Work;
use domain::names::QueueSet;
use ports::queues::{Delivery, ensure_set};
use ports::{ErrorKind, Queues};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

/// How long a work message is hidden while its row is looked up.
const RING_LEASE: Duration = Duration::from_secs(30);
/// Longest wait between two tries to create the queues: AWS refuses the name of a deleted queue for a minute.
const CREATE_AGAIN: Duration = Duration::from_secs(5);

/// The bell of one pair.
pub(crate) struct Bell {
    queues: Arc<dyn Queues>,
    set: QueueSet,
    /// Whether the queues are there, as far as is known.
    hung: bool,
}

impl Bell {
    /// The bell of the pair with these queues, which are created at the first [`Bell::hear`].
    pub(crate) fn of(queues: &Arc<dyn Queues>, set: &QueueSet) -> Self {
        Self { queues: Arc::clone(queues), set: set.clone(), hung: false }
    }

    /// Waits up to `wait` for the bell. While its queues cannot be created, waits for some seconds all the same and hears
    /// nothing: whoever looks at the rows after each wait misses nothing.
    pub(crate) async fn hear(&mut self, wait: Duration) -> ports::Result<Vec<Delivery>> {
        if !self.hung {
            if let Err(error) = ensure_set(&*self.queues, &self.set).await {
                warn!(%error, "a pair's queues could not be created yet; it is served without them");
                tokio::time::sleep(wait.min(CREATE_AGAIN)).await;
                return Ok(Vec::new());
            }
            self.hung = true;
        }
        let rung = self.queues.receive(&self.set.input, 10, wait, RING_LEASE).await;
        if rung.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            self.hung = false;
        }
        rung
    }
}

/// Whether a message is one that Hermes sends. What is none never will be, however often it is received.
pub(crate) fn rings(body: &str) -> bool {
    // Bare: a thread is wanted although nothing was said.
    serde_json::from_str::<Map<String, Value>>(body).is_ok_and(|bare| bare.is_empty())
        || serde_json::from_str::<Work>(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use embedded::Embedded;
    use ports::PortError;
    use ports::queues::{Depth, Receipt, Unused};
    use serde_json::json;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Instant;

    /// Real queues whose names cannot be used for so many tries.
    struct JustDeleted {
        queues: Arc<dyn Queues>,
        refusals: AtomicU32,
        tries: AtomicU32,
    }

    #[async_trait]
    impl Queues for JustDeleted {
        async fn ensure(&self, queue: &str, dead: Option<&str>, max: u32) -> ports::Result<()> {
            self.tries.fetch_add(1, Ordering::SeqCst);
            let left = self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            match left {
                Ok(_) => Err(PortError::new(ErrorKind::Transient, "its name is free in 50 s")),
                Err(_) => self.queues.ensure(queue, dead, max).await,
            }
        }
        async fn send(&self, queue: &str, body: &str) -> ports::Result<()> {
            self.queues.send(queue, body).await
        }
        async fn receive(
            &self,
            queue: &str,
            max: usize,
            wait: Duration,
            lease: Duration,
        ) -> ports::Result<Vec<Delivery>> {
            self.queues.receive(queue, max, wait, lease).await
        }
        async fn extend(&self, receipt: &Receipt, lease: Duration) -> ports::Result<()> {
            self.queues.extend(receipt, lease).await
        }
        async fn ack(&self, receipt: &Receipt) -> ports::Result<()> {
            self.queues.ack(receipt).await
        }
        async fn depth(&self, queue: &str) -> ports::Result<Depth> {
            self.queues.depth(queue).await
        }
        async fn remove(&self, queue: &str) -> ports::Result<()> {
            self.queues.remove(queue).await
        }
        async fn unused(&self, age: Duration, max: usize) -> ports::Result<Vec<Unused>> {
            self.queues.unused(age, max).await
        }
    }

    #[tokio::test]
    async fn a_bell_that_cannot_be_hung_yet_is_tried_again_without_haste() {
        let dir = tempfile::tempdir().unwrap();
        let store = Embedded::open(dir.path(), Arc::new(ports::clock::SystemClock)).await.unwrap();
        let set = QueueSet::of(&"amelia/stamps/ann".parse().unwrap());
        let queues = Arc::new(JustDeleted {
            queues: store.queues(),
            refusals: AtomicU32::new(3),
            tries: AtomicU32::default(),
        });
        let mut bell = Bell::of(&(queues.clone() as Arc<dyn Queues>), &set);
        let (wait, began) = (Duration::from_millis(50), Instant::now());
        for tries in 1..=3 {
            assert!(bell.hear(wait).await.unwrap().is_empty());
            assert_eq!(queues.tries.load(Ordering::SeqCst), tries, "one try for each wait");
        }
        assert!(began.elapsed() >= wait * 3, "{:?}", began.elapsed());
        assert!(bell.hear(wait).await.unwrap().is_empty());
        queues.send(&set.input, "{}").await.unwrap();
        assert_eq!(bell.hear(wait).await.unwrap().len(), 1);

        // Deleted while it is listened to: said once, then hung again as soon as that is possible.
        queues.remove(&set.input).await.unwrap();
        queues.refusals.store(1, Ordering::SeqCst);
        assert_eq!(bell.hear(wait).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert!(bell.hear(wait).await.unwrap().is_empty());
        assert_eq!(queues.send(&set.input, "{}").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert!(bell.hear(wait).await.unwrap().is_empty());
        queues.send(&set.input, "{}").await.unwrap();
    }

    #[test]
    fn only_what_hermes_sends_rings() {
        let mut work = json!({
            "schema": 1, "messageId": "01985e0a-0000-7000-8000-000000000000", "threadId": "abcdefghijkl", "clientId": "amelia",
            "projectId": "stamps", "userId": "ann", "authorId": "ann", "seq": 1, "kind": "instruct",
            "instruction": "Close at 4", "attachments": [], "issuedAt": 0,
        });
        assert!(rings("{}") && rings(" { } "));
        assert!(rings(&work.to_string()));
        work["schema"] = 2.into();
        for body in [work.to_string().as_str(), "", "no JSON", "[]", "null", "{\"kind\":\"instruct\"}"] {
            assert!(!rings(body), "{body}");
        }
    }
}
