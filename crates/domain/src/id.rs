//! Identifiers. Each is checked when it is made, so a value of the type is always well-formed.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// A text that is not a well-formed id of the kind named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}: {rule}")]
pub struct InvalidId {
    /// Which id was asked for.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { kind: $kind, text: text.chars().take(80).collect(), rule: $rule })
                }
            }
        }
        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

macro_rules! shown {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

fn is_slug(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

const SLUG: &str = "1 to 40 characters of a-z, 0-9 and -, not at either end";

text_id!(
    /// The account that pays: one client has projects.
    ClientId, "client id", "1 to 40 characters of a-z, 0-9 and -, not at either end", is_slug
);
text_id!(
    /// One website, one git repository.
    ProjectId, "project id", "1 to 40 characters of a-z, 0-9 and -, not at either end", is_slug
);
text_id!(
    /// A person, known by an e-mail address.
    UserId, "user id", "1 to 40 characters of a-z, 0-9 and -, not at either end", is_slug
);
text_id!(
    /// One conversation over any channel. It is a capability: whoever knows it sees the preview.
    ThreadId, "thread id", "12 characters of lower-case base32 (a-z, 2-7)",
    |t| t.len() == 12 && t.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
);
text_id!(
    /// One message of an owner; the idempotency key of everything done for it. A lower-case UUID.
    MessageId, "message id", "a lower-case UUID", is_uuid
);
text_id!(
    /// One production build that was, or was to be, put live. A lower-case UUID.
    ReleaseId, "release id", "a lower-case UUID", is_uuid
);
text_id!(
    /// One running edit container (an ECS task, or a task in this process).
    ContainerId, "container id", "1 to 64 characters of a-z, 0-9 and -",
    |t| (1..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);
shown!(ClientId, ProjectId, UserId, MessageId, ReleaseId, ContainerId);

impl ThreadId {
    /// Makes an id of 60 random bits taken from `entropy`, which must come from a CSPRNG.
    pub fn from_entropy(entropy: [u8; 8]) -> Self {
        let mut text = BASE32_NOPAD.encode(&entropy).to_ascii_lowercase();
        text.truncate(12);
        Self(text)
    }

    /// The id as logs and commit trailers carry it: the first 10 hex digits of its SHA-256.
    pub fn fingerprint(&self) -> String {
        let mut hex = HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()));
        hex.truncate(10);
        hex
    }

    /// The git branch on which this thread's work is committed.
    pub fn branch(&self) -> String {
        format!("thread-{}", self.0)
    }

    /// The path of this thread's preview on the preview host.
    pub fn preview_path(&self) -> String {
        format!("/session/{}/", self.0)
    }
}

/// Shows the fingerprint: a thread id must not reach a log.
impl fmt::Debug for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreadId(#{})", self.fingerprint())
    }
}

/// Shows the fingerprint: a thread id must not reach a log. Use [`ThreadId::as_str`] where the id itself is meant.
impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

impl UserId {
    /// The id of the person with this e-mail address: a readable slug and a hash of the whole
    /// lower-cased address, so that `a.b@x` and `ab@y` stay two people.
    pub fn of_address(address: &str) -> Self {
        let address = address.trim().to_lowercase();
        let local = address.split('@').next().unwrap_or_default();
        let hash = BASE32_NOPAD.encode(&Sha256::digest(address.as_bytes())).to_ascii_lowercase();
        let slug = slug(local, 20);
        Self(if slug.is_empty() { format!("u-{}", &hash[..12]) } else { format!("{slug}-{}", &hash[..12]) })
    }
}

/// `text` reduced to a slug of at most `max` characters: other characters become single hyphens.
pub fn slug(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= max {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// The client, project and user whose queue set, claim and container belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    /// The account.
    pub client_id: ClientId,
    /// The website.
    pub project_id: ProjectId,
    /// The person who created the threads of this pair.
    pub user_id: UserId,
}

impl Pair {
    /// One text that names the pair without ambiguity, as stores use it for a key.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.client_id, self.project_id, self.user_id)
    }
}

impl FromStr for Pair {
    type Err = InvalidId;
    fn from_str(key: &str) -> Result<Self, InvalidId> {
        let mut parts = key.split('/');
        let (Some(c), Some(p), Some(u), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidId { kind: "pair", text: key.to_owned(), rule: SLUG });
        };
        Ok(Self { client_id: c.parse()?, project_id: p.parse()?, user_id: u.parse()? })
    }
}

/// A claim's fencing number: each take-over of a pair gets a higher one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// The place of a message in its thread, from 1, given when the message is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_whose_addresses_look_alike_stay_apart() {
        assert_ne!(UserId::of_address("a.b@x.org"), UserId::of_address("ab@x.org"));
        assert_ne!(UserId::of_address("ab@x.org"), UserId::of_address("ab@y.org"));
        assert_eq!(UserId::of_address(" Ann@X.org"), UserId::of_address("ann@x.org"));
    }

    #[test]
    fn a_user_id_is_well_formed_for_any_address() {
        for address in ["", "@", "Ö@x", "a-@x", &"x".repeat(300), "漢字@例え.jp"] {
            let id = UserId::of_address(address);
            assert_eq!(id.as_str().parse::<UserId>().unwrap(), id, "{address}");
        }
    }

    #[test]
    fn a_thread_id_is_twelve_characters_and_never_printed() {
        let id = ThreadId::from_entropy([0xff; 8]);
        assert_eq!(id.as_str(), "777777777777");
        assert!(!format!("{id} {id:?}").contains(id.as_str()));
        assert!("77777777777A".parse::<ThreadId>().is_err());
        assert!("../../../etc".parse::<ThreadId>().is_err());
    }

    #[test]
    fn a_pair_survives_its_key() {
        let pair = Pair {
            client_id: "c".parse().unwrap(),
            project_id: "p-1".parse().unwrap(),
            user_id: UserId::of_address("ann@x.org"),
        };
        assert_eq!(pair.key().parse::<Pair>().unwrap(), pair);
        assert!("a/b".parse::<Pair>().is_err());
    }
}
