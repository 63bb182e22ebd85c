//! What every handler shares.

use super::config::WebConfig;
use super::health::Others;
use super::limits::Limits;
use crate::bells::Bells;
use crate::conversation::Conversations;
use ports::Backends;
use std::ops::Deref;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Shared by all requests; cloning is cheap.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) config: WebConfig,
    pub(crate) backends: Backends,
    pub(crate) conversations: Arc<dyn Conversations>,
    pub(crate) bells: Arc<dyn Bells>,
    pub(crate) stop: CancellationToken,
    pub(crate) limits: Arc<Limits>,
    pub(crate) others: Others,
}

impl App {
    pub(crate) fn new(
        config: WebConfig,
        backends: Backends,
        conversations: Arc<dyn Conversations>,
        bells: Arc<dyn Bells>,
        stop: CancellationToken,
    ) -> Self {
        Self(Arc::new(Parts {
            config,
            backends,
            conversations,
            bells,
            stop,
            limits: Arc::default(),
            others: Others::default(),
        }))
    }

    /// The address of a path on the preview host.
    pub(crate) fn preview_url(&self, thread: &domain::ThreadId) -> String {
        self.config.previews.url(thread)
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
