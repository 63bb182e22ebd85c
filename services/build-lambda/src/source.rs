//! The project's origin, asked from async code.

use crate::run::Trouble;
use ports::messages::Message;
use std::path::{Path, PathBuf};
use workspace::{CommitId, ErrorKind, Origin, WorkspaceError};

/// A project's origin.
#[derive(Clone)]
pub(crate) struct Source(Origin);

impl Source {
    /// That of `origin`.
    pub(crate) fn new(origin: Origin) -> Self {
        Self(origin)
    }

    /// Lets `work` ask the origin, off the async threads.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Origin) -> workspace::Result<T> + Send + 'static,
    ) -> Result<T, WorkspaceError> {
        let origin = self.0.clone();
        let done = tokio::task::spawn_blocking(move || work(&origin)).await;
        done.unwrap_or_else(|err| Err(std::io::Error::other(err).into()))
    }

    /// The tip of the default branch now.
    pub(crate) async fn head(&self) -> Result<CommitId, Trouble> {
        self.ask(workspace::head).await.map_err(|err| match err.kind() {
            ErrorKind::NotFound | ErrorKind::Denied | ErrorKind::Malformed => {
                Trouble::Site(format!("The site's repository cannot be read: {err}."))
            }
            _ => Trouble::Later(format!("the repository cannot be asked: {err}")),
        })
    }

    /// Puts the files of `commit` into `dir`, which is made. A commit that is not there any more is asked for
    /// again later, when there is another head.
    pub(crate) async fn checkout(&self, commit: &CommitId, dir: &Path) -> Result<(), Trouble> {
        let (commit, dir) = (commit.clone(), dir.to_owned());
        let done = self.ask(move |origin| workspace::checkout(origin, Some(&commit), &dir)).await;
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
        let head = head.clone();
        let found = self.ask(move |origin| {
            let local = PathBuf::from(&origin.url);
            let bare = if local.is_dir() {
                local
            } else {
                // Left by a run that was broken off.
                if scratch.exists() {
                    std::fs::remove_dir_all(&scratch)?;
                }
                workspace::copy(origin, &scratch)?;
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
