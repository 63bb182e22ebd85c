//! Mail that also goes out through a real server.

use async_trait::async_trait;
use ports::{ErrorKind, PortError};
use smtp::{RelayUrl, SendError};

/// Hands mail to a relay.
pub(crate) struct SmtpRelay(pub(crate) RelayUrl);

#[async_trait]
impl embedded::Relay for SmtpRelay {
    async fn send(&self, from: &str, to: &str, raw: &[u8]) -> ports::Result<()> {
        match smtp::send(&self.0, from, to, raw).await {
            Ok(_) => Ok(()),
            Err(error @ SendError::Transient { .. }) => Err(PortError::new(ErrorKind::Transient, error)),
            Err(error) => Err(PortError::new(ErrorKind::Denied, error)),
        }
    }
}
