//! The pieces that turns share: the thread's worktree, its places on disk, its people, and its preview.

use crate::desk::Desk;
use crate::instruct::{author_of, local};
use crate::turn::TurnError;
use async_trait::async_trait;
use domain::ThreadId;
use ports::messages::{Channel, Message};
use ports::progress::ProgressEvent;
use preview::{Site, Sites};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, Weak};
use tokio::sync::Mutex;
use tracing::warn;
use workspace::{Author, Origin, Places, ThreadTree, Workspace, WorkspaceError};

/// Where a thread keeps things that outlive its container.
pub(crate) struct ThreadPlace {
    pub(crate) home: PathBuf,
    pub(crate) attachments: PathBuf,
}

/// A thread's worktree, which one at a time touches.
pub(crate) struct Tree {
    tree: ThreadTree,
    lock: Arc<Mutex<()>>,
}

impl Tree {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.tree.path()
    }
}

/// A lock for each thread's worktree.
#[derive(Default)]
pub(crate) struct TreeLocks(std::sync::Mutex<HashMap<ThreadId, Arc<Mutex<()>>>>);

impl TreeLocks {
    fn of(&self, thread: &ThreadId) -> Arc<Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(thread.clone()).or_default())
    }
}

impl Desk {
    /// The pair's repository, cloned or fetched when first asked for.
    pub(crate) async fn workspace(&self) -> Result<Arc<Workspace>, TurnError> {
        let opened = self.workspace.get_or_try_init(|| async {
            let project = self.backends.projects.get(&self.pair.project_id).await?;
            let origin =
                Origin { url: project.repository, default_branch: project.default_branch, askpass: None };
            let key = self.pair_dir();
            let places = Places {
                repo: self.config.places.persistent.join(&key).join("repository.git"),
                worktrees: self.config.places.local.join(&key).join("worktrees"),
            };
            let epoch = self.epoch;
            self.blocking(move || {
                let workspace = Workspace::open(origin, places)?;
                workspace.take(epoch)?;
                Ok(Arc::new(workspace))
            })
            .await
        });
        opened.await.cloned()
    }

    /// The thread's worktree.
    pub(crate) async fn tree(&self, thread: &ThreadId) -> Result<Arc<Tree>, TurnError> {
        let (workspace, thread) = (self.workspace().await?, thread.clone());
        let lock = self.trees.of(&thread);
        let held = Arc::clone(&lock).lock_owned().await;
        self.blocking(move || {
            let _held = held;
            workspace.fetch()?;
            Ok(Arc::new(Tree { tree: workspace.thread(&thread)?, lock }))
        })
        .await
    }

    /// Runs git work on the thread's worktree, off the async threads.
    pub(crate) async fn git<T: Send + 'static>(
        &self,
        tree: &Arc<Tree>,
        work: impl FnOnce(&ThreadTree) -> Result<T, WorkspaceError> + Send + 'static,
    ) -> Result<T, TurnError> {
        let tree = Arc::clone(tree);
        // Held by the work itself: whoever asked for it may go away, and the work goes on.
        let held = Arc::clone(&tree.lock).lock_owned().await;
        self.blocking(move || {
            let _held = held;
            work(&tree.tree)
        })
        .await
    }

    /// Runs blocking git work off the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, WorkspaceError> + Send + 'static,
    ) -> Result<T, TurnError> {
        let done = tokio::task::spawn_blocking(work).await;
        Ok(done.map_err(|error| TurnError::Local(format!("git work broke off: {error}")))??)
    }

    pub(crate) fn place_of(&self, thread: &ThreadId) -> ThreadPlace {
        let dir = self.config.places.persistent.join(self.pair_dir()).join("threads").join(thread.as_str());
        ThreadPlace { home: dir.join("home"), attachments: dir.join("attachments") }
    }

    fn pair_dir(&self) -> PathBuf {
        [self.pair.client_id.as_str(), self.pair.project_id.as_str(), self.pair.user_id.as_str()]
            .iter()
            .collect()
    }

    /// Who stands as author of the message's commit.
    pub(crate) async fn author(&self, message: &Message) -> Result<Author, TurnError> {
        if let Channel::Mail(origin) = &message.channel {
            return Ok(author_of(&origin.address));
        }
        let project = self.backends.projects.get(&self.pair.project_id).await?;
        let address = project.editor_by_id(&message.author).map(|e| e.address.clone());
        Ok(author_of(address.as_deref().unwrap_or("editor@localhost")))
    }

    /// Tells those who watch the thread.
    pub(crate) fn tell(&self, message: &Message, event: ProgressEvent) {
        self.backends.progress.publish(&message.thread, event);
    }
}

/// Starts the thread's preview without waiting for it; a turn does not need it.
pub(crate) fn open_in_background(desk: &Arc<Desk>, thread: &ThreadId) {
    in_background(desk, thread, Opening::First);
}

/// Starts the thread's dev server anew, if it runs, after its worktree moved by more than an edit.
pub(crate) fn reopen_in_background(desk: &Arc<Desk>, thread: &ThreadId) {
    in_background(desk, thread, Opening::Again);
}

#[derive(Clone, Copy)]
enum Opening {
    First,
    Again,
}

fn in_background(desk: &Arc<Desk>, thread: &ThreadId, opening: Opening) {
    let Some(previews) = desk.previews.clone() else { return };
    let (desk, thread) = (Arc::clone(desk), thread.clone());
    tokio::spawn(async move {
        let ending = desk.ending.clone();
        match ending.run_until_cancelled(desk.locate_site(&thread)).await {
            None => {}
            Some(Ok(site)) => {
                match opening {
                    Opening::First => previews.ensure(site),
                    Opening::Again => previews.restart(&thread).await,
                }
                desk.registry.serves(&thread, &previews);
            }
            Some(Err(error)) => {
                warn!(thread.id = %thread, %error, "the preview could not be opened");
                desk.registry.failed(&thread, error.to_string());
            }
        }
    });
}

impl Desk {
    /// The thread's site with its packages in place.
    pub(crate) async fn locate_site(&self, thread: &ThreadId) -> Result<Site, TurnError> {
        let tree = self.tree(thread).await?;
        let watch = Watch { desk: self, thread };
        let packages = self.config.packages.ensure(tree.path(), &watch).await;
        let node_modules = packages.map_err(|error| TurnError::Local(error.to_string()))?;
        link(&node_modules, tree.path())?;
        let cache_dir = self.config.places.local.join(self.pair_dir()).join("caches").join(thread.as_str());
        Ok(Site { thread: thread.clone(), root: tree.path().to_owned(), node_modules, cache_dir })
    }
}

/// Shows the installation of packages to those who watch the thread.
struct Watch<'a> {
    desk: &'a Desk,
    thread: &'a ThreadId,
}

impl toolchain::Progress for Watch<'_> {
    fn step(&self, what: &str) {
        self.desk.backends.progress.publish(self.thread, ProgressEvent::Note { text: what.to_owned() });
    }

    fn line(&self, _text: &str) {}
}

/// Finds sites for the preview host, which is older than the desk it asks.
#[derive(Default)]
pub(crate) struct Finder(pub(crate) OnceLock<Weak<Desk>>);

#[async_trait]
impl Sites for Finder {
    async fn locate(&self, thread: &ThreadId) -> Option<Site> {
        let desk = self.0.get()?.upgrade()?;
        match desk.locate_site(thread).await {
            Ok(site) => Some(site),
            Err(error) => {
                warn!(thread.id = %thread, %error, "the preview could not be opened");
                None
            }
        }
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
