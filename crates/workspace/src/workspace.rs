//! The bare clone of one client, project and user, from which every thread gets its worktree.

use crate::commit::CommitId;
use crate::error::{ErrorKind, WorkspaceError};
use crate::layout::{self, Kind, Registration};
use crate::lock::{Guard, Scope, remove_stale};
use crate::{Origin, Result, ThreadTree, claim, files, program};
use domain::{Epoch, ThreadId};
use git2::{Oid, Repository};
use std::fs;
use std::path::{Path, PathBuf};

/// Where a workspace lies on disk.
#[derive(Clone, Debug)]
pub struct Places {
    /// The bare clone. Lock files are kept beside it.
    pub repo: PathBuf,
    /// The folder that holds one worktree per thread.
    pub worktrees: PathBuf,
}

/// Git for one client, project and user. Cheap to clone; may be used from several threads at once.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(crate) origin: Origin,
    pub(crate) places: Places,
}

impl Workspace {
    /// Clones when there is no clone yet, else fetches.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the origin, or its default branch, is not there or has no commit: an empty
    /// repository is never made up.
    pub fn open(origin: Origin, places: Places) -> Result<Self> {
        let Places { repo, worktrees } = places;
        for dir in [repo.parent(), Some(&*worktrees)].into_iter().flatten() {
            fs::create_dir_all(dir)?;
        }
        // Registrations name both paths, so these must not depend on the process's own folder.
        let places = Places { repo: canonical(&repo)?, worktrees: worktrees.canonicalize()? };
        let workspace = Self { origin, places };
        let guard = Guard::acquire(&workspace.places.repo, Scope::Origin)?;
        if workspace.places.repo.is_dir() {
            workspace.fetch_holding(&guard, &workspace.places.repo)?;
        } else {
            files::appear(&workspace.places.repo, |draft| {
                layout::init(draft, &workspace.origin.default_branch, Kind::Bare)?;
                workspace.fetch_holding(&guard, draft)
            })?;
        }
        Ok(workspace)
    }

    /// Makes `epoch` the one under which refs move; a second time is as good.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] when a higher epoch was taken before.
    pub fn take(&self, epoch: Epoch) -> Result<()> {
        claim::take(&self.repository()?, epoch)
    }

    /// Gets the origin's default branch. An origin on this disk that has not moved is seen without starting a program:
    /// every turn begins with this.
    pub fn fetch(&self) -> Result<()> {
        let guard = Guard::acquire(&self.places.repo, Scope::Origin)?;
        if self.is_up_to_date() {
            return Ok(());
        }
        self.fetch_holding(&guard, &self.places.repo)
    }

    fn is_up_to_date(&self) -> bool {
        let origin = Path::new(&self.origin.url);
        let branch = format!("refs/heads/{}", self.origin.default_branch);
        let ours = self.repository().and_then(|repo| self.default_tip(&repo));
        let theirs = || Repository::open_bare(origin)?.refname_to_id(&branch);
        origin.is_absolute() && ours.is_ok_and(|ours| theirs().is_ok_and(|theirs| theirs == ours))
    }

    /// The worktree of a thread; makes its branch (from the default branch) and its files when they are not there, and
    /// repairs what a kill left half done.
    pub fn thread(&self, id: &ThreadId) -> Result<ThreadTree> {
        let repo = self.repository()?;
        let branch = id.branch();
        let registration = Registration {
            admin: self.places.repo.join("worktrees").join(&branch),
            tree: self.places.worktrees.join(&branch),
        };
        {
            let _guard = Guard::acquire(&self.places.repo, Scope::Refs)?;
            let name = format!("refs/heads/{branch}");
            remove_stale(&self.places.repo.join(&name))?;
            if repo.refname_to_id(&name).is_err() {
                repo.reference(&name, self.default_tip(&repo)?, false, "thread")?;
            }
            registration.ensure(&self.places.repo, &branch)?;
        }
        let complete = registration.is_complete();
        let tree = ThreadTree { workspace: self.clone(), branch, registration };
        if !complete {
            tree.discard()?;
        }
        Ok(tree)
    }

    pub(crate) fn repository(&self) -> Result<Repository> {
        Ok(Repository::open_bare(&self.places.repo)?)
    }

    /// The tip of the origin's default branch, as last fetched: what is published, or will be.
    pub fn default_head(&self) -> Result<CommitId> {
        Ok(self.default_tip(&Repository::open_bare(&self.places.repo)?)?.into())
    }

    /// The origin's default branch as last fetched.
    pub(crate) fn default_tip(&self, repo: &Repository) -> Result<Oid> {
        Ok(repo.refname_to_id(&self.tracking())?)
    }

    pub(crate) fn tracking(&self) -> String {
        format!("refs/remotes/origin/{}", self.origin.default_branch)
    }

    pub(crate) fn fetch_holding(&self, guard: &Guard, repo: &Path) -> Result<()> {
        remove_stale(&repo.join(self.tracking()))?;
        let from = format!("+refs/heads/{}:{}", self.origin.default_branch, self.tracking());
        let args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", &self.origin.url, &from];
        program::succeed(&self.origin, repo, &args, Some(guard)).map_err(|error| {
            error.doing(&format!("cannot get branch {} of {}", self.origin.default_branch, self.origin.url))
        })?;
        Ok(())
    }
}

fn canonical(path: &Path) -> Result<PathBuf> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => Ok(parent.canonicalize()?.join(name)),
        _ => Err(WorkspaceError::new(ErrorKind::Malformed, "a repository needs a whole path")),
    }
}
