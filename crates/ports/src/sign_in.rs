//! Sign-in links and signed-in browsers. Tokens are stored hashed.

use crate::error::Result;
use async_trait::async_trait;
use domain::{ProjectId, UserId};
use std::time::Duration;

/// Who is signed in, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The person.
    pub user: UserId,
    /// The person's e-mail address.
    pub address: String,
    /// The project.
    pub project: ProjectId,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// A link that signs in, once.
    Link,
    /// A signed-in browser's cookie, or an API token.
    Session,
}

impl TokenUse {
    /// One word, as keys carry it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Session => "session",
        }
    }
}

/// The register of tokens, by the SHA-256 of each.
#[async_trait]
pub trait SignIns: Send + Sync {
    /// Keeps a token's hash for `life`.
    async fn issue(&self, hash: &str, used_for: TokenUse, identity: &Identity, life: Duration) -> Result<()>;
    /// Whose it is, unless it has expired or was spent.
    async fn look_up(&self, hash: &str, used_for: TokenUse) -> Result<Option<Identity>>;
    /// Spends a link: its identity the first time, `None` ever after.
    async fn spend(&self, hash: &str) -> Result<Option<Identity>>;
    /// Ends a session. Fine when there is none.
    async fn revoke(&self, hash: &str) -> Result<()>;
}
