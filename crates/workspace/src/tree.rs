//! One thread's worktree and branch.

use crate::change::{Change, between};
use crate::commit::{self, CommitId, CommitSpec};
use crate::error::{ErrorKind, WorkspaceError};
use crate::layout::Registration;
use crate::{Result, Workspace, claim, files, snapshot};
use domain::{Epoch, MessageId};
use git2::build::CheckoutBuilder;
use git2::{Index, MergeOptions, Oid, Repository};
use std::path::{Path, PathBuf};

/// The trailer by which a message's commit is found again.
pub(crate) const MESSAGE_TRAILER: &str = "Webordinary-Message";

/// One thread's files and branch. Others of the same workspace may be used at the same time.
#[derive(Clone, Debug)]
pub struct ThreadTree {
    pub(crate) workspace: Workspace,
    pub(crate) branch: String,
    pub(crate) registration: Registration,
}

/// A commit whose objects are written and to which no branch points yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The commit.
    pub commit: CommitId,
    /// The branch's tip from which it was made.
    pub parent: CommitId,
    /// What it changes.
    pub changes: Vec<Change>,
}

/// How merging the default branch into a thread went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The thread had it all.
    UpToDate,
    /// The thread had nothing of its own and is at the default branch's commit now.
    FastForward(CommitId),
    /// A merge commit was made.
    Merged(CommitId),
    /// Both sides changed these files; nothing was done.
    Conflict {
        /// Sorted.
        files: Vec<PathBuf>,
    },
}

/// How taking a commit back went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revert {
    /// To be finished like any prepared commit; then call [`ThreadTree::discard`] to bring the files along.
    Ready(Prepared),
    /// Its changes are not there any more.
    NothingLeft,
    /// These files changed again since; nothing was done.
    Conflict {
        /// Sorted.
        files: Vec<PathBuf>,
    },
}

impl ThreadTree {
    /// The folder with the site's files.
    pub fn path(&self) -> &Path {
        &self.registration.tree
    }

    /// The tip of the thread's branch.
    pub fn head(&self) -> Result<CommitId> {
        Ok(self.tip(&self.open()?)?.into())
    }

    /// Makes the files those of the tip: drops edits and new files, but not ignored ones. Repairs the index.
    pub fn discard(&self) -> Result<()> {
        let repo = self.open()?;
        self.reset_to(&repo, self.tip(&repo)?)
    }

    /// What the files change against the tip.
    pub fn changes(&self) -> Result<Vec<Change>> {
        let repo = self.open()?;
        snapshot::shown(&repo, &repo.find_commit(self.tip(&repo)?)?.tree()?)
    }

    /// What the branch changes since `base`.
    pub fn diff_since(&self, base: &CommitId) -> Result<Vec<Change>> {
        let repo = self.open()?;
        between(&repo, base.oid()?, self.tip(&repo)?)
    }

    /// Writes a commit of everything that changed; moves no branch. `None` when nothing changed. Removes litter.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] naming the file that cannot be committed (a link out of the site, a repository inside
    /// it, more than [`crate::FILE_MAX`] bytes).
    pub fn prepare(&self, spec: &CommitSpec) -> Result<Option<Prepared>> {
        let repo = self.open()?;
        let tip = repo.find_commit(self.tip(&repo)?)?;
        let old = tip.tree()?;
        let new = snapshot::write(&repo, self.path(), &old)?;
        if new == old.id() {
            return Ok(None);
        }
        self.prepared(&repo, spec, new).map(Some)
    }

    /// Writes one commit that takes back what `commits` changed, in this order (a merge: against its first parent). Moves
    /// no branch. Files that are not committed are not looked at.
    pub fn prepare_revert(&self, commits: &[CommitId], spec: &CommitSpec) -> Result<Revert> {
        let repo = self.open()?;
        let tip = repo.find_commit(self.tip(&repo)?)?;
        let mut now = tip.clone();
        for commit in commits {
            let commit = repo.find_commit(commit.oid()?)?;
            let mainline = u32::from(commit.parent_count() > 1);
            let mut index = repo.revert_commit(&commit, &now, mainline, Some(&MergeOptions::new()))?;
            if index.has_conflicts() {
                return Ok(Revert::Conflict { files: conflicts(&index)? });
            }
            // A step on the way, which nothing points to.
            let step = write_commit(&repo, spec, index.write_tree_to(&repo)?, &[now.id()])?;
            now = repo.find_commit(step)?;
        }
        if now.tree_id() == tip.tree_id() {
            return Ok(Revert::NothingLeft);
        }
        self.prepared(&repo, spec, now.tree_id()).map(Revert::Ready)
    }

