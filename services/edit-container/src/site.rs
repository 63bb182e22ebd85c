//! A thread's preview: its site with the packages in place, found for the preview host, opened and opened again.

use crate::claimed::Claimed;
use crate::error::{TurnError, local};
use async_trait::async_trait;
use domain::ThreadId;
use ports::progress::ProgressEvent;
use preview::{Saved, Site, Sites};
use std::path::Path;
use std::sync::{Arc, OnceLock, Weak};
use tracing::warn;

/// Starts the thread's preview without waiting for it; a turn does not need it.
pub(crate) fn open_in_background(claimed: &Arc<Claimed>, thread: &ThreadId) {
    in_background(claimed, thread, Opening::First);
}

/// Starts the thread's dev server anew, if it runs, after its worktree moved by more than an edit.
pub(crate) fn reopen_in_background(claimed: &Arc<Claimed>, thread: &ThreadId) {
    in_background(claimed, thread, Opening::Again);
}

#[derive(Clone, Copy)]
enum Opening {
    First,
    Again,
}

fn in_background(claimed: &Arc<Claimed>, thread: &ThreadId, opening: Opening) {
    let Some(previews) = claimed.previews.clone() else { return };
    let (tasks, claimed, thread) = (claimed.tasks.clone(), Arc::clone(claimed), thread.clone());
    tasks.spawn(async move {
        let ending = claimed.ending.clone();
        let _busy = claimed.activity.begin();
        match ending.run_until_cancelled(claimed.locate_site(&thread)).await {
            None => {}
            Some(Ok(site)) => {
                match opening {
                    Opening::First => previews.ensure(site),
                    Opening::Again => previews.restart(&thread).await,
                }
                claimed.registry.serves(&thread, &previews);
            }
            Some(Err(error)) => {
                warn!(thread.id = %thread, %error, "the preview could not be opened");
                claimed.registry.failed(&thread, error.to_string());
            }
        }
    });
}

impl Claimed {
    /// The thread's site with its packages in place.
    pub(crate) async fn locate_site(&self, thread: &ThreadId) -> Result<Site, TurnError> {
        let tree = self.tree(thread).await?;
        let watch = Watch { claimed: self, thread };
        let packages = self.config.packages.ensure(tree.path(), &watch).await;
        let node_modules = packages.map_err(|error| TurnError::Local(error.to_string()))?;
        link(&node_modules, tree.path())?;
        let cache_dir = self.config.places.local.join(self.pair_dir()).join("caches").join(thread.as_str());
        Ok(Site { thread: thread.clone(), root: tree.path().to_owned(), node_modules, cache_dir })
    }
}

/// Shows the installation of packages to those who watch the thread.
struct Watch<'a> {
    claimed: &'a Claimed,
    thread: &'a ThreadId,
}

impl toolchain::Progress for Watch<'_> {
    fn step(&self, what: &str) {
        self.claimed.backends.progress.publish(self.thread, ProgressEvent::Note { text: what.to_owned() });
    }

    fn line(&self, _text: &str) {}
}

/// Finds sites for the preview host, which is older than the claimed it asks.
pub(crate) struct Finder {
    pub(crate) claimed: OnceLock<Weak<Claimed>>,
    /// What is shown while a site is not served.
    pub(crate) saved: Arc<Saved>,
}

#[async_trait]
impl Sites for Finder {
    async fn locate(&self, thread: &ThreadId) -> Option<Site> {
        let claimed = self.claimed.get()?.upgrade()?;
        match claimed.locate_site(thread).await {
            Ok(site) => Some(site),
            Err(error) => {
                warn!(thread.id = %thread, %error, "the preview could not be opened");
                None
            }
        }
    }

    fn saved(&self) -> Option<&Saved> {
        Some(&self.saved)
    }
}

/// Points the worktree's `node_modules` at the shared packages.
fn link(node_modules: &Path, worktree: &Path) -> Result<(), TurnError> {
    let link = worktree.join("node_modules");
    if std::fs::read_link(&link).is_ok_and(|to| to == node_modules) {
        return Ok(());
    }
    // Absent, or pointing at the packages of an older lock file.
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(node_modules, &link).map_err(|error| local(&link, &error))
}
