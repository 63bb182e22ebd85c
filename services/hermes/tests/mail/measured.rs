//! What Hermes counts and measures, kept for a look.

use crate::letter::Letter;
use crate::office::Office;
use domain::Pair;
use domain::message::{Cost, Outcome, Schema, Status};
use domain::names::QueueSet;
use domain::session::Event;
use ports::Metrics;
use ports::messages::Message;
use ports::metrics::Metric;
use ports::queues::ensure_set;
use std::sync::Mutex;
use std::time::Duration;

/// Every value, in order.
#[derive(Default)]
pub(crate) struct Measured(Mutex<Vec<(Metric, f64)>>);

impl Metrics for Measured {
    fn count(&self, metric: Metric, value: f64) {
        self.0.lock().unwrap().push((metric, value));
    }
}

impl Measured {
    fn sum(&self, metric: Metric) -> f64 {
        self.0.lock().unwrap().iter().filter(|(of, _)| *of == metric).map(|(_, value)| value).sum()
    }

    /// The newest values, the newest first.
    pub(crate) fn newest(&self, metric: Metric, count: usize) -> Vec<f64> {
        let values = self.0.lock().unwrap();
        values.iter().rev().filter(|(of, _)| *of == metric).map(|(_, value)| *value).take(count).collect()
    }

    /// The newest value, as far as there is one.
    pub(crate) fn level(&self, metric: Metric) -> Option<f64> {
        self.0.lock().unwrap().iter().rev().find(|(of, _)| *of == metric).map(|(_, value)| *value)
    }
}

#[tokio::test]
async fn levels_are_told_also_when_there_is_nothing() {
    let office = Office::open().await;
    let levels = [
        Metric::ActiveSessionCount,
        Metric::QueueDepth,
        Metric::OldestMessageAgeSeconds,
        Metric::DlqMessages,
        Metric::ContainersRunning,
    ];
    office
        .until("all levels are 0", async || {
            levels.iter().all(|metric| office.measured.level(*metric) == Some(0.0))
        })
        .await;
    office.close().await;
}

#[tokio::test]
async fn a_message_counts_once_and_a_session_while_it_is_served() {
    let office = Office::open().await;
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    for _ in 0..2 {
        office.deliver(&letter).await;
        office.ring(&letter.in_s3().to_string()).await;
    }
    assert!((office.measured.sum(Metric::MessagesReceived) - 1.0).abs() < f64::EPSILON);

    let message = office.messages().await.remove(0);
    let (by, lease) = ("c1".parse().unwrap(), Duration::from_mins(1));
    let epoch = office.backends.claims.take(&message.pair, &by, lease).await.unwrap().unwrap();
    office.backends.sessions.apply(&message.thread, Event::Served { by, epoch }).await.unwrap();
    office
        .until("one session is active", async || {
            office.measured.level(Metric::ActiveSessionCount) == Some(1.0)
        })
        .await;
    office.clock.pass(lease);
    office.until("none is", async || office.measured.level(Metric::ActiveSessionCount) == Some(0.0)).await;
    office.close().await;
}

#[tokio::test]
async fn the_age_is_that_of_the_oldest_message_until_it_is_answered() {
    let office = Office::open().await;
    for (id, wait) in [("first", 60), ("second", 30)] {
        let letter = Letter::of_ann(id);
        office.deliver(&letter).await;
        office.ring(&letter.in_s3().to_string()).await;
        office.clock.pass(Duration::from_secs(wait));
    }
    office.levels_off(Metric::OldestMessageAgeSeconds, 90.0).await;
    let mut messages = office.messages().await;
    messages.sort_by_key(|message| message.received_at);
    let by = "c1".parse().unwrap();
    let epoch =
        office.backends.claims.take(&messages[0].pair, &by, Duration::from_mins(5)).await.unwrap().unwrap();
    for (message, left) in messages.iter().zip([30.0, 0.0]) {
        office.backends.messages.answer(&outcome(message), &by, epoch).await.unwrap();
        office.levels_off(Metric::OldestMessageAgeSeconds, left).await;
    }
    office.close().await;
}

#[tokio::test]
async fn dead_letters_count_also_when_their_tenant_sleeps_and_another_hermes_looks() {
    let mut office = Office::open().await;
    let pair: Pair = "amelia/stamps/bob".parse().unwrap();
    let set = QueueSet::of(&pair);
    let queues = office.backends.queues.clone();
    ensure_set(&*queues, &set).await.unwrap();
    let by = "c1".parse().unwrap();
    let epoch = office.backends.claims.take(&pair, &by, Duration::from_mins(1)).await.unwrap().unwrap();
    queues.send(&set.dlq, "no sense").await.unwrap();
    office.levels_off(Metric::DlqMessages, 1.0).await;
    office.backends.claims.release(&pair, &by, epoch).await.unwrap();
    office.restart().await;
    office.levels_off(Metric::DlqMessages, 1.0).await;
    let note = format!("dead-letters/{}", set.dlq);
    assert_eq!(office.keys("dead-letters/").await, [note]);

    let dead = queues.receive(&set.dlq, 1, Duration::ZERO, Duration::from_mins(1)).await.unwrap().remove(0);
    queues.ack(&dead.receipt).await.unwrap();
    office.levels_off(Metric::DlqMessages, 0.0).await;
    office.until("the note is gone", async || office.keys("dead-letters/").await.is_empty()).await;
    office.close().await;
}

#[tokio::test]
async fn the_last_letter_before_a_tenant_falls_asleep_is_counted() {
    let office = Office::open().await;
    let pair: Pair = "amelia/stamps/bob".parse().unwrap();
    let set = QueueSet::of(&pair);
    ensure_set(&*office.backends.queues, &set).await.unwrap();
    let by = "c1".parse().unwrap();
    let epoch = office.backends.claims.take(&pair, &by, Duration::from_mins(1)).await.unwrap().unwrap();
    // Looked at while it is awake, a sweep or two.
    tokio::time::sleep(Duration::from_millis(300)).await;
    office.backends.queues.send(&set.dlq, "no sense").await.unwrap();
    office.backends.claims.release(&pair, &by, epoch).await.unwrap();
    office.levels_off(Metric::DlqMessages, 1.0).await;
    office.close().await;
}

impl Office {
    /// Waits until the newest level of this metric is so for three sweeps.
    async fn levels_off(&self, metric: Metric, level: f64) {
        let says = format!("{} is {level}", metric.name());
        self.until(&says, async || self.measured.newest(metric, 3) == [level; 3]).await;
    }
}

pub(crate) fn outcome(message: &Message) -> Outcome {
    Outcome {
        schema: Schema,
        message_id: message.id.clone(),
        thread_id: message.thread.clone(),
        turn: 1,
        status: Status::Done,
        summary: "Done.".to_owned(),
        files_changed: Vec::new(),
        commit: None,
        branch: message.thread.branch(),
        preview_path: message.thread.preview_path(),
        cost: Cost::default(),
        receipt: None,
        plan: None,
        snapshot: None,
        duration_ms: 1,
        error: None,
    }
}