    /// A commit that was prepared before, perhaps by a process that is gone, to be finished now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when its objects are not here.
    pub fn resume(&self, commit: &CommitId) -> Result<Prepared> {
        let repo = self.open()?;
        let found = repo.find_commit(commit.oid()?)?;
        let parent = found.parent_id(0)?;
        let changes = between(&repo, parent, found.id())?;
        Ok(Prepared { commit: commit.clone(), parent: parent.into(), changes })
    }

    /// Moves the branch to a prepared commit, while the claim is locked at `epoch`. A second time is as good.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] when `epoch` is not the current one; [`ErrorKind::Conflict`] when the branch is not at
    /// the commit's parent.
    pub fn finish(&self, prepared: &Prepared, epoch: Epoch) -> Result<()> {
        let repo = self.open()?;
        let (from, to) = (prepared.parent.oid()?, prepared.commit.oid()?);
        repo.find_commit(to)?;
        claim::advance(&repo, &self.ref_name(), (from, to), epoch)?;
        self.sync_index(&repo, to)
    }

    /// Merges the origin's default branch, as last fetched, into the thread. Needs a worktree without changes.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the worktree has changes; [`ErrorKind::LeaseLost`] as in [`Self::finish`].
    pub fn merge_default(&self, spec: &CommitSpec, epoch: Epoch) -> Result<Merge> {
        let repo = self.open()?;
        let (tip, theirs) = (self.tip(&repo)?, self.workspace.default_tip(&repo)?);
        if commit::contains(&repo, tip, theirs)? {
            return Ok(Merge::UpToDate);
        }
        if !snapshot::found(&repo, &repo.find_commit(tip)?.tree()?)?.is_empty() {
            return Err(WorkspaceError::new(
                ErrorKind::Conflict,
                "the thread has changes that are not committed",
            ));
        }
        if commit::contains(&repo, theirs, tip)? {
            self.bring(&repo, (tip, theirs), epoch)?;
            return Ok(Merge::FastForward(theirs.into()));
        }
        let merged = match merge(&repo, (tip, theirs), spec)? {
            Ok(merged) => merged,
            Err(files) => return Ok(Merge::Conflict { files }),
        };
        self.bring(&repo, (tip, merged), epoch)?;
        Ok(Merge::Merged(merged.into()))
    }

    /// The newest commit on this branch that was made for `message`.
    pub fn find(&self, message: &MessageId) -> Result<Option<CommitId>> {
        let repo = self.open()?;
        let found = commit::find_trailer(&repo, self.tip(&repo)?, (MESSAGE_TRAILER, message.as_str()))?;
        Ok(found.map(CommitId::from))
    }

    /// Whether the repository has this commit, on whatever branch or none.
    pub fn exists(&self, commit: &CommitId) -> Result<bool> {
        Ok(self.open()?.find_commit(commit.oid()?).is_ok())
    }

    /// Whether `commit` is the tip or an ancestor of it.
    pub fn contains(&self, commit: &CommitId) -> Result<bool> {
        let repo = self.open()?;
        let oid = commit.oid()?;
        Ok(repo.find_commit(oid).is_ok() && commit::contains(&repo, self.tip(&repo)?, oid)?)
    }

    pub(crate) fn open(&self) -> Result<Repository> {
        self.registration.open()
    }

    fn ref_name(&self) -> String {
        format!("refs/heads/{}", self.branch)
    }

    pub(crate) fn tip(&self, repo: &Repository) -> Result<Oid> {
        Ok(repo.refname_to_id(&self.ref_name())?)
    }

