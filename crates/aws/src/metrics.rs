//! Metrics by CloudWatch: gathered here, delivered once a minute.

mod buffer;

use crate::connect::Clients;
use crate::fault::fault;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{MetricDatum, StandardUnit, StatisticSet};
use aws_smithy_types::DateTime;
use buffer::{Buffer, Minute};
use domain::names::METRICS_NAMESPACE;
use ports::clock::SystemClock;
use ports::metrics::{Metric, Unit};
use ports::{Clock, ErrorKind, Metrics, Result};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two deliveries.
const EVERY: Duration = Duration::from_mins(1);
/// Most data of one delivery. CloudWatch takes 1,000 and 1 MB; one of ours has less than 300 bytes.
const BATCH: usize = 1_000;

/// Gathers values and delivers their statistics. A minute that could not be delivered is tried again with the next,
/// for some hours; a delivery whose answer was lost may be counted twice.
pub struct CloudWatchMetrics {
    client: Client,
    buffer: Mutex<Buffer>,
    /// One delivery at a time, so that minutes stay in order.
    delivering: tokio::sync::Mutex<()>,
}

impl CloudWatchMetrics {
    /// Metrics by these clients. Nothing is delivered unless [`CloudWatchMetrics::run`] runs, or at a flush.
    pub fn new(clients: &Clients) -> Self {
        Self {
            client: clients.cloudwatch.clone(),
            buffer: Mutex::default(),
            delivering: tokio::sync::Mutex::default(),
        }
    }

    /// Delivers every minute until `stop`, and then once more.
    pub async fn run(&self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            self.deliver().await;
        }
        self.deliver().await;
    }

    async fn deliver(&self) {
        if let Err(error) = self.flush().await {
            tracing::warn!(%error, "metrics were not delivered");
        }
    }

    /// Delivers what has been gathered. After an error it is kept for the next time, as far as there is room.
    pub async fn flush(&self) -> Result<()> {
        let _one = self.delivering.lock().await;
        let minutes = self.with_buffer(|buffer| buffer.take(SystemClock.now()));
        for (n, batch) in minutes.chunks(BATCH).enumerate() {
            let data = batch.iter().map(datum).collect();
            let put = self.client.put_metric_data().namespace(METRICS_NAMESPACE).set_metric_data(Some(data));
            let Err(error) = put.send().await else { continue };
            let error = fault("metrics", &error);
            // What CloudWatch finds malformed it will not like better next time.
            let given_up = if error.kind() == ErrorKind::Malformed { batch.len() } else { 0 };
            let lost = batch[..given_up].iter().map(Minute::values).sum();
            let kept = minutes[n * BATCH + given_up..].to_vec();
            self.with_buffer(|buffer| buffer.put_back(kept, lost));
            return Err(error);
        }
        Ok(())
    }

    fn with_buffer<T>(&self, act: impl FnOnce(&mut Buffer) -> T) -> T {
        act(&mut self.buffer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Metrics for CloudWatchMetrics {
    fn count(&self, metric: Metric, value: f64) {
        self.with_buffer(|buffer| buffer.count(metric, value));
    }
}

fn datum(minute: &Minute) -> MetricDatum {
    let set = minute.set;
    let statistics = StatisticSet::builder()
        .sample_count(set.count)
        .sum(set.sum)
        .minimum(set.min)
        .maximum(set.max)
        .build();
    let unit = match minute.metric.unit() {
        Unit::Count => StandardUnit::Count,
        Unit::Seconds => StandardUnit::Seconds,
    };
    MetricDatum::builder()
        .metric_name(minute.metric.name())
        .unit(unit)
        .timestamp(DateTime::from_millis(minute.at.0))
        .statistic_values(statistics)
        .build()
}
