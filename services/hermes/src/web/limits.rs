//! How much one person, or one caller, may ask at once.

use domain::{Timestamp, UserId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// State-changing requests of one person in a minute.
pub(crate) const WRITES: u32 = 60;
/// Event streams that one person may hold open.
pub(crate) const STREAMS: usize = 20;
/// Mails with sign-in links to one person in an hour.
pub(crate) const LINK_MAILS: u32 = 3;
/// Requests for sign-in links from one place in an hour.
pub(crate) const LINK_ASKS: u32 = 30;
/// Requests for sign-in links from everywhere in a minute: each looks through all projects.
const ALL_LINK_ASKS: u32 = 300;
/// Those who are remembered before finished windows are dropped.
const REMEMBERED: usize = 10_000;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Counts writes, open streams and sign-in links.
pub(crate) struct Limits {
    writes: Window<UserId>,
    link_mails: Window<UserId>,
    link_asks: Window<String>,
    all_link_asks: Window<()>,
    streams: Mutex<HashMap<UserId, usize>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            writes: Window::new(WRITES, MINUTE),
            link_mails: Window::new(LINK_MAILS, HOUR),
            link_asks: Window::new(LINK_ASKS, HOUR),
            all_link_asks: Window::new(ALL_LINK_ASKS, MINUTE),
            streams: Mutex::default(),
        }
    }
}

impl Limits {
    /// Counts one write; false when it is one too many.
    pub(crate) fn write(&self, user: &UserId, now: Timestamp) -> bool {
        self.writes.count(user, now)
    }

    /// Counts one request for a sign-in link from `place`; false when it is one too many.
    pub(crate) fn link_ask(&self, place: &str, now: Timestamp) -> bool {
        self.link_asks.count(&place.to_owned(), now) && self.all_link_asks.count(&(), now)
    }

    /// Counts one mail with sign-in links; false when it is one too many.
    pub(crate) fn link_mail(&self, user: &UserId, now: Timestamp) -> bool {
        self.link_mails.count(user, now)
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

/// Counts by key, anew when a window of time is over.
struct Window<K> {
    most: u32,
    length: Duration,
    counts: Mutex<HashMap<K, (Timestamp, u32)>>,
}

impl<K: Clone + Eq + Hash> Window<K> {
    fn new(most: u32, length: Duration) -> Self {
        Self { most, length, counts: Mutex::default() }
    }

    /// Counts one; false when it is one too many.
    fn count(&self, key: &K, now: Timestamp) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED {
            counts.retain(|_, (since, _)| now.since(*since) < self.length);
        }
        let (since, count) = counts.entry(key.clone()).or_insert((now, 0));
        if now.since(*since) >= self.length {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.most
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
    fn links_are_asked_for_so_often_from_one_place_and_from_all() {
        let limits = Limits::default();
        for _ in 0..LINK_ASKS {
            assert!(limits.link_ask("here", Timestamp(0)));
        }
        assert!(!limits.link_ask("here", Timestamp(3_599_999)));
        assert!(limits.link_ask("here", Timestamp(3_600_000)));
        let from_all = (0..2 * ALL_LINK_ASKS)
            .filter(|place| limits.link_ask(&place.to_string(), Timestamp(9_000_000)))
            .count();
        assert_eq!(from_all, ALL_LINK_ASKS as usize);
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
