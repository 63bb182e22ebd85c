//! Finds the container that serves a thread, and remembers it for a moment.

use super::address_of;
use crate::session_router::{PreviewHosts, Standing};
use async_trait::async_trait;
use domain::ThreadId;
use ports::Backends;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tracing::warn;

/// How long an address is believed without another look.
const FRESH: Duration = Duration::from_secs(5);
/// Between two looks for a thread that is waited for.
const LOOK: Duration = Duration::from_millis(300);

/// The containers of a fleet, as the session router sees them.
pub struct FarPreviews {
    backends: Backends,
    known: Mutex<HashMap<ThreadId, (String, Instant)>>,
}

impl FarPreviews {
    /// Looks containers up in these stores.
    pub fn new(backends: Backends) -> Self {
        Self { backends, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ThreadId, (String, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self, thread: &ThreadId) -> Option<Standing> {
        match address_of(&self.backends, thread).await {
            Ok(address) => {
                let address = address?;
                let mut known = self.known();
                known.retain(|_, (_, at)| at.elapsed() < FRESH);
                known.insert(thread.clone(), (address.clone(), Instant::now()));
                Some(Standing::There(address))
            }
            Err(error) => {
                warn!(thread.id = %thread, %error, "the store did not say who serves a thread");
                None
            }
        }
    }
}

#[async_trait]
impl PreviewHosts for FarPreviews {
    async fn standing(&self, thread: &ThreadId) -> Option<Standing> {
        let known = self.known().get(thread).filter(|(_, at)| at.elapsed() < FRESH).map(|(a, _)| a.clone());
        match known {
            Some(address) => Some(Standing::There(address)),
            None => self.look(thread).await,
        }
    }

    async fn arrival(&self, thread: &ThreadId, limit: Duration) -> Option<Standing> {
        let found = async {
            loop {
                if let Some(standing) = self.look(thread).await {
                    return standing;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(limit, found).await.ok()
    }

    fn unreachable(&self, thread: &ThreadId, address: &str) {
        let mut known = self.known();
        if known.get(thread).is_some_and(|(known, _)| known == address) {
            known.remove(thread);
        }
    }
}
