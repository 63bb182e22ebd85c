//! A clock that stands still until a test moves it.

use domain::Timestamp;
use ports::Clock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Begins at a fixed instant and moves only by [`ManualClock::pass`].
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

/// Where a new clock stands: 2026-01-01 00:00 UTC, in milliseconds since the Unix epoch.
const BEGIN: i64 = 1_767_225_600_000;

impl ManualClock {
    /// A clock that stands at 2026-01-01 00:00 UTC.
    pub fn new() -> Self {
        Self(AtomicI64::new(BEGIN))
    }

    /// Moves on by `d`.
    pub fn pass(&self, d: Duration) {
        self.0.fetch_add(i64::try_from(d.as_millis()).unwrap_or(i64::MAX / 2), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
