//! What the service tells those outside of the store, in the order in which it does.

use crate::blobs::{Watched, Write};
use async_trait::async_trait;
use build_lambda::event::{Event, Orders};
use domain::ProjectId;
use ports::code_host::{CommitState, CommitStatus};
use ports::{Cdn, CodeHost, ErrorKind, Invoker, PortError, Result};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Notes an invalidation among the writes of the blob store, so that their order shows.
pub(crate) struct Caches(pub(crate) Arc<Watched>);

#[async_trait]
impl Cdn for Caches {
    async fn invalidate(&self, _: &ProjectId, reference: &str) -> Result<()> {
        self.0.note(Write::Invalidated(reference.to_owned()));
        Ok(())
    }
}

/// The states that were told, as commit, state and words.
#[derive(Default)]
pub(crate) struct Statuses {
    told: Mutex<Vec<(String, CommitState, String)>>,
    /// Whether nobody is there.
    pub(crate) gone: AtomicBool,
}

impl Statuses {
    pub(crate) fn take(&self) -> Vec<(String, CommitState, String)> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

#[async_trait]
impl CodeHost for Statuses {
    async fn status(&self, status: &CommitStatus<'_>) -> Result<()> {
        if self.gone.load(Ordering::SeqCst) {
            return Err(PortError::new(ErrorKind::Transient, "nobody is there"));
        }
        let told = (status.commit.to_owned(), status.state, status.says.to_owned());
        self.told.lock().unwrap().push(told);
        Ok(())
    }
}

/// Keeps what the function hands to other runs of itself.
#[derive(Default)]
pub(crate) struct Runs {
    events: Mutex<VecDeque<String>>,
    pub(crate) gone: AtomicBool,
}

impl Runs {
    /// The next event that was handed over, read as the function reads it.
    pub(crate) fn next(&self) -> Option<Orders> {
        let event = self.events.lock().unwrap().pop_front()?;
        match serde_json::from_str(&event).unwrap() {
            Event::Orders(orders) => Some(orders),
            other => panic!("{other:?}"),
        }
    }
}

#[async_trait]
impl Invoker for Runs {
    async fn invoke(&self, event: &str) -> Result<()> {
        if self.gone.load(Ordering::SeqCst) {
            return Err(PortError::new(ErrorKind::Transient, "no function"));
        }
        self.events.lock().unwrap().push_back(event.to_owned());
        Ok(())
    }
}
