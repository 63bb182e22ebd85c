//! Mail that has been accepted but not yet read: kept as a blob, which is the truth; the queue only rings.

use crate::verdict::MAILBOX;
use bytes::Bytes;
use domain::names::EMAIL_QUEUE;
use ports::{Backends, ErrorKind, PortError};
use serde::{Deserialize, Serialize};

/// Where accepted mail waits.
pub const WAITING: &str = "mail/incoming/";
/// Where it goes once its message is recorded.
pub const READ: &str = "mail/read/";
/// Where it goes if it cannot be read.
pub const BROKEN: &str = "mail/broken/";
/// Where a mail goes whose author is not proven; why stands beside it.
pub const HELD: &str = "mail/held/";
/// What is added to the key of a held mail for the reasons.
pub const REASONS: &str = ".json";
/// Where spam and viruses go, to be expired.
pub const DROPPED: &str = "mail/dropped/";
pub(crate) const MEDIA_TYPE: &str = "message/rfc822";

/// Who a mail was from and to, as SMTP said: the first line of the stored blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// MAIL FROM; empty for a bounce.
    pub from: String,
    /// RCPT TO.
    pub to: Vec<String>,
}

/// What the e-mail queue carries: where the mail is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pointer {
    /// Its blob key.
    pub blob: String,
}

/// Stores a mail durably and rings for it.
pub async fn store(backends: &Backends, id: &str, envelope: &Envelope, raw: &[u8]) -> Result<(), PortError> {
    let mut bytes = serde_json::to_vec(envelope).map_err(malformed)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(raw);
    let blob = format!("{WAITING}{id}");
    backends.blobs.put(&blob, MEDIA_TYPE, Bytes::from(bytes)).await?;
    bootstrap::fault::point("mail.stored");
    let body = serde_json::to_string(&Pointer { blob }).map_err(malformed)?;
    // The mail is safe: a bell that does not ring is made good by the sweep.
    if let Err(error) = backends.queues.send(EMAIL_QUEUE, &body).await {
        tracing::warn!(%error, "a stored mail was not rung");
    }
    bootstrap::fault::point("mail.rung");
    Ok(())
}

/// Parts a stored mail into envelope and raw mail.
pub fn split(stored: &Bytes) -> Result<(Envelope, Bytes), PortError> {
    let end = stored.iter().position(|&b| b == b'\n').ok_or_else(|| malformed("no envelope line"))?;
    let envelope = serde_json::from_slice(&stored[..end]).map_err(malformed)?;
    Ok((envelope, stored.slice(end + 1..)))
}

/// The mail domain of an address of ours (`edit@…` or `edit+token@…`).
pub fn mail_domain(address: &str) -> Option<&str> {
    let (local, domain) = address.rsplit_once('@')?;
    let mailbox = local.split('+').next()?;
    mailbox.eq_ignore_ascii_case(MAILBOX).then_some(domain)
}

fn malformed(error: impl std::fmt::Display) -> PortError {
    PortError::new(ErrorKind::Malformed, format!("stored mail: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_mailbox_of_projects_has_a_domain() {
        assert_eq!(mail_domain("edit@demo.localhost"), Some("demo.localhost"));
        assert_eq!(mail_domain("Edit+abc@demo.localhost"), Some("demo.localhost"));
        assert_eq!(mail_domain("owner@demo.localhost"), None);
        assert_eq!(mail_domain("edit"), None);
    }
}
