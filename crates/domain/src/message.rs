//! What services say to each other: the work that Hermes sends and the outcome that a container reports.

use crate::id::{ClientId, MessageId, Pair, ProjectId, Seq, ThreadId, UserId};
use crate::money::Money;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::Path;

/// The major version of the schema in this module.
pub const SCHEMA: u32 = 1;

/// The version field of a message: written as [`SCHEMA`], and any other major version is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(SCHEMA)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            SCHEMA => Ok(Self),
            other => {
                Err(serde::de::Error::custom(format!("schema {other} is unknown here, only {SCHEMA} is")))
            }
        }
    }
}

/// What the author of a message wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Change the site.
    Instruct,
    /// An answer to the agent's question.
    Answer,
    /// A yes to a plan.
    Approve,
    /// A no to a plan.
    Reject,
    /// Put the thread's work live.
    Publish,
    /// Take back changes of the thread.
    Undo,
    /// Bring the release before back.
    Rollback,
    /// Stop what is running.
    Cancel,
}

impl Kind {
    /// Whether an edit container carries this out. A rollback needs no workspace: the build service does it.
    pub fn is_for_container(self) -> bool {
        !matches!(self, Self::Rollback)
    }

    /// Whether this changes what the public sees.
    pub fn changes_production(self) -> bool {
        matches!(self, Self::Publish | Self::Rollback)
    }
}

/// A file that came with a message, kept in the blob store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The sender's name for it, made safe for a file system.
    pub name: String,
    /// The sniffed media type.
    pub media_type: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Key in the blob store.
    pub blob: String,
}

/// What Hermes sends to the input queue of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// Version of this schema.
    pub schema: Schema,
    /// The message; the idempotency key of everything done for it.
    pub message_id: MessageId,
    /// The conversation.
    pub thread_id: ThreadId,
    /// The account.
    pub client_id: ClientId,
    /// The website.
    pub project_id: ProjectId,
    /// Who created the thread, and whose queue this is.
    pub user_id: UserId,
    /// Who wrote this message.
    pub author_id: UserId,
    /// Place in the thread.
    pub seq: Seq,
    /// What is wanted.
    pub kind: Kind,
    /// The author's own words. Longer ones than 64 KB stand in the store only.
    pub instruction: String,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// When Hermes recorded it.
    pub issued_at: Timestamp,
}

impl Work {
    /// Whose queue this travels on.
    pub fn pair(&self) -> Pair {
        Pair {
            client_id: self.client_id.clone(),
            project_id: self.project_id.clone(),
            user_id: self.user_id.clone(),
        }
    }
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Carried out.
    Done,
    /// A plan waits for a yes.
    Plan,
    /// A question waits for an answer.
    Question,
    /// A newer message stopped it.
    Interrupted,
    /// The owner stopped it.
    Cancelled,
    /// Merged and pushed; the build service goes on.
    Published,
    /// Not carried out; `error` says why.
    Failed,
}

/// What happened to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// New.
    Added,
    /// Other content.
    Modified,
    /// Gone.
    Deleted,
    /// Moved to this path.
    Renamed,
}

/// One changed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Path in the repository, with `/`.
    pub path: String,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What a turn cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// US dollars, as the gateway reckons them from the prices that it knows.
    pub usd: f64,
    /// Tokens read by the model.
    pub input_tokens: u64,
    /// Tokens written by the model.
    pub output_tokens: u64,
}

/// What the author is told about the money, beside [`Cost`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Whether the turn counts for the author; a failed one does not.
    pub billing: Billing,
    /// What this turn cost, in millionths of a dollar.
    pub turn: Money,
    /// What the message cost with this turn, in millionths of a dollar.
    pub message: Money,
    /// What the project cost this month with this turn, in millionths of a dollar.
    pub month: Money,
    /// Words on a cap that is nearly used up, once for its day or month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Whether what was spent counts for those who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Billing {
    /// It does.
    Billed,
    /// It does not: what it was spent on failed. The operator still sees it.
    Unbilled,
}

