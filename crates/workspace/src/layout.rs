//! How repositories lie on disk: our settings of a repository, and the registration of a worktree.

use crate::{Result, files};
use git2::{Repository, RepositoryInitOptions, RepositoryOpenFlags};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Never committed, whatever the site's own ignore file says of them (see `snapshot`).
const EXCLUDE: &str = "node_modules\n.astro\ndist\n!/public/**/dist\n!/src/**/dist\n";

/// Outranks every .gitattributes of the site: bytes go in and out as they are, and no driver or filter is looked up.
const ATTRIBUTES: &str = "* -text -eol -crlf -ident -filter -working-tree-encoding !merge !diff\n";

/// Settings of ours; as the repository's own they outrank what the machine's operator has set for himself.
const SETTINGS: [(&str, &str); 14] = [
    ("core.filemode", "true"),
    ("core.symlinks", "true"),
    ("core.autocrlf", "false"),
    ("core.safecrlf", "false"),
    ("core.logallrefupdates", "false"),
    // Read by libgit2: objects and refs reach the disk before a call returns.
    ("core.fsyncObjectFiles", "true"),
    // The same, read by the git program.
    ("core.fsync", "committed,loose-object,reference"),
    ("core.fsmonitor", "false"),
    ("core.untrackedCache", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("receive.autogc", "false"),
    ("submodule.recurse", "false"),
    ("diff.renames", "true"),
];

/// Makes an empty repository without any template (which could bring hooks) whose HEAD is `branch`.
pub(crate) fn init(dir: &Path, branch: &str, kind: Kind) -> Result<Repository> {
    let mut options = RepositoryInitOptions::new();
    options
        .bare(kind == Kind::Bare)
        .mkpath(true)
        .no_reinit(true)
        .external_template(false)
        .initial_head(&format!("refs/heads/{branch}"));
    let repo = Repository::init_opts(dir, &options)?;
    let git = repo.path().to_owned();
    let mut config = repo.config()?;
    for (key, value) in SETTINGS {
        config.set_str(key, value)?;
    }
    for key in ["core.excludesFile", "core.attributesFile"] {
        config.set_str(key, "/nonexistent/webordinary")?;
    }
    fs::create_dir_all(git.join("info"))?;
    files::ensure(&git.join("info/exclude"), EXCLUDE)?;
    files::ensure(&git.join("info/attributes"), ATTRIBUTES)?;
    Ok(repo)
}

/// Whether a repository has files beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only objects and refs.
    Bare,
    /// With a checked out tree.
    Tree,
}

/// Where a worktree's two halves are.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    /// `worktrees/<name>` in the bare repository: HEAD, index. Trusted.
    pub(crate) admin: PathBuf,
    /// The files. What stands in them is the site's and the agent's; nothing in them is believed.
    pub(crate) tree: PathBuf,
}

impl Registration {
    /// Opens by the trusted half: the `.git` file among the site's files could name any repository.
    pub(crate) fn open(&self) -> Result<Repository> {
        let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT;
        let none: [&OsStr; 0] = [];
        Ok(Repository::open_ext(&self.admin, flags, none)?)
    }

    /// Writes or repairs the registration (gitrepository-layout(5)), and removes locks that a killed git left.
    pub(crate) fn ensure(&self, repo: &Path, branch: &str) -> Result<()> {
        fs::create_dir_all(&self.admin)?;
        fs::create_dir_all(&self.tree)?;
        if fs::read_dir(&self.tree)?.next().is_none() {
            // The files are gone as a whole. That is no owner's wish to delete every page.
            files::remove(&self.admin.join(READY))?;
        }
        for lock in ["locked", "index.lock", "HEAD.lock", "config.worktree"] {
            files::remove(&self.admin.join(lock))?;
        }
        let link = self.tree.join(".git");
        if fs::symlink_metadata(&link).is_ok_and(|meta| meta.is_dir()) {
            fs::remove_dir_all(&link)?;
        }
        files::ensure(&self.admin.join("HEAD"), &format!("ref: refs/heads/{branch}\n"))?;
        files::ensure(&self.admin.join("commondir"), &format!("{}\n", repo.display()))?;
        files::ensure(&self.admin.join("gitdir"), &format!("{}\n", link.display()))?;
        files::ensure(&link, &format!("gitdir: {}\n", self.admin.display()))
    }

    /// Whether the last checkout here ran to its end.
    pub(crate) fn is_complete(&self) -> bool {
        self.admin.join(READY).exists() && self.admin.join("index").exists()
    }

    /// Runs `write`, which changes many files, between marks: when it does not come to its end, [`Self::is_complete`]
    /// says so, and the worktree is made anew from its branch.
    pub(crate) fn writing<T>(&self, write: impl FnOnce() -> Result<T>) -> Result<T> {
        files::remove(&self.admin.join(READY))?;
        let written = write()?;
        files::ensure(&self.admin.join(READY), "")?;
        Ok(written)
    }
}

const READY: &str = "complete";
