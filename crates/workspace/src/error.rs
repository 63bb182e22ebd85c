//! What can go wrong, as a decision for the caller, with words that carry no credential and no thread id.

use git2::{ErrorClass, ErrorCode};
use std::io;

/// What the caller should do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Trying again later may help.
    Transient,
    /// The repository, branch or commit is not there.
    NotFound,
    /// Something else changed in between, or is in the way.
    Conflict,
    /// A higher epoch holds the claim: stop, another container owns the pair.
    LeaseLost,
    /// The origin or the file system refuses.
    Denied,
    /// The input can never work; the words name the file or value.
    Malformed,
}

/// An error of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct WorkspaceError {
    kind: ErrorKind,
    words: String,
}

impl WorkspaceError {
    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: ErrorKind, words: impl AsRef<str>) -> Self {
        Self { kind, words: redact(words.as_ref()) }
    }

    /// The same error, its words led by what was being done.
    pub(crate) fn doing(self, what: &str) -> Self {
        Self { kind: self.kind, words: redact(&format!("{what}: {}", self.words)) }
    }
}

impl From<git2::Error> for WorkspaceError {
    fn from(error: git2::Error) -> Self {
        let kind = match (error.code(), error.class()) {
            (ErrorCode::NotFound | ErrorCode::UnbornBranch, _) => ErrorKind::NotFound,
            (ErrorCode::Invalid | ErrorCode::InvalidSpec, class) if class != ErrorClass::Os => {
                ErrorKind::Malformed
            }
            (ErrorCode::Owner | ErrorCode::Auth, _) => ErrorKind::Denied,
            _ => ErrorKind::Transient,
        };
        Self::new(kind, error.message())
    }
}

impl From<io::Error> for WorkspaceError {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied => ErrorKind::Denied,
            _ => ErrorKind::Transient,
        };
        Self::new(kind, error.to_string())
    }
}

/// `text` without the user part of URLs and without thread ids, both of which open doors.
fn redact(text: &str) -> String {
    hide_thread_ids(&hide_credentials(text))
}

fn hide_credentials(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let authority = after
            .find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"')
            .unwrap_or(after.len());
        rest = after[..authority].rfind('@').map_or(after, |user| &after[user + 1..]);
    }
    out.push_str(rest);
    out
}

fn hide_thread_ids(text: &str) -> String {
    const LEAD: &str = "thread-";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(LEAD) {
        let (before, after) = rest.split_at(at + LEAD.len());
        out.push_str(before);
        let id =
            after.bytes().take(12).filter(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(b)).count();
        rest = if id == 12 {
            out.push('*');
            &after[12..]
        } else {
            after
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_no_credential() {
        let error = WorkspaceError::new(
            ErrorKind::Denied,
            "fatal: unable to access 'https://x-token:s3cr@t@github.com/a/b.git/': 403, see http://u:p@h",
        );
        assert_eq!(
            error.to_string(),
            "fatal: unable to access 'https://github.com/a/b.git/': 403, see http://h"
        );
    }

    #[test]
    fn words_carry_no_thread_id() {
        let error = WorkspaceError::new(ErrorKind::Transient, "/w/thread-abcdefgh2345/.git and thread-pool");
        assert_eq!(error.to_string(), "/w/thread-*/.git and thread-pool");
    }
}
