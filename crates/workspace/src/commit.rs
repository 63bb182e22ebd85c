//! Commits: their ids, who made them, and messages with trailers as git formats them.

use crate::Result;
use crate::error::{ErrorKind, WorkspaceError};
use domain::Timestamp;
use git2::{Commit, Oid, Repository, Signature, Sort};
use std::fmt;
use std::str::FromStr;

/// Most commits that a search by trailer looks at.
const SEARCH_MAX: usize = 20_000;

/// The id of a commit: 40 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(String);

/// A text that is not a commit id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a commit id is 40 lower-case hex digits")]
pub struct InvalidCommitId;

impl CommitId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn oid(&self) -> Result<Oid> {
        Ok(Oid::from_str(&self.0)?)
    }
}

impl From<Oid> for CommitId {
    fn from(oid: Oid) -> Self {
        Self(oid.to_string())
    }
}

impl FromStr for CommitId {
    type Err = InvalidCommitId;
    fn from_str(text: &str) -> std::result::Result<Self, InvalidCommitId> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 40 && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCommitId)
        }
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitId({})", self.0)
    }
}

/// Whom a commit names as its author and committer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// A readable name; may be empty, then the address stands for it.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

impl Author {
    /// The author at `when` (whole seconds, UTC). Characters that would break a commit's header are left out.
    pub(crate) fn signature(&self, when: Timestamp) -> Result<Signature<'static>> {
        let email = header(&self.email);
        let name = header(&self.name);
        let name = if name.is_empty() { &email } else { &name };
        Ok(Signature::new(name, &email, &git2::Time::new(when.0.div_euclid(1000), 0))?)
    }
}

fn header(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control() && *c != '<' && *c != '>').collect();
    kept.trim().to_owned()
}

/// What a commit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitSpec {
    /// The first line.
    pub subject: String,
    /// Further paragraphs; may be empty.
    pub body: String,
    /// Key and value, in order; keys of letters, digits and hyphens.
    pub trailers: Vec<(String, String)>,
    /// Author and committer.
    pub author: Author,
    /// When.
    pub when: Timestamp,
}

impl CommitSpec {
    /// The whole message: subject, body and trailers as paragraphs, a newline at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] without a subject, or with a key that is none.
    pub(crate) fn message(&self) -> Result<String> {
        let subject = one_line(&self.subject);
        if subject.is_empty() {
            return Err(WorkspaceError::new(ErrorKind::Malformed, "a commit needs a subject"));
        }
        let mut paragraphs = vec![subject];
        let body = self.body.replace('\0', "").replace("\r\n", "\n");
        if !body.trim().is_empty() {
            paragraphs.push(body.trim().to_owned());
        }
        let mut lines = Vec::new();
        for (key, value) in &self.trailers {
            if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(WorkspaceError::new(ErrorKind::Malformed, format!("{key:?} is no trailer key")));
            }
            lines.push(format!("{key}: {}", one_line(value)));
        }
        if !lines.is_empty() {
            paragraphs.push(lines.join("\n"));
        }
        Ok(paragraphs.join("\n\n") + "\n")
    }
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The newest commit reachable from `tip` that carries the trailer `key: value`.
pub(crate) fn find_trailer(repo: &Repository, tip: Oid, (key, value): (&str, &str)) -> Result<Option<Oid>> {
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::TIME)?;
    walk.push(tip)?;
    for oid in walk.take(SEARCH_MAX) {
        let oid = oid?;
        if has_trailer(&repo.find_commit(oid)?, key, value) {
            return Ok(Some(oid));
        }
    }
    Ok(None)
}

fn has_trailer(commit: &Commit<'_>, key: &str, value: &str) -> bool {
    // A cheap look first: parsing every message of a long history would cost more than reading it.
    let message = commit.message_bytes();
    if !message.windows(value.len()).any(|part| part == value.as_bytes()) {
        return false;
    }
    let text = String::from_utf8_lossy(message);
    git2::message_trailers_strs(&text).is_ok_and(|all| all.iter().any(|(k, v)| k == key && v.trim() == value))
}

/// Whether `ancestor` is `tip` or comes before it.
pub(crate) fn contains(repo: &Repository, tip: Oid, ancestor: Oid) -> Result<bool> {
    Ok(tip == ancestor || repo.graph_descendant_of(tip, ancestor)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(subject: &str, body: &str, trailers: &[(&str, &str)]) -> CommitSpec {
        CommitSpec {
            subject: subject.into(),
            body: body.into(),
            trailers: trailers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
            author: Author { name: "Ann <x>\n".into(), email: "ann@x.org".into() },
            when: Timestamp(1_700_000_000_999),
        }
    }

    #[test]
    fn a_message_reads_as_git_writes_it() {
        let message = spec("Close at 4\non Fridays", "Why.\r\nMore.\n", &[("A-B", "1"), ("C", "x\ny: z")]);
        assert_eq!(message.message().unwrap(), "Close at 4 on Fridays\n\nWhy.\nMore.\n\nA-B: 1\nC: x y: z\n");
        assert_eq!(spec(" \n", "", &[]).message().unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(spec("s", "", &[("a b", "")]).message().unwrap_err().kind(), ErrorKind::Malformed);
    }

    #[test]
    fn an_author_cannot_break_the_header() {
        let signature = spec("s", "", &[]).author.signature(Timestamp(1_999)).unwrap();
        assert_eq!((signature.name().unwrap(), signature.when().seconds()), ("Ann x", 1));
    }

    #[test]
    fn a_commit_id_is_checked() {
        assert!("a".repeat(40).parse::<CommitId>().is_ok());
        assert!("--upload-pack=x".parse::<CommitId>().is_err());
    }
}