/// Why a turn failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// May work when tried again.
    Transient,
    /// The model's service refused or was out of reach.
    Model,
    /// Two people changed the same lines.
    Conflict,
    /// A limit of this service was met.
    Limit,
    /// The repository or the site is in a state that cannot be worked on.
    Site,
    /// The author may not do this.
    Denied,
    /// What may be spent is spent.
    Allowance,
}

/// A failure in words for the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The sort of failure.
    pub kind: FailureKind,
    /// Plain words and a next step.
    pub says: String,
}

/// What a plan says beside its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Plan {
    /// Files and folders of the repository that it touches. Empty when it names none.
    pub files: Vec<String>,
    /// Whether the work is done and set aside, because it went beyond what was agreed to: a yes only brings it in.
    pub done: bool,
}

impl Plan {
    /// Those of `changed` that the plan does not name. None when it names no file at all.
    pub fn beyond<'a>(&self, changed: &'a [FileChange]) -> Vec<&'a str> {
        let covers = |path: &str| {
            self.files.is_empty() || self.files.iter().any(|file| Path::new(path).starts_with(file))
        };
        changed.iter().map(|change| change.path.as_str()).filter(|path| !covers(path)).collect()
    }
}

/// What a container reports about one message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Version of this schema.
    pub schema: Schema,
    /// The message this answers.
    pub message_id: MessageId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// Which try of the message this was, from 1.
    pub turn: u32,
    /// How it ended.
    pub status: Status,
    /// What was done, in plain words.
    pub summary: String,
    /// What changed in the repository.
    pub files_changed: Vec<FileChange>,
    /// What there is to agree to, when the status says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The commit on the thread's branch (or, published, on the default branch).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The git tree whose static build became the thread's snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// The thread's branch.
    pub branch: String,
    /// The path of the preview on the preview host.
    pub preview_path: String,
    /// What it cost.
    pub cost: Cost,
    /// What the author is told about that; nothing where the model had no part in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// How long the turn took, in milliseconds.
    pub duration_ms: u64,
    /// Why it failed, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// What is asked of the pool: a container for this pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRequest {
    /// Version of this schema.
    pub schema: Schema,
    /// Who needs a container.
    pub pair: Pair,
}

/// A bell on an output queue: the pair's container has let go of its claim, and ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Released {
    /// Version of this schema.
    pub schema: Schema,
    /// Whose claim it was.
    pub released: Pair,
}

/// A bell on `webordinary-release-events`: this release has ended, read it from the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseEvent {
    /// Version of this schema.
    pub schema: Schema,
    /// The website.
    pub project_id: ProjectId,
    /// The release.
    pub release_id: crate::id::ReleaseId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plan_does_not_name_is_beyond_it() {
        let changed = ["src/pages/a.astro", "src/blog/x.md", "src/blogs.css"]
            .map(|path| FileChange { path: path.to_owned(), kind: ChangeKind::Modified });
        let files =
            |files: &[&str]| Plan { files: files.iter().map(|f| (*f).to_owned()).collect(), done: false };
        assert_eq!(files(&["src/pages/a.astro", "src/blog/"]).beyond(&changed), ["src/blogs.css"]);
        assert!(files(&["src"]).beyond(&changed).is_empty());
        assert!(files(&[]).beyond(&changed).is_empty(), "a plan without files bounds nothing");
    }

    #[test]
    fn an_unknown_major_version_is_refused() {
        let request = ClaimRequest {
            schema: Schema,
            pair: Pair {
                client_id: "c".parse().unwrap(),
                project_id: "p".parse().unwrap(),
                user_id: "u".parse().unwrap(),
            },
        };
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<ClaimRequest>(&json).unwrap(), request);
        let newer = json.replace("\"schema\":1", "\"schema\":2");
        assert!(serde_json::from_str::<ClaimRequest>(&newer).unwrap_err().to_string().contains("schema 2"));
    }
}
