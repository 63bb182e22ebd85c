//! One turn: what is asked, what happens meanwhile, and how it ended.

use domain::{Money, ThreadId};
use gateway::{Tools, Usage};
use std::path::PathBuf;
use std::time::Duration;

/// One instruction to be carried out.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The thread it belongs to; each has a process and a session of its own.
    pub thread: ThreadId,
    /// The agent's home: persistent, one per thread, always the same.
    pub home: PathBuf,
    /// The site's sources: the working directory, always the same for a thread.
    pub worktree: PathBuf,
    /// Where the thread's attachments are; readable by the agent beside the worktree.
    pub attachments_dir: PathBuf,
    /// The owner's own words.
    pub instruction: String,
    /// Quoted or forwarded text that came with them: data, not instructions.
    pub material: Vec<Material>,
    /// The files that came with this message.
    pub attachments: Vec<AttachmentFile>,
    /// Something the agent has to know, such as that an earlier run was cut off.
    pub note: Option<String>,
    /// The conversation so far, for a session that cannot be resumed. May be empty.
    pub history: String,
    /// How far it may go without the owner's yes.
    pub reach: Reach,
    /// What it may spend, where there is a bound. The gateway refuses the call after the one that goes beyond it.
    pub allowance: Option<Money>,
    /// The site's own verbs; `None` where there are only files.
    pub tools: Option<Tools>,
    /// What is to be known about this site, beyond [`crate::prompt::SYSTEM`]. May be empty.
    pub system: String,
}

/// How far a turn may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It changes nothing: it makes a plan, or answers a question.
    Words,
    /// It changes at most this many files, and removes no page.
    Files(usize),
    /// Whatever the instruction needs: the owner has agreed.
    Anything,
}

/// Text that others wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// What it is, such as “a forwarded mail”.
    pub label: String,
    /// The text.
    pub text: String,
}

/// A file that came with the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentFile {
    /// Where it is, absolute, within the attachments directory.
    pub path: PathBuf,
    /// What its sender called it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
}

/// Something that happened during a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The process has taken the turn up.
    Started,
    /// The model's server got the turn's first request.
    ModelCalled,
    /// A piece of what the agent says.
    Text(String),
    /// The agent uses a tool.
    Tool {
        /// The tool's name.
        name: String,
        /// A file relative to the worktree, a pattern or a short command.
        target: String,
    },
    /// The model's server failed, and is asked again.
    Retrying {
        /// Which attempt failed, from 1.
        attempt: u32,
        /// The HTTP status, where there was one.
        status: Option<u16>,
        /// How long until the next one.
        after: Duration,
    },
}

/// What a turn came to.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnReport {
    /// How it ended.
    pub ending: Ending,
    /// The agent's last words.
    pub summary: String,
    /// What it used of the model, as the gateway counted.
    pub usage: Usage,
    /// How long it took.
    pub duration: Duration,
    /// Tools that were refused, such as `Bash: curl …`.
    pub denied: Vec<String>,
    /// Whether a new process took an earlier session up again.
    pub resumed: bool,
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The agent finished.
    Completed,
    /// It was asked to stop. Edits made so far are in the worktree.
    Interrupted,
    /// It was about to go further than [`Reach`] allows, and was stopped. Edits made so far are in the worktree.
    Overreached(Overreach),
    /// Its allowance was used up. Edits made so far are in the worktree.
    UsedUp,
    /// The agent has a question for the owner. Edits made so far are in the worktree.
    Asks(Vec<Question>),
    /// It could not finish. Edits made so far are in the worktree.
    Failed {
        /// Of what kind the failure is.
        kind: FailureKind,
        /// What happened, in plain words.
        says: String,
    },
}

/// What needs the owner's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overreach {
    /// Removing this page; a path relative to the worktree.
    RemovesPage(String),
    /// Changing more than this many files.
    ManyFiles(usize),
}

/// A question for the owner.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Question {
    /// The question.
    pub question: String,
    /// Answers to choose from; the owner may give another.
    #[serde(default)]
    pub options: Vec<Choice>,
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Choice {
    /// In a word or two.
    pub label: String,
    /// What it means.
    #[serde(default)]
    pub description: String,
}

/// Why a turn failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The model's server refused the credential.
    Credential,
    /// The model's server is overloaded or down; later may work.
    Overloaded,
    /// The model's server refused the request.
    Refused,
    /// The turn reached its bound on model calls.
    TooManySteps,
    /// The session reached [`crate::TurnLimits::max_usd`].
    TooExpensive,
    /// The turn took too long, or fell silent.
    TooSlow,
    /// Something else.
    Other,
}
