//! Where a fleet keeps its repositories and the files of threads.

use crate::fleet::Fleet;
use crate::git::Git;
use domain::ThreadId;
use std::fs;
use std::path::{Path, PathBuf};

impl Fleet {
    /// The bare repository of a project.
    pub fn origin(&self, project: &str) -> Git {
        Git::at(self.data().join(format!("repositories/{project}.git")))
    }

    /// The bare clone in which the threads of a project's first owner are worked on.
    ///
    /// # Panics
    /// When there is none yet, or more than one.
    pub fn workspace(&self, project: &str) -> Git {
        Git::at(first_owner(&self.data().join("workspaces/local").join(project)).join("repository.git"))
    }

    /// The files of a thread of a project's first owner.
    ///
    /// # Panics
    /// When there are none yet, or those of several owners.
    pub fn worktree(&self, project: &str, thread: &ThreadId) -> PathBuf {
        let owner = first_owner(&self.data().join("local/local").join(project));
        owner.join("worktrees").join(thread.branch())
    }
}

fn first_owner(dir: &Path) -> PathBuf {
    let users: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    assert_eq!(users.len(), 1, "{users:?}");
    users[0].clone()
}
