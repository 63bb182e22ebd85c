//! Which thread's preview is served by which container of this process.

use domain::ThreadId;
use preview::PreviewHost;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How a thread's preview stands.
#[derive(Clone)]
pub enum Standing {
    /// This host serves it.
    Served(Arc<PreviewHost>),
    /// It could not be opened; the words are for whoever looks.
    Failed(String),
}

/// Threads whose preview is served in this process.
pub struct PreviewRegistry {
    threads: watch::Sender<HashMap<ThreadId, Standing>>,
}

impl Default for PreviewRegistry {
    fn default() -> Self {
        Self { threads: watch::Sender::new(HashMap::new()) }
    }
}

impl PreviewRegistry {
    /// How the thread stands; `None` while nobody serves it.
    pub fn standing(&self, thread: &ThreadId) -> Option<Standing> {
        self.threads.borrow().get(thread).cloned()
    }

    /// Waits until somebody serves the thread or could not, but for at most `limit`.
    pub async fn arrival(&self, thread: &ThreadId, limit: Duration) -> Option<Standing> {
        let mut threads = self.threads.subscribe();
        let arrived = threads.wait_for(|threads| threads.contains_key(thread));
        let threads = tokio::time::timeout(limit, arrived).await.ok()?.ok()?;
        threads.get(thread).cloned()
    }

    pub(crate) fn serves(&self, thread: &ThreadId, host: &Arc<PreviewHost>) {
        self.threads.send_modify(|threads| {
            threads.insert(thread.clone(), Standing::Served(Arc::clone(host)));
        });
    }

    pub(crate) fn failed(&self, thread: &ThreadId, says: String) {
        self.threads.send_modify(|threads| {
            threads.insert(thread.clone(), Standing::Failed(says));
        });
    }

    /// Forgets these threads: their container ends.
    pub(crate) fn leave<'a>(&self, gone: impl Iterator<Item = &'a ThreadId>) {
        self.threads.send_modify(|threads| {
            for thread in gone {
                threads.remove(thread);
            }
        });
    }
}
