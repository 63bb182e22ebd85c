//! When something that a sweep does only now and then was last done.

use domain::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// When this Hermes last looked for something.
#[derive(Default)]
pub(crate) struct LastLook(Mutex<Option<Timestamp>>);

impl LastLook {
    /// Whether it is time for another look, `every` so often; then it counts as taken.
    pub(crate) fn is_due(&self, now: Timestamp, every: Duration) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| now.since(last) < every) {
            return false;
        }
        *last = Some(now);
        true
    }
}
