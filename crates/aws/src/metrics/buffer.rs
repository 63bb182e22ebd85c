//! What has been measured and not delivered: one set of statistics per metric and minute, and not too many of them.

use domain::Timestamp;
use ports::metrics::Metric;
use std::collections::{HashMap, VecDeque};

/// Most sets that wait for their delivery: about three hours of all metrics.
const WAITING_MAX: usize = 2_000;

/// The statistics of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Set {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

/// A metric's values of one minute.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Minute {
    pub(super) metric: Metric,
    pub(super) at: Timestamp,
    pub(super) set: Set,
}

impl Minute {
    /// How many values are lost with it.
    pub(super) fn values(&self) -> f64 {
        if self.metric == Metric::MetricsDropped { self.set.sum } else { self.set.count }
    }
}

/// Values of the minute that runs, and minutes that could not be delivered.
#[derive(Default)]
pub(super) struct Buffer {
    now: HashMap<Metric, Set>,
    waiting: VecDeque<Minute>,
}

impl Buffer {
    /// Adds a value. One that is no number is left out, as CloudWatch would refuse all that come with it.
    pub(super) fn count(&mut self, metric: Metric, value: f64) {
        if !value.is_finite() {
            return;
        }
        let set = self.now.entry(metric).or_insert(Set { count: 0.0, sum: 0.0, min: value, max: value });
        set.count += 1.0;
        set.sum += value;
        set.min = set.min.min(value);
        set.max = set.max.max(value);
    }

    /// Takes everything out, the oldest first. The minute that runs ends at `now`.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<Minute> {
        let ended = self.now.drain().map(|(metric, set)| Minute { metric, at: now, set });
        self.waiting.extend(ended);
        self.waiting.drain(..).collect()
    }

    /// Gives back what could not be delivered. Where there is no room the oldest go, and are counted together with
    /// the values that are `lost` already.
    pub(super) fn put_back(&mut self, mut minutes: Vec<Minute>, lost: f64) {
        let surplus = minutes.len().saturating_sub(WAITING_MAX);
        let lost = lost + minutes.drain(..surplus).map(|minute| minute.values()).sum::<f64>();
        self.waiting = minutes.into();
        if lost > 0.0 {
            self.count(Metric::MetricsDropped, lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_minute_become_one_set() {
        let mut buffer = Buffer::default();
        for value in [3.0, 1.0, 2.0, f64::NAN] {
            buffer.count(Metric::TurnSeconds, value);
        }
        let set = Set { count: 3.0, sum: 6.0, min: 1.0, max: 3.0 };
        assert_eq!(
            buffer.take(Timestamp(5)),
            [Minute { metric: Metric::TurnSeconds, at: Timestamp(5), set }]
        );
        assert!(buffer.take(Timestamp(6)).is_empty());
    }

    #[test]
    fn the_oldest_make_room_and_are_counted() {
        let mut buffer = Buffer::default();
        for minute in 0..WAITING_MAX + 2 {
            buffer.count(Metric::QueueDepth, 1.0);
            buffer.count(Metric::QueueDepth, 1.0);
            let taken = buffer.take(Timestamp(i64::try_from(minute).unwrap()));
            buffer.put_back(taken, 0.0);
        }
        let taken = buffer.take(Timestamp(i64::MAX));
        let depths: Vec<&Minute> = taken.iter().filter(|m| m.metric == Metric::QueueDepth).collect();
        let dropped: f64 =
            taken.iter().filter(|m| m.metric == Metric::MetricsDropped).map(|m| m.set.sum).sum();
        assert!(taken.len() <= WAITING_MAX + 1, "{}", taken.len());
        assert!(depths[0].at > Timestamp(0));
        assert!(dropped >= 4.0, "{dropped}");
    }
}
