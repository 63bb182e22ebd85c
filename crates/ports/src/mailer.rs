//! Mail out.

use crate::error::Result;
use async_trait::async_trait;

/// A mail to send.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// What makes two sends the same mail: message and kind.
    pub key: &'a str,
    /// Envelope sender.
    pub from: &'a str,
    /// Envelope recipient.
    pub to: &'a str,
    /// The mail.
    pub raw: &'a [u8],
}

/// Sends mail. A backend without idempotency keys (SES) may send twice when a first send's fate is unknown.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands the mail over, durably. Returns the Message-ID on the wire where the backend gives another one than the
    /// mail's own, without angle brackets. The embedded outbox holds a mail of one key once, however often it is sent.
    async fn send(&self, mail: Mail<'_>) -> Result<Option<String>>;
    /// Whether mail would be taken now, without sending any. `Denied` when an operator has to act first.
    async fn ready(&self) -> Result<()>;
}
