//! Dead letters: queue messages that nobody could carry out, for the operator to look at, send again or drop.
//!
//! Sending again is receive, send and delete: a message that is sent twice only rings twice.

use data_encoding::HEXLOWER;
use domain::Timestamp;
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE, QueueSet};
use ports::queues::{Delivery, Depth, MAX_RECEIVES};
use ports::{Backends, ErrorKind, PortError};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// Most letters that are handled at once.
pub(crate) const LETTERS: usize = 500;
/// Threads of a project whose pairs are looked at.
const THREADS: usize = 1_000;
/// How long a queue is asked: SQS looks at all of its servers only when it may wait.
const WAIT: Duration = Duration::from_secs(1);
/// How long a letter is hidden while it is handled.
const LEASE: Duration = Duration::from_mins(1);
/// Hex digits of a letter's id.
const ID: usize = 12;

/// A queue of dead letters, and the queue that they came from.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetters {
    pub(crate) queue: String,
    origin: String,
}

/// One letter. Its id is of its body, since a queue gives it another handle every time.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) body: String,
    /// How often it has been received from this queue.
    pub(crate) attempt: u32,
    /// How old it is, where it says so itself.
    pub(crate) age: Option<Duration>,
}

/// What is done with letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// They go back to the queue that they came from.
    Replay,
    /// They are deleted.
    Drop,
}

impl Deed {
    /// The deed of this name.
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "replay" => Some(Self::Replay),
            "drop" => Some(Self::Drop),
            _ => None,
        }
    }
}

/// Every queue of dead letters that is known: the e-mail queue's, and those of all pairs of projects and threads.
pub(crate) async fn known(backends: &Backends) -> Result<Vec<DeadLetters>, PortError> {
    let mut sets = BTreeMap::new();
    for project in backends.projects.list().await? {
        for editor in &project.editors {
            let pair = domain::Pair {
                client_id: project.client_id.clone(),
                project_id: project.project_id.clone(),
                user_id: editor.user_id.clone(),
            };
            let set = QueueSet::of(&pair);
            sets.insert(set.dlq.clone(), set);
        }
        // A person who is no editor any more may have left something behind.
        for thread in backends.threads.list(&project.project_id, None, THREADS).await? {
            let set = QueueSet::of(&thread.pair);
            sets.insert(set.dlq.clone(), set);
        }
    }
    let email = DeadLetters { queue: EMAIL_DLQ.to_owned(), origin: EMAIL_QUEUE.to_owned() };
    let pairs = sets.into_values().map(|set| DeadLetters { queue: set.dlq, origin: set.input });
    Ok(std::iter::once(email).chain(pairs).collect())
}

impl DeadLetters {
    /// How full it is; `None` when nobody has created it.
    pub(crate) async fn depth(&self, backends: &Backends) -> Result<Option<Depth>, PortError> {
        match backends.queues.depth(&self.queue).await {
            Ok(depth) => Ok(Some(depth)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks at up to [`LETTERS`] of them and leaves them where they are.
    pub(crate) async fn look(&self, backends: &Backends) -> Result<Vec<Letter>, PortError> {
        let deliveries = self.receive(backends).await?;
        for delivery in &deliveries {
            give_back(backends, delivery).await?;
        }
        let now = backends.clock.now();
        Ok(deliveries.into_iter().map(|delivery| letter(delivery, now)).collect())
    }

    /// Does it to the letters with these ids, or to all when none is given; the ids of those that it was done to.
    pub(crate) async fn handle(
        &self,
        backends: &Backends,
        deed: Deed,
        ids: &[String],
    ) -> Result<Vec<String>, PortError> {
        let mut done = Vec::new();
        for delivery in self.receive(backends).await? {
            let id = id_of(&delivery.body);
            if !ids.is_empty() && !ids.contains(&id) {
                give_back(backends, &delivery).await?;
                continue;
            }
            if deed == Deed::Replay {
                self.send_back(backends, &delivery.body).await?;
            }
            backends.queues.ack(&delivery.receipt).await?;
            done.push(id);
        }
        Ok(done)
    }

    async fn receive(&self, backends: &Backends) -> Result<Vec<Delivery>, PortError> {
        let mut letters: Vec<Delivery> = Vec::new();
        while letters.len() < LETTERS {
            let batch = backends.queues.receive(&self.queue, 10, WAIT, LEASE).await?;
            if batch.is_empty() {
                break;
            }
            letters.extend(batch);
        }
        Ok(letters)
    }

    async fn send_back(&self, backends: &Backends, body: &str) -> Result<(), PortError> {
        let queues = &*backends.queues;
        match queues.send(&self.origin, body).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                queues.ensure(&self.origin, Some(&self.queue), MAX_RECEIVES).await?;
                queues.send(&self.origin, body).await
            }
            other => other,
        }
    }
}

async fn give_back(backends: &Backends, delivery: &Delivery) -> Result<(), PortError> {
    match backends.queues.extend(&delivery.receipt, Duration::ZERO).await {
        // Somebody else handles it by now.
        Err(error) if error.kind() == ErrorKind::LeaseLost => Ok(()),
        other => other,
    }
}

fn letter(delivery: Delivery, now: Timestamp) -> Letter {
    let sent = serde_json::from_str(&delivery.body).ok().and_then(|body: Value| sent_at(&body));
    Letter {
        id: id_of(&delivery.body),
        body: delivery.body,
        attempt: delivery.attempt,
        age: sent.map(|at| now.since(at)),
    }
}

fn id_of(body: &str) -> String {
    let mut id = HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
    id.truncate(ID);
    id
}

/// When a message was sent, as work, SNS, SES and S3 each say it.
fn sent_at(body: &Value) -> Option<Timestamp> {
    if let Some(at) = body["issuedAt"].as_i64() {
        return Some(Timestamp(at));
    }
    let words = [&body["Timestamp"], &body["mail"]["timestamp"], &body["Records"][0]["eventTime"]];
    let at: jiff::Timestamp = words.iter().find_map(|word| word.as_str()?.parse().ok())?;
    Some(Timestamp(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_age_is_where_each_sender_puts_it() {
        let at = Some(Timestamp(1_767_608_160_832));
        for (body, want) in [
            (json!({ "issuedAt": 1_767_608_160_832_i64 }), at),
            (json!({ "Type": "Notification", "Timestamp": "2026-01-05T10:16:00.832Z" }), at),
            (json!({ "mail": { "timestamp": "2026-01-05T10:16:00.832Z" } }), at),
            (json!({ "Records": [{ "eventTime": "2026-01-05T10:16:00.832Z" }] }), at),
            (json!({ "mail": { "timestamp": "yesterday" } }), None),
            (json!({ "blob": "x" }), None),
            (json!([]), None),
        ] {
            assert_eq!(sent_at(&body), want, "{body}");
        }
    }

    #[test]
    fn the_same_body_has_the_same_id() {
        assert_eq!(id_of("{}"), "44136fa355b3");
        assert_ne!(id_of("{}"), id_of("{ }"));
    }
}
