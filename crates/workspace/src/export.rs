//! A commit's files, written somewhere else than into its worktree.

use crate::commit::CommitId;
use crate::{Result, ThreadTree};
use git2::Repository;
use git2::build::CheckoutBuilder;
use std::path::Path;
use std::{fs, io};

impl ThreadTree {
    /// The id of the commit's tree: the same for the same files, whatever the commit says.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when the commit's objects are not here.
    pub fn tree_id(&self, commit: &CommitId) -> Result<String> {
        Ok(self.open()?.find_commit(commit.oid()?)?.tree_id().to_string())
    }

    /// Writes the files of `commit` into `dir`, which holds nothing else afterwards.
    pub fn export(&self, commit: &CommitId, dir: &Path) -> Result<()> {
        let repo = self.open()?;
        let tree = repo.find_commit(commit.oid()?)?.tree()?;
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(dir)?,
        }
        let mut options = CheckoutBuilder::new();
        options.target_dir(dir).force().recreate_missing(true).update_index(false);
        Ok(repo.checkout_tree(tree.as_object(), Some(&mut options))?)
    }
}

/// The id of the tree that is checked out at `dir`.
pub fn tree_at(dir: &Path) -> Result<String> {
    Ok(Repository::open(dir)?.head()?.peel_to_tree()?.id().to_string())
}
