//! What the listener asks of whoever takes the mail.

use async_trait::async_trait;
use std::net::SocketAddr;

/// Who sends a mail to whom, as SMTP says. Not what its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM, without brackets; empty for a bounce.
    pub from: String,
    /// RCPT TO, in order, without brackets and doubles: 1 to 100.
    pub to: Vec<String>,
    /// The name the client gave itself.
    pub helo: String,
    /// Where the client connected from.
    pub peer: SocketAddr,
}

/// The answer to a recipient or to a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 250 with this text.
    Accept(String),
    /// A permanent refusal; the client tells its user `says`.
    Refuse {
        /// 500 to 599.
        code: u16,
        /// Such as `5.1.1`.
        enhanced: &'static str,
        /// Plain words.
        says: String,
    },
    /// 451: the client tries again later.
    Later {
        /// Plain words.
        says: String,
    },
}

/// Takes mail in.
#[async_trait]
pub trait Door: Send + Sync {
    /// Whether a mail from `from` may go to `to`. Called once for each RCPT TO.
    async fn recipient(&self, from: &str, to: &str) -> Verdict;

    /// Takes a whole mail: `raw` is dot-unstuffed, otherwise byte for byte what was sent. When this returns
    /// [`Verdict::Accept`], the mail must be durable: the client forgets it.
    async fn mail(&self, envelope: Envelope, raw: Vec<u8>) -> Verdict;
}
