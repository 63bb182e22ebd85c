//! Metrics: they arrive as statistics, and wait while CloudWatch is away.

use crate::stand_in;
use aws::{Clients, CloudWatchMetrics};
use aws_sdk_cloudwatch::types::{Datapoint, Statistic};
use aws_smithy_types::DateTime;
use domain::names::METRICS_NAMESPACE;
use ports::Metrics;
use ports::metrics::Metric;
use std::time::SystemTime;
use testkit::Fault;
use tokio_util::sync::CancellationToken;

/// What CloudWatch knows of a metric in the last hour, all together.
async fn known(clients: &Clients, metric: Metric) -> Option<Datapoint> {
    let now = DateTime::from(SystemTime::now()).secs();
    let asked = clients.cloudwatch.get_metric_statistics().namespace(METRICS_NAMESPACE);
    let asked = asked.metric_name(metric.name()).period(7200);
    let asked = asked.start_time(DateTime::from_secs(now - 3600)).end_time(DateTime::from_secs(now + 3600));
    let wanted = [Statistic::SampleCount, Statistic::Sum, Statistic::Minimum, Statistic::Maximum];
    let answer = asked.set_statistics(Some(wanted.into())).send().await.unwrap();
    answer.datapoints.unwrap_or_default().pop()
}

#[tokio::test]
async fn values_arrive_as_statistics() {
    let stand_in = stand_in().await;
    let metrics = CloudWatchMetrics::new(&stand_in.faulty);
    for value in [4.0, 1.5, 2.5] {
        metrics.count(Metric::TurnSeconds, value);
    }
    metrics.count(Metric::ActiveSessionCount, 7.0);
    assert_eq!(stand_in.proxy.seen(), 0, "counting never waits");
    metrics.flush().await.unwrap();
    assert_eq!(stand_in.proxy.seen(), 1, "one call for all");
    let turns = known(&stand_in.clients, Metric::TurnSeconds).await.unwrap();
    assert_eq!((turns.sample_count, turns.sum), (Some(3.0), Some(8.0)));
    assert_eq!((turns.minimum, turns.maximum), (Some(1.5), Some(4.0)));
    assert_eq!(known(&stand_in.clients, Metric::ActiveSessionCount).await.unwrap().sum, Some(7.0));
    metrics.flush().await.unwrap();
    assert_eq!(stand_in.proxy.seen(), 1, "nothing is sent of nothing");
    let listed =
        stand_in.clients.cloudwatch.list_metrics().namespace(METRICS_NAMESPACE).send().await.unwrap();
    let listed = listed.metrics.unwrap();
    assert!(
        listed.len() == 2 && listed.iter().all(|m| m.dimensions.as_deref().unwrap_or_default().is_empty())
    );
}

#[tokio::test]
async fn what_cannot_be_delivered_waits_and_a_stop_delivers_it() {
    let stand_in = stand_in().await;
    let metrics = CloudWatchMetrics::new(&stand_in.faulty);
    metrics.count(Metric::TurnsCompleted, 1.0);
    stand_in.proxy.fail_always(Fault::Cut);
    metrics.flush().await.unwrap_err();
    assert!(known(&stand_in.clients, Metric::TurnsCompleted).await.is_none());
    stand_in.proxy.heal();
    metrics.count(Metric::TurnsCompleted, 1.0);
    let stop = CancellationToken::new();
    stop.cancel();
    metrics.run(stop).await;
    let turns = known(&stand_in.clients, Metric::TurnsCompleted).await.unwrap();
    assert_eq!((turns.sample_count, turns.sum), (Some(2.0), Some(2.0)));
}
