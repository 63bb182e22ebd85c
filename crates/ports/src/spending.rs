//! What the model has cost, for whom, and what it may cost.

use crate::error::Result;
use async_trait::async_trait;
use domain::message::Billing;
use domain::money::{Caps, Money, Span, Spent};
use domain::{MessageId, ProjectId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What one part of the work on a message has used of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The message.
    pub message: MessageId,
    /// The project that it is about.
    pub project: ProjectId,
    /// Who wrote it.
    pub user: UserId,
    /// Which part.
    pub part: Part,
    /// What that used.
    pub used: Used,
    /// Whether it counts for those two.
    pub billing: Billing,
}

/// A part of the work on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// A turn, by its number from 1.
    Turn(u32),
    /// The short question to the model about what the message means. It is asked once.
    Question,
}

impl Part {
    /// The turn's number; 0 for the question.
    pub fn number(self) -> u32 {
        match self {
            Self::Turn(number) => number,
            Self::Question => 0,
        }
    }
}

/// An amount of the model's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    /// What it costs.
    pub cost: Money,
    /// Tokens that the model read, those from caches included.
    pub input_tokens: u64,
    /// Tokens that the model wrote.
    pub output_tokens: u64,
}

/// Whose spending it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payer {
    /// A project's, whoever wrote.
    Project(ProjectId),
    /// A person's, in all projects.
    User(UserId),
}

impl Payer {
    /// As stores name it: `project#shop`, `user#ann`.
    pub fn key(&self) -> String {
        match self {
            Self::Project(id) => format!("project#{id}"),
            Self::User(id) => format!("user#{id}"),
        }
    }

    /// Whose key this is, if it is one.
    pub fn of_key(key: &str) -> Option<Self> {
        match key.split_once('#')? {
            ("project", id) => id.parse().ok().map(Self::Project),
            ("user", id) => id.parse().ok().map(Self::User),
            _ => None,
        }
    }
}

/// What was spent by now, by the store's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// What was billed.
    pub spent: Spent,
    /// What was spent on the message and not billed.
    pub in_vain: Money,
    /// The store's time.
    pub at: Timestamp,
}

/// What one payer has spent in one day or month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Whose it is.
    pub payer: Payer,
    /// Today, or this month.
    pub span: Span,
    /// What was billed.
    pub billed: Money,
    /// What was spent on turns that failed.
    pub unbilled: Money,
    /// Tokens that the model read.
    pub input_tokens: u64,
    /// Tokens that the model wrote.
    pub output_tokens: u64,
}

/// The book of what the model has cost. Days and months are those of the store's clock, in UTC.
#[async_trait]
pub trait Spending: Send + Sync {
    /// Enters what a part of a message's work has used, all or nothing, for the project and the person, the day and the
    /// month. A part is entered once: again changes nothing, whatever it says. A message is billed for one turn only, the
    /// last: a billed turn makes what earlier turns of its message were billed unbilled, in the accounts where that stands,
    /// and what comes after a later one is unbilled itself.
    async fn record(&self, entry: &Entry) -> Result<()>;
    /// What was billed to the project and the person by now, today and this month, and for the message.
    async fn spent(&self, project: &ProjectId, user: &UserId, message: &MessageId) -> Result<Now>;
    /// The project's own caps; none at all where none were set.
    async fn caps(&self, project: &ProjectId) -> Result<Caps>;
    /// Replaces the project's own caps.
    async fn set_caps(&self, project: &ProjectId, caps: &Caps) -> Result<()>;
    /// Whether the answer to `message` is the one that carries the hint of this payer's current day or month. The first
    /// that asks is, and stays so however often it asks.
    async fn hints(&self, payer: &Payer, span: Span, message: &MessageId) -> Result<bool>;
    /// The accounts of today and of this month in which something stands, by payer.
    async fn accounts(&self) -> Result<Vec<Account>>;
}
