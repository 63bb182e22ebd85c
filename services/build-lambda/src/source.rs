//! The project's repository, asked from async code.

use crate::run::Trouble;
use domain::project::Project;
use ports::messages::Message;
use std::path::{Path, PathBuf};
use workspace::{CommitId, ErrorKind, Origin, WorkspaceError};

/// A project's origin.
#[derive(Clone)]
pub(crate) struct Source {
    origin: Origin,
}

impl Source {
    pub(crate) fn new(project: &Project, askpass: Option<PathBuf>) -> Self {
        let (url, default_branch) = (project.repository.clone(), project.default_branch.clone());
        Self { origin: Origin { url, default_branch, askpass } }
    }

    /// The tip of the default branch now.
    pub(crate) async fn head(&self) -> Result<CommitId, Trouble> {
        let origin = self.origin.clone();
        blocking(move || workspace::head(&origin)).await.map_err(|err| match err.kind() {
            ErrorKind::NotFound | ErrorKind::Denied | ErrorKind::Malformed => {
                Trouble::Site(format!("The site's repository cannot be read: {err}."))
            }
            _ => Trouble::Later(format!("the repository cannot be asked: {err}")),
        })
    }

    /// Puts the files of `commit` into `dir`, which is made. A commit that is not there any more is asked for
    /// again later, when there is another head.
    pub(crate) async fn checkout(&self, commit: &CommitId, dir: &Path) -> Result<(), Trouble> {
        let (origin, commit, dir) = (self.origin.clone(), commit.clone(), dir.to_owned());
        let done = blocking(move || workspace::checkout(&origin, Some(&commit), &dir)).await;
        done.map(|_| ()).map_err(|err| Trouble::Later(format!("cannot check out: {err}")))
    }

    /// The publishes among `waiting` whose commit `head` contains. `scratch` is used, and removed, when the
    /// history is not on this machine.
    pub(crate) async fn contained(
        &self,
        waiting: Vec<Message>,
        head: &CommitId,
        scratch: PathBuf,
    ) -> Result<Vec<Message>, Trouble> {
        let commit = |m: &Message| m.outcome().and_then(|o| o.commit.clone());
        if waiting.iter().all(|m| commit(m).is_none_or(|c| c == head.to_string())) {
            return Ok(waiting.into_iter().filter(|m| commit(m).is_some()).collect());
        }
        let (origin, head) = (self.origin.clone(), head.clone());
        let found = blocking(move || {
            let local = PathBuf::from(&origin.url);
            let bare = if local.is_dir() {
                local
            } else {
                workspace::import(&origin.url, &scratch)?;
                scratch.clone()
            };
            let mut contained = Vec::new();
            for message in waiting {
                let Some(Ok(published)) = commit(&message).map(|c| c.parse::<CommitId>()) else { continue };
                if workspace::is_ancestor(&bare, &published, &head)? {
                    contained.push(message);
                }
            }
            if bare == scratch {
                std::fs::remove_dir_all(&scratch)?;
            }
            Ok(contained)
        });
        found.await.map_err(|err| Trouble::Later(format!("the history cannot be read: {err}")))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> workspace::Result<T> + Send + 'static,
) -> Result<T, WorkspaceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|err| Err(std::io::Error::other(err).into()))
}
