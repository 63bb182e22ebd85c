//! What every turn of a claimed pair works with: its repository, its worktrees, its people, and who watches.

use crate::check::Builds;
use crate::config::Config;
use crate::error::TurnError;
use crate::registry::PreviewRegistry;
use agent::Agents;
use domain::names::QueueSet;
use domain::project::Project;
use domain::{ContainerId, Epoch, Pair, ThreadId};
use ports::Backends;
use ports::messages::{Channel, Message};
use ports::progress::ProgressEvent;
use preview::PreviewHost;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use workspace::{Author, Origin, Places, ThreadTree, Workspace, WorkspaceError};

/// What every turn of the pair works with.
pub(crate) struct Claimed {
    pub(crate) id: ContainerId,
    pub(crate) pair: Pair,
    pub(crate) epoch: Epoch,
    pub(crate) config: Config,
    pub(crate) backends: Backends,
    pub(crate) agents: Agents,
    /// `None` where there are no dev servers.
    pub(crate) previews: Option<Arc<PreviewHost>>,
    pub(crate) registry: Arc<PreviewRegistry>,
    pub(crate) queues: QueueSet,
    pub(crate) opened: Mutex<Option<Opened>>,
    /// One at a time touches a thread's worktree: its turn, or the opening of its preview.
    pub(crate) trees: TreeLocks,
    pub(crate) activity: Activity,
    pub(crate) builds: Builds,
    /// What goes on beside turns: the opening of previews. Each heeds `ending`.
    pub(crate) tasks: TaskTracker,
    /// Ends every turn: the container drains, or the claim is lost.
    pub(crate) ending: CancellationToken,
}

/// The pair's repository, and what it was opened with.
pub(crate) struct Opened {
    project: Project,
    origin: Origin,
    workspace: Arc<Workspace>,
}

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

impl Claimed {
    /// The pair's repository: cloned or fetched when first asked for, and again when another key opens it.
    pub(crate) async fn workspace(&self) -> Result<Arc<Workspace>, TurnError> {
        let mut opened = self.opened.lock().await;
        let project = match &*opened {
            Some(opened) => opened.project.clone(),
            None => self.backends.projects.get(&self.pair.project_id).await?,
        };
        let origin = self.config.keys.origin(&project).await?;
        if let Some(opened) = opened.as_ref().filter(|opened| opened.origin == origin) {
            return Ok(Arc::clone(&opened.workspace));
        }
        let workspace = self.open(origin.clone()).await?;
        *opened = Some(Opened { project, origin, workspace: Arc::clone(&workspace) });
        Ok(workspace)
    }

    async fn open(&self, origin: Origin) -> Result<Arc<Workspace>, TurnError> {
        let (key, epoch) = (self.pair_dir(), self.epoch);
        let places = Places {
            repo: self.config.places.persistent.join(&key).join("repository.git"),
            worktrees: self.config.places.local.join(&key).join("worktrees"),
        };
        self.blocking(move || {
            let workspace = Workspace::open(origin, places)?;
            workspace.take(epoch)?;
            Ok(Arc::new(workspace))
        })
        .await
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

    /// The pair as folders.
    pub(crate) fn pair_dir(&self) -> PathBuf {
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

/// When the pair last did something.
pub(crate) struct Activity {
    busy: AtomicUsize,
    last: std::sync::Mutex<Instant>,
}

impl Default for Activity {
    fn default() -> Self {
        Self { busy: AtomicUsize::new(0), last: std::sync::Mutex::new(Instant::now()) }
    }
}

impl Activity {
    /// Counts as busy until the guard is dropped; the idle clock begins then.
    pub(crate) fn begin(&self) -> Busy<'_> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        Busy(self)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn quiet_for(&self) -> Duration {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// Work is going on.
pub(crate) struct Busy<'a>(&'a Activity);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The name under which a person's commits stand.
fn author_of(address: &str) -> Author {
    let name = address.split('@').next().unwrap_or(address);
    Author { name: name.to_owned(), email: address.to_owned() }
}
