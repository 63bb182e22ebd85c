//! Work that was stopped: kept on a ref of its own, out of the branch's way, until somebody asks for it.

use crate::change::Change;
use crate::commit::CommitSpec;
use crate::tree::conflicts;
use crate::{Result, ThreadTree, claim};
use domain::{Epoch, MessageId};
use git2::MergeOptions;
use std::path::PathBuf;

/// How bringing back went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroughtBack {
    /// The files have it again; it is not committed.
    Ready,
    /// Nothing was set aside for the message, or the branch has it all.
    Nothing,
    /// These files changed since; nothing was done.
    Conflict {
        /// Sorted.
        files: Vec<PathBuf>,
    },
}

impl ThreadTree {
    /// Keeps what the files change against the tip under the message's name, and makes the files those of the tip.
    /// Returns what was kept; empty when there was nothing. A second time for a message replaces the first.
    ///
    /// # Errors
    /// [`crate::ErrorKind::LeaseLost`] when `epoch` is not the current one.
    pub fn set_aside(&self, spec: &CommitSpec, message: &MessageId, epoch: Epoch) -> Result<Vec<Change>> {
        let repo = self.open()?;
        claim::check(&repo, epoch)?;
        let prepared = self.prepare(spec)?;
        if let Some(prepared) = &prepared {
            claim::point(&repo, &name(message), prepared.commit.oid()?)?;
        }
        self.discard()?;
        Ok(prepared.map(|prepared| prepared.changes).unwrap_or_default())
    }

    /// Keeps what was set aside for `from` under `to`'s name as well. A second time is as good; without any it does nothing.
    pub fn hand_on(&self, from: &MessageId, to: &MessageId) -> Result<()> {
        let repo = self.open()?;
        match repo.refname_to_id(&name(from)) {
            Ok(aside) => claim::point(&repo, &name(to), aside),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Brings what was set aside for `message` back into the files, on top of the tip.
    pub fn bring_back(&self, message: &MessageId) -> Result<BroughtBack> {
        let repo = self.open()?;
        let Ok(aside) = repo.find_reference(&name(message)).and_then(|found| found.peel_to_commit()) else {
            return Ok(BroughtBack::Nothing);
        };
        let tip = repo.find_commit(self.tip(&repo)?)?;
        let mut index = repo.cherrypick_commit(&aside, &tip, 0, Some(&MergeOptions::new()))?;
        if index.has_conflicts() {
            return Ok(BroughtBack::Conflict { files: conflicts(&index)? });
        }
        let tree = index.write_tree_to(&repo)?;
        if tree == tip.tree_id() {
            return Ok(BroughtBack::Nothing);
        }
        self.show(&repo, tree)?;
        Ok(BroughtBack::Ready)
    }
}

fn name(message: &MessageId) -> String {
    format!("refs/webordinary/aside/{message}")
}
