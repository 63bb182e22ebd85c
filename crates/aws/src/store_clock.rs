//! The store's own clock, by which leases are judged: what DynamoDB says in the `Date` header of its responses.
//!
//! A condition of DynamoDB knows no time of its own. Two machines' clocks are never compared instead: every process
//! reckons the store's time from the store's responses and its own monotonic clock. The header has whole seconds, so
//! processes may differ by about one; leases are longer by far, and what must never happen twice is fenced by epochs.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use domain::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A reading that is older than this is replaced by the next, whatever that says: monotonic clocks drift too.
const STALE: Duration = Duration::from_mins(10);

/// Reckons the store's time. Clones share what they have learned.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoreClock(Arc<Mutex<Option<Reading>>>);

#[derive(Clone, Copy, Debug)]
struct Reading {
    /// What the store said, in milliseconds since the epoch.
    said: i64,
    at: Instant,
}

impl Reading {
    fn now(&self, at: Instant) -> i64 {
        self.said + i64::try_from(at.saturating_duration_since(self.at).as_millis()).unwrap_or(i64::MAX)
    }
}

impl StoreClock {
    /// The store's time. Until the store has answered for the first time it is this machine's.
    pub(crate) fn now(&self) -> Timestamp {
        let reading = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Timestamp(reading.map_or_else(machine, |reading| reading.now(Instant::now())))
    }

    /// Takes in what a response said. The header cuts fractions off, so the reading that is furthest ahead is the best.
    fn heard(&self, said: i64, at: Instant) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let better = reading
            .is_none_or(|known| known.now(at) < said || at.saturating_duration_since(known.at) > STALE);
        if better {
            *reading = Some(Reading { said, at });
        }
    }
}

fn machine() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Intercept for StoreClock {
    fn name(&self) -> &'static str {
        "StoreClock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(said) = context.response().headers().get("date").and_then(parse) {
            self.heard(said, Instant::now());
        }
        Ok(())
    }
}

/// An IMF-fixdate (RFC 9110, section 5.6.7) in milliseconds since the epoch.
fn parse(date: &str) -> Option<i64> {
    let time =
        aws_smithy_types::DateTime::from_str(date, aws_smithy_types::date_time::Format::HttpDate).ok()?;
    Some(time.secs() * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_header_is_read() {
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn the_reading_that_is_furthest_ahead_counts() {
        let (clock, at) = (StoreClock::default(), Instant::now());
        clock.heard(5_000, at);
        clock.heard(5_000, at + Duration::from_millis(700));
        clock.heard(6_000, at + Duration::from_millis(900));
        let reading = clock.0.lock().unwrap().unwrap();
        assert_eq!(reading.now(at + Duration::from_secs(1)), 6_100);
    }

    #[test]
    fn an_old_reading_gives_way() {
        let (clock, at) = (StoreClock::default(), Instant::now());
        clock.heard(9_000, at);
        clock.heard(1_000, at + STALE + Duration::from_millis(1));
        assert_eq!(clock.0.lock().unwrap().unwrap().said, 1_000);
    }
}
