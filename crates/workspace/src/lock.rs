//! Locks between threads and processes that the kernel lets go when their holder dies.

use crate::Result;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// What a lock guards.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    /// Refs that this crate moves, and worktree registrations. Held for milliseconds.
    Refs,
    /// The clone itself, and everything the `git` program does to it. Held as long as that program runs.
    Origin,
}

/// A held lock; dropping it lets go.
///
/// Git's own lock files stay behind when their writer is killed. Every writer of ours holds one of these first, so
/// whoever holds it may remove a lock file that it finds: its writer is dead.
#[derive(Debug)]
pub(crate) struct Guard(File);

impl Guard {
    /// Waits for the lock that belongs to the bare repository at `repo`.
    pub(crate) fn acquire(repo: &Path, scope: Scope) -> Result<Self> {
        let path = beside(repo, scope);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(Self(file))
    }

    /// A handle for a child's standard input: as long as the child lives, the lock is held, even if we die.
    pub(crate) fn for_child(&self) -> Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }
}

fn beside(repo: &Path, scope: Scope) -> PathBuf {
    let mut name = repo.file_name().map_or_else(|| OsString::from("repository"), OsString::from);
    name.push(match scope {
        Scope::Refs => ".refs.lock",
        Scope::Origin => ".origin.lock",
    });
    repo.with_file_name(name)
}

/// Removes git's lock file for `target`, left by a writer that was killed. The caller holds the [`Guard`].
pub(crate) fn remove_stale(target: &Path) -> Result<()> {
    let mut name = OsString::from(target);
    name.push(".lock");
    match fs::remove_file(name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
