//! What the app host is told at start.

use crate::preview_address::PreviewAddresses;
use std::path::PathBuf;

/// How the session cookie is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieMode {
    /// `__Host-` and `Secure`: the app is reached by https.
    Secure,
    /// A plain name: http on this machine.
    Plain,
}

/// Whether a script stands in for the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehearsal {
    /// It does: the pages say so.
    On,
    /// A model answers.
    Off,
}

/// The settings of the app host.
#[derive(Clone)]
pub struct WebConfig {
    /// Scheme, host and port of the app, no trailing slash: `http://localhost:8080`.
    pub app_origin: String,
    /// Where previews are found.
    pub previews: PreviewAddresses,
    /// How the session cookie is set.
    pub secure_cookies: CookieMode,
    /// [`super::token_hash`] of the operator's token. Empty: there is no operator.
    pub operator_token_hash: String,
    /// Whether a script stands in for the model.
    pub rehearsal: Rehearsal,
    /// The Maildir that sent mail is kept in, where it is kept.
    pub outbox: Option<PathBuf>,
}
