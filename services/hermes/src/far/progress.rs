//! Progress of threads that are served elsewhere: followed at their container for as long as somebody here watches.

use super::address_of;
use domain::ThreadId;
use futures_util::StreamExt;
use ports::progress::ProgressEvent;
use ports::{Backends, ProgressFeed, ProgressHub};
use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

/// Between two looks for the container of a watched thread.
const LOOK: Duration = Duration::from_secs(1);
/// A container shows that it lives every 15 s.
const SILENCE: Duration = Duration::from_secs(40);
/// Longest event, in bytes.
const LONGEST: usize = 1 << 20;

/// The feed. What Hermes itself tells is heard by its own watchers alone; other Hermes' watchers see it in the store.
#[derive(Default)]
pub struct FarProgress(Arc<Parts>);

#[derive(Default)]
struct Parts {
    hub: ProgressHub,
    backends: OnceLock<Backends>,
    client: reqwest::Client,
    followed: Mutex<HashSet<ThreadId>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl FarProgress {
    /// A feed that ends with `stop`. It follows nobody until it is told where to look.
    pub fn new(stop: CancellationToken) -> Self {
        Self(Arc::new(Parts { stop, ..Parts::default() }))
    }

    /// Says in which stores containers are found; they hold this feed, too. Once.
    pub fn look_in(&self, backends: Backends) {
        let _ = self.0.backends.set(backends);
    }
}

impl ProgressFeed for FarProgress {
    fn publish(&self, thread: &ThreadId, event: ProgressEvent) {
        self.0.hub.publish(thread, event);
    }

    fn watch(&self, thread: &ThreadId) -> broadcast::Receiver<ProgressEvent> {
        let receiver = self.0.hub.watch(thread);
        if self.0.followed().insert(thread.clone()) {
            let (parts, thread) = (Arc::clone(&self.0), thread.clone());
            self.0.tasks.spawn(async move {
                let stop = parts.stop.clone();
                while stop.run_until_cancelled(parts.follow(&thread)).await.is_some() {
                    let mut followed = parts.followed();
                    // Who begins to watch now finds the thread followed, or follows it anew.
                    if !parts.hub.is_watched(&thread) {
                        followed.remove(&thread);
                        return;
                    }
                }
            });
        }
        receiver
    }
}

impl Parts {
    fn followed(&self) -> MutexGuard<'_, HashSet<ThreadId>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the thread wherever it is served, until nobody watches it any more.
    async fn follow(&self, thread: &ThreadId) {
        while self.hub.is_watched(thread) {
            if let Err(error) = self.hear(thread).await {
                debug!(thread.id = %thread, %error, "a container's progress broke off");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn hear(&self, thread: &ThreadId) -> anyhow::Result<()> {
        let Some(backends) = self.backends.get() else { return Ok(()) };
        let Some(address) = address_of(backends, thread).await? else { return Ok(()) };
        let url = format!("http://{address}/threads/{}/events", thread.as_str());
        let answer = self.client.get(url).send().await?.error_for_status()?;
        let bytes = StreamReader::new(answer.bytes_stream().map(|chunk| chunk.map_err(io::Error::other)));
        let mut lines = FramedRead::new(bytes, LinesCodec::new_with_max_length(LONGEST));
        while self.hub.is_watched(thread) {
            let Some(line) = tokio::time::timeout(SILENCE, lines.next()).await? else { return Ok(()) };
            if let Ok(event) = serde_json::from_str(&line?) {
                self.hub.publish(thread, event);
            }
        }
        Ok(())
    }
}
