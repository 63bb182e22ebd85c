//! Metrics on one machine: lines of the log, at level debug.

use ports::Metrics;
use ports::metrics::Metric;

/// Writes every value to the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogMetrics;

impl Metrics for LogMetrics {
    fn count(&self, metric: Metric, value: f64) {
        tracing::debug!(metric = metric.name(), unit = ?metric.unit(), value, "measured");
    }
}
