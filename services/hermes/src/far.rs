//! Containers that run elsewhere: who serves a thread is looked up in the store, its preview is passed on, and its
//! progress is followed over the container's own listener.

mod previews;
mod progress;

pub use previews::FarPreviews;
pub use progress::FarProgress;

use domain::ThreadId;
use domain::session::Session;
use ports::{Backends, PortError};

/// Where the container that serves the thread listens, as `host:port`; `None` while nobody does.
pub(crate) async fn address_of(backends: &Backends, thread: &ThreadId) -> Result<Option<String>, PortError> {
    let Some(row) = backends.sessions.get(thread).await? else { return Ok(None) };
    let Session::Active { by, .. } = row.session else { return Ok(None) };
    Ok(backends.containers.get(&by).await?.map(|container| container.address))
}
