//! How much one person may ask at once.

use domain::{Timestamp, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// State-changing requests of one person in one [`WINDOW`].
pub(crate) const WRITES: u32 = 60;
/// The window that writes are counted in.
pub(crate) const WINDOW: Duration = Duration::from_mins(1);
/// Event streams that one person may hold open.
pub(crate) const STREAMS: usize = 20;
/// People remembered before finished windows are dropped.
const REMEMBERED: usize = 10_000;

/// Counts writes and open streams by person.
#[derive(Default)]
pub(crate) struct Limits {
    writes: Mutex<HashMap<UserId, (Timestamp, u32)>>,
    streams: Mutex<HashMap<UserId, usize>>,
}

impl Limits {
    /// Counts one write; false when it is one too many.
    pub(crate) fn write(&self, user: &UserId, now: Timestamp) -> bool {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        if writes.len() >= REMEMBERED {
            writes.retain(|_, (since, _)| now.since(*since) < WINDOW);
        }
        let (since, count) = writes.entry(user.clone()).or_insert((now, 0));
        if now.since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= WRITES
    }

    /// A place for one more stream, given back when it is dropped; `None` when there are too many.
    pub(crate) fn stream(self: &Arc<Self>, user: &UserId) -> Option<StreamPlace> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(user.clone()).or_insert(0);
        if *open >= STREAMS {
            return None;
        }
        *open += 1;
        Some(StreamPlace { limits: self.clone(), user: user.clone() })
    }
}

/// One open stream.
pub(crate) struct StreamPlace {
    limits: Arc<Limits>,
    user: UserId,
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut streams = self.limits.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(&self.user) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_who_writes_too_often_waits_for_the_next_minute() {
        let limits = Limits::default();
        let (ann, bob) = (UserId::of_address("ann@x"), UserId::of_address("bob@x"));
        for _ in 0..WRITES {
            assert!(limits.write(&ann, Timestamp(0)));
        }
        assert!(!limits.write(&ann, Timestamp(59_999)));
        assert!(limits.write(&bob, Timestamp(59_999)));
        assert!(limits.write(&ann, Timestamp(60_000)));
    }

    #[test]
    fn a_closed_stream_gives_its_place_back() {
        let limits = Arc::new(Limits::default());
        let ann = UserId::of_address("ann@x");
        let mut open: Vec<_> = (0..STREAMS).map(|_| limits.stream(&ann).unwrap()).collect();
        assert!(limits.stream(&ann).is_none());
        open.pop();
        assert!(limits.stream(&ann).is_some());
        drop(open);
        assert!(limits.streams.lock().unwrap().is_empty());
    }
}
