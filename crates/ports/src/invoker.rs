//! Starting another run of a function that lives only while it handles an event.

use crate::error::Result;
use async_trait::async_trait;

/// Hands events to a function.
#[async_trait]
pub trait Invoker: Send + Sync {
    /// Hands over an event, in JSON. It is certain to be handled, once or more, when this returns; nothing waits for
    /// the end of that. `Malformed` when it is longer than the backend takes (1 MiB on Lambda).
    async fn invoke(&self, event: &str) -> Result<()>;
}
