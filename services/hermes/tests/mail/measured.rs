//! What Hermes counts and measures, kept for a look.

use crate::letter::Letter;
use crate::office::Office;
use domain::session::Event;
use ports::Metrics;
use ports::metrics::Metric;
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

    /// The newest value, as far as there is one.
    pub(crate) fn level(&self, metric: Metric) -> Option<f64> {
        self.0.lock().unwrap().iter().rev().find(|(of, _)| *of == metric).map(|(_, value)| *value)
    }
}

#[tokio::test]
async fn levels_are_told_also_when_there_is_nothing() {
    let office = Office::open().await;
    let levels =
        [Metric::ActiveSessionCount, Metric::QueueDepth, Metric::DlqMessages, Metric::ContainersRunning];
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