    fn prepared(&self, repo: &Repository, spec: &CommitSpec, tree: Oid) -> Result<Prepared> {
        let tip = repo.find_commit(self.tip(repo)?)?;
        let commit = write_commit(repo, spec, tree, &[tip.id()])?;
        let changes = between(repo, tip.id(), commit)?;
        Ok(Prepared { commit: commit.into(), parent: tip.id().into(), changes })
    }

    /// Brings files, then branch, from one commit to another. In this order a kill in between leaves a worktree that
    /// is marked incomplete and is made anew from the branch; the other way round it would look like a revert.
    fn bring(&self, repo: &Repository, (from, to): (Oid, Oid), epoch: Epoch) -> Result<()> {
        claim::check(repo, epoch)?;
        let moved = self.registration.writing(|| {
            self.checkout(repo, to)?;
            claim::advance(repo, &self.ref_name(), (from, to), epoch)
        });
        if moved.is_err() {
            self.reset_to(repo, self.tip(repo)?)?;
        }
        moved
    }

    fn reset_to(&self, repo: &Repository, commit: Oid) -> Result<()> {
        self.registration.writing(|| {
            self.sync_index(repo, commit)?;
            self.checkout(repo, commit)?;
            snapshot::remove_new(repo, self.path(), &repo.find_commit(commit)?.tree()?)
        })
    }

    /// Makes the files those of `tree`, as changes that are not committed.
    pub(crate) fn show(&self, repo: &Repository, tree: Oid) -> Result<()> {
        self.registration.writing(|| self.checkout(repo, tree))?;
        self.sync_index(repo, self.tip(repo)?)
    }

    /// Writes the files of a commit or tree.
    fn checkout(&self, repo: &Repository, of: Oid) -> Result<()> {
        self.remove_index_lock()?;
        let files = repo.find_object(of, None)?;
        Ok(repo.checkout_tree(&files, Some(CheckoutBuilder::new().force()))?)
    }

    /// Makes the index that of `commit`; what it knows of unchanged files is kept.
    fn sync_index(&self, repo: &Repository, commit: Oid) -> Result<()> {
        self.remove_index_lock()?;
        let mut index = repo.index()?;
        index.read(true)?;
        index.read_tree(&repo.find_commit(commit)?.tree()?)?;
        Ok(index.write()?)
    }

    fn remove_index_lock(&self) -> Result<()> {
        files::remove(&self.registration.admin.join("index.lock"))
    }
}

/// Writes a commit object; moves no ref.
pub(crate) fn write_commit(repo: &Repository, spec: &CommitSpec, tree: Oid, parents: &[Oid]) -> Result<Oid> {
    let parents = parents.iter().map(|id| repo.find_commit(*id)).collect::<Result<Vec<_>, _>>()?;
    let who = spec.author.signature(spec.when)?;
    let tree = repo.find_tree(tree)?;
    Ok(repo.commit(None, &who, &who, &spec.message()?, &tree, &parents.iter().collect::<Vec<_>>())?)
}

/// Writes a merge commit of `theirs` into `ours`, or names the files that both changed.
pub(crate) fn merge(
    repo: &Repository,
    (ours, theirs): (Oid, Oid),
    spec: &CommitSpec,
) -> Result<std::result::Result<Oid, Vec<PathBuf>>> {
    let (a, b) = (repo.find_commit(ours)?, repo.find_commit(theirs)?);
    let mut index = repo.merge_commits(&a, &b, Some(MergeOptions::new().find_renames(true)))?;
    if index.has_conflicts() {
        return Ok(Err(conflicts(&index)?));
    }
    let tree = index.write_tree_to(repo)?;
    write_commit(repo, spec, tree, &[ours, theirs]).map(Ok)
}

pub(crate) fn conflicts(index: &Index) -> Result<Vec<PathBuf>> {
    use std::os::unix::ffi::OsStringExt;
    let mut files = Vec::new();
    for conflict in index.conflicts()? {
        let conflict = conflict?;
        let sides = [conflict.our, conflict.their, conflict.ancestor];
        if let Some(entry) = sides.into_iter().flatten().next() {
            files.push(PathBuf::from(std::ffi::OsString::from_vec(entry.path)));
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}
