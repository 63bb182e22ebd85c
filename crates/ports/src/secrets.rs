//! Secrets by name: what proves who we are to others, and others to us.

use crate::error::{ErrorKind, PortError, Result};
use async_trait::async_trait;
use domain::ProjectId;
use std::sync::Arc;

/// A secret's bytes. Cloning shares them. It has no `Debug`, so that none is logged by mistake.
#[derive(Clone)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into().into())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its text; `None` when it is no UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

/// Where secrets are kept. An adapter that pays for each look keeps what it found for some minutes, in memory only, so
/// a secret that was replaced may be given for that long.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret called `name`. `NotFound` when there is none, `Malformed` when nothing can be called that
    /// ([`is_secret_name`]). The error names the secret and never has a part of it.
    async fn get(&self, name: &str) -> Result<Secret>;
}

/// The name of a project's secret: `{project}` in `pattern` stands for the project's id.
pub fn secret_of(pattern: &str, project: &ProjectId) -> String {
    pattern.replace("{project}", project.as_str())
}

/// Whether a secret can have this name: at most 200 bytes, `/`-separated words of `[A-Za-z0-9._-]`, none of them `.`
/// or `..`.
pub fn is_secret_name(name: &str) -> bool {
    let word = |word: &str| {
        !matches!(word, "" | "." | "..")
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    name.len() <= 200 && name.split('/').all(word)
}

/// The error for a name that fits no secret.
pub fn check_secret_name(name: &str) -> Result<()> {
    if is_secret_name(name) {
        return Ok(());
    }
    Err(PortError::new(ErrorKind::Malformed, format!("{name:?} is not the name of a secret")))
}
