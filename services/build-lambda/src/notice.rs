//! The notice of a push, in GitHub's shape: written by our own hook, read by our own webhook.

use crate::signature;
use domain::ProjectId;
use serde::{Deserialize, Serialize};

/// Names the event.
pub const EVENT_HEADER: &str = "x-github-event";
/// Names the delivery: the same one when it is made again.
pub const DELIVERY_HEADER: &str = "x-github-delivery";
/// Carries the signature.
pub const SIGNATURE_HEADER: &str = "x-hub-signature-256";

/// The part of GitHub's push event that is read here.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushEvent {
    /// The full name of what was pushed.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its commit before; zeros when it is new.
    #[serde(default)]
    pub before: String,
    /// Its commit after; zeros when it is gone.
    #[serde(default)]
    pub after: String,
    /// Whether it is new.
    #[serde(default)]
    pub created: bool,
    /// Whether it is gone.
    #[serde(default)]
    pub deleted: bool,
    /// Where.
    #[serde(default)]
    pub repository: Repository,
}

/// The repository of a push event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its short name.
    #[serde(default)]
    pub name: String,
    /// Its name with its owner.
    #[serde(default)]
    pub full_name: String,
}

/// One line of what git tells a post-receive hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// Commit before; zeros when it is new.
    pub old: String,
    /// Commit after; zeros when it is gone.
    pub new: String,
    /// Full name of the branch or tag.
    pub reference: String,
}

/// A push that is ready to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPush {
    /// Header names, in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, exactly as it was signed.
    pub body: Vec<u8>,
}

/// Whether this is the commit id that stands for "none".
pub fn is_zero(commit: &str) -> bool {
    commit.bytes().all(|b| b == b'0')
}

/// Whether this is a full commit id, SHA-1 or SHA-256, that stands for a commit.
pub fn is_commit(commit: &str) -> bool {
    matches!(commit.len(), 40 | 64)
        && commit.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && !is_zero(commit)
}

/// The request by which GitHub would tell of this push. `delivery` must be another one for each push.
pub fn signed_push(
    secret: &[u8],
    project: &ProjectId,
    repository: &str,
    pushed: &PushedRef,
    delivery: &str,
) -> SignedPush {
    let event = PushEvent {
        reference: pushed.reference.clone(),
        before: pushed.old.clone(),
        after: pushed.new.clone(),
        created: is_zero(&pushed.old),
        deleted: is_zero(&pushed.new),
        repository: Repository { name: project.to_string(), full_name: repository.to_owned() },
    };
    // Strings and truth values always become JSON.
    let body = serde_json::to_vec(&event).unwrap_or_default();
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "GitHub-Hookshot/webordinary".to_owned()),
        (EVENT_HEADER, "push".to_owned()),
        (DELIVERY_HEADER, delivery.to_owned()),
        (SIGNATURE_HEADER, signature::sign(secret, &body)),
    ];
    SignedPush { headers, body }
}
