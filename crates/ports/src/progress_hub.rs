//! Live progress inside this process.

use crate::progress::{ProgressEvent, ProgressFeed};
use domain::ThreadId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast;

/// Events a slow watcher may be behind before it misses some.
const BEHIND: usize = 256;

/// One channel per thread that somebody watches.
#[derive(Default)]
pub struct ProgressHub {
    watched: Mutex<HashMap<ThreadId, broadcast::Sender<ProgressEvent>>>,
}

impl ProgressHub {
    /// Whether somebody watches the thread.
    pub fn is_watched(&self, thread: &ThreadId) -> bool {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(thread).is_some_and(|channel| channel.receiver_count() > 0)
    }
}

impl ProgressFeed for ProgressHub {
    fn publish(&self, thread: &ThreadId, event: ProgressEvent) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.get(thread).is_some_and(|channel| channel.send(event).is_err()) {
            watched.remove(thread);
        }
    }

    fn watch(&self, thread: &ThreadId) -> broadcast::Receiver<ProgressEvent> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        // Watchers leave without a word; here the table is cleared of what they left.
        watched.retain(|_, channel| channel.receiver_count() > 0);
        watched.entry(thread.clone()).or_insert_with(|| broadcast::channel(BEHIND).0).subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> ProgressEvent {
        ProgressEvent::Note { text: text.to_owned() }
    }

    #[test]
    fn who_watches_hears_and_who_left_leaves_nothing() {
        let hub = ProgressHub::default();
        let (one, two) = (ThreadId::from_entropy([1; 8]), ThreadId::from_entropy([2; 8]));
        hub.publish(&one, note("nobody hears"));
        let mut watcher = hub.watch(&one);
        hub.publish(&one, note("heard"));
        hub.publish(&two, note("another thread"));
        assert_eq!(watcher.try_recv().unwrap(), note("heard"));
        assert!(watcher.try_recv().is_err());
        drop(watcher);
        let _other = hub.watch(&two);
        assert_eq!(hub.watched.lock().unwrap().len(), 1);
    }
}
