//! An outcome in the making.

use domain::message::{
    ChangeKind, Cost, Failure, FailureKind, FileChange, Outcome, Plan, Receipt, Schema, Status,
};
use ports::messages::Message;
use std::time::Instant;
use workspace::Change;

/// An outcome that does not know yet which turn it ends.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) status: Status,
    pub(crate) summary: String,
    pub(crate) files_changed: Vec<FileChange>,
    pub(crate) plan: Option<Plan>,
    pub(crate) commit: Option<String>,
    pub(crate) snapshot: Option<String>,
    pub(crate) cost: Cost,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) error: Option<Failure>,
}

impl Draft {
    /// Something was done, or there was nothing to do.
    pub(crate) fn done(status: Status, summary: impl Into<String>) -> Self {
        Self {
            status,
            summary: summary.into(),
            files_changed: Vec::new(),
            plan: None,
            commit: None,
            snapshot: None,
            cost: Cost::default(),
            receipt: None,
            error: None,
        }
    }

    /// It was not done; `says` is for the owner.
    pub(crate) fn failed(kind: FailureKind, says: String) -> Self {
        Self { error: Some(Failure { kind, says }), ..Self::done(Status::Failed, "") }
    }

    /// It was begun and is not done, because what may be spent is spent; `says` is for the owner.
    pub(crate) fn used_up(says: String) -> Self {
        let error = Some(Failure { kind: FailureKind::Allowance, says });
        Self { error, ..Self::done(Status::Cancelled, "") }
    }

    pub(crate) fn outcome(self, message: &Message, turn: u32, began: Instant) -> Outcome {
        Outcome {
            schema: Schema,
            message_id: message.id.clone(),
            thread_id: message.thread.clone(),
            turn,
            status: self.status,
            summary: self.summary,
            files_changed: self.files_changed,
            commit: self.commit,
            snapshot: self.snapshot,
            branch: message.thread.branch(),
            preview_path: message.thread.preview_path(),
            cost: self.cost,
            receipt: self.receipt,
            plan: self.plan,
            duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            error: self.error,
        }
    }
}

/// What is left to do when a turn has its result.
pub(crate) enum Ready {
    /// Nothing but to say so.
    Answer(Draft),
    /// An effect that makes it true, named by the draft's commit.
    Effect(Draft),
}

/// Changed files as an outcome carries them.
pub(crate) fn changes(changes: &[Change]) -> Vec<FileChange> {
    changes
        .iter()
        .map(|change| FileChange {
            path: change.path.to_string_lossy().into_owned(),
            kind: kind(change.kind),
        })
        .collect()
}

fn kind(kind: workspace::ChangeKind) -> ChangeKind {
    match kind {
        workspace::ChangeKind::Added => ChangeKind::Added,
        workspace::ChangeKind::Modified => ChangeKind::Modified,
        workspace::ChangeKind::Deleted => ChangeKind::Deleted,
        workspace::ChangeKind::Renamed => ChangeKind::Renamed,
    }
}
