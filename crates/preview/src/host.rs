//! All dev servers of this process: started on demand, the least recently used ended when others need the room.

use crate::config::{PreviewConfig, Site, Sites};
use crate::headers;
use crate::proxy::Upstream;
use crate::server::{Ended, Server, Status, install_wrapper};
use domain::ThreadId;
use http::HeaderValue;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A run that dies sooner than this died quickly.
const QUICK: Duration = Duration::from_mins(1);
/// After so many quick deaths in a row requests alone no longer start it at once.
const QUICK_DEATHS: u32 = 3;
/// The first pause then; it doubles with every further death.
const PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_mins(5);

/// Why a preview cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// No dev server of this thread was asked for.
    #[error("no preview of this thread is running")]
    NotRunning,
    /// It did not answer in time; it may yet.
    #[error("the preview did not answer within {0:?}")]
    Late(Duration),
    /// It ended, or never came to answer.
    #[error("{says}")]
    Failed {
        /// What happened, in plain words.
        says: String,
        /// What the dev server printed last, oldest line first.
        output: Vec<String>,
    },
}

/// What is known of one thread.
#[derive(Debug)]
struct Slot {
    server: Arc<Server>,
    quick_deaths: u32,
    /// Before this, requests do not start it again.
    not_before: Option<Instant>,
}

/// The dev servers of this process, and the way to them.
pub struct PreviewHost {
    pub(crate) config: PreviewConfig,
    pub(crate) sites: Arc<dyn Sites>,
    pub(crate) frame_ancestors: HeaderValue,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    wrapper: PathBuf,
    slots: Mutex<HashMap<ThreadId, Slot>>,
    /// Whose turn it is to look for a thread's site.
    waking: Mutex<HashMap<ThreadId, Arc<tokio::sync::Mutex<()>>>>,
}

impl PreviewHost {
    /// Sets up previews; starts nothing yet. Ends all of them when `stop` is cancelled.
    ///
    /// Fails when the wrapper cannot be written to `config.tools_dir`.
    pub fn new(
        config: PreviewConfig,
        sites: Arc<dyn Sites>,
        stop: &CancellationToken,
    ) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            wrapper: install_wrapper(&config.tools_dir)?,
            frame_ancestors: headers::frame_ancestors(&config.app_origin),
            config,
            sites,
            tasks: TaskTracker::new(),
            stop: stop.child_token(),
            slots: Mutex::default(),
            waking: Mutex::default(),
        }))
    }

    /// Starts the dev server of `site` in the background when none of it runs, also when it died before.
    pub fn ensure(self: &Arc<Self>, site: Site) {
        self.start(site, Asker::Owner);
    }

    /// Waits until the dev server of `thread` has answered a request through its real route, at most `limit`.
    pub async fn ready(&self, thread: &ThreadId, limit: Duration) -> Result<(), PreviewError> {
        let server = self.server(thread).ok_or(PreviewError::NotRunning)?;
        match timeout(limit, server.settled()).await {
            Ok(Status::Ready(_)) => Ok(()),
            Ok(Status::Ended(Ended::Died(says))) => {
                Err(PreviewError::Failed { says, output: server.output.last(200) })
            }
            Ok(_) => Err(PreviewError::NotRunning),
            Err(_) => Err(PreviewError::Late(limit)),
        }
    }

    /// Ends the dev server of `thread`, if one runs, and starts it again: needed after its worktree moved to another
    /// commit by more than an edit. Resolves when the new one has been started, not when it is ready.
    pub async fn restart(self: &Arc<Self>, thread: &ThreadId) {
        let Some(server) = self.server(thread) else { return };
        let wanted = !matches!(*server.status.borrow(), Status::Ended(Ended::Asked));
        self.end(thread).await;
        if let (true, Some(site)) = (wanted, server.site.clone()) {
            self.ensure(site);
        }
    }

    /// Ends the dev server of `thread`; nothing of it is alive afterwards. A later request starts it again.
    pub async fn end(&self, thread: &ThreadId) {
        if let Some(server) = self.server(thread) {
            server.end.cancel();
            server.over().await;
        }
    }

    /// Ends all dev servers and open tunnels, and refuses to start others.
    pub async fn drain(&self) {
        self.stop.cancel();
        // Who holds this may be starting one, and has not seen the signal; it is tracked once the lock is free.
        drop(self.slots());
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// When somebody last used the preview of `thread`; its start counts too.
    pub fn last_activity(&self, thread: &ThreadId) -> Option<Instant> {
        Some(self.server(thread)?.last_activity())
    }

    /// How many dev servers run or start.
    pub fn running(&self) -> usize {
        self.slots().values().filter(|slot| slot.server.site.is_some() && !slot.server.is_over()).count()
    }

    /// Uses the server at `addr`, which somebody else runs, as the dev server of `thread`.
    pub fn attach(&self, thread: ThreadId, addr: SocketAddr) {
        let status = Status::Ready(Upstream::new(addr, "/".to_owned()));
        let server = Server::new(None, self.config.prefix(&thread), status, self.stop.child_token());
        self.slots().insert(thread, Slot { server: Arc::new(server), quick_deaths: 0, not_before: None });
    }

    pub(crate) fn server(&self, thread: &ThreadId) -> Option<Arc<Server>> {
        self.slots().get(thread).map(|slot| Arc::clone(&slot.server))
    }

    /// The running server of `thread`; starts it when there is a site and no reason to wait. `None`: no such site.
    pub(crate) async fn wake(self: &Arc<Self>, thread: &ThreadId) -> Option<Arc<Server>> {
        if let Some(server) = self.server(thread)
            && !server.is_over()
        {
            return Some(server);
        }
        // However many ask at once, the site is looked for once.
        let turn = Arc::clone(self.waking().entry(thread.clone()).or_default());
        let _turn = turn.lock().await;
        if let Some(server) = self.server(thread)
            && !server.is_over()
        {
            return Some(server);
        }
        let site = self.sites.locate(thread).await;
        self.waking().remove(thread);
        Some(self.start(site?, Asker::Request))
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<ThreadId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waking(&self) -> MutexGuard<'_, HashMap<ThreadId, Arc<tokio::sync::Mutex<()>>>> {
        self.waking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The running server of `site`, a new one, or the dead one that has to stay dead for a while.
    fn start(self: &Arc<Self>, site: Site, asker: Asker) -> Arc<Server> {
        let prefix = self.config.prefix(&site.thread);
        let mut slots = self.slots();
        if self.stop.is_cancelled() {
            let over = Status::Ended(Ended::Asked);
            return Arc::new(Server::new(Some(site), prefix, over, self.stop.clone()));
        }
        let mut server = Server::new(None, prefix, Status::Starting, self.stop.child_token());
        let mut quick_deaths = 0;
        if let Some(slot) = slots.get(&site.thread) {
            let paused = slot.not_before.is_some_and(|time| Instant::now() < time) && asker == Asker::Request;
            if !slot.server.is_over() || paused {
                return Arc::clone(&slot.server);
            }
            if asker == Asker::Request {
                quick_deaths = slot.quick_deaths;
            }
            server = server.after(&slot.server);
        }
        let thread = site.thread.clone();
        server.site = Some(site);
        let server = Arc::new(server);
        slots.insert(thread, Slot { server: Arc::clone(&server), quick_deaths, not_before: None });
        let others = surplus(&slots, self.config.max_servers.max(1), &server);
        let host = Arc::clone(self);
        let run = Arc::clone(&server);
        self.tasks.spawn(async move {
            for other in others {
                other.end.cancel();
                other.over().await;
            }
            run.run(&host.config, &host.wrapper).await;
            host.note_end(&run);
        });
        drop(slots);
        server
    }

    /// Counts quick deaths.
    fn note_end(&self, server: &Arc<Server>) {
        let mut slots = self.slots();
        let slot = slots.values_mut().find(|slot| Arc::ptr_eq(&slot.server, server));
        let died = matches!(*server.status.borrow(), Status::Ended(Ended::Died(_)));
        if let Some(slot) = slot {
            slot.quick_deaths =
                if died && server.since.elapsed() < QUICK { slot.quick_deaths + 1 } else { 0 };
            slot.not_before = pause(slot.quick_deaths).map(|pause| Instant::now() + pause);
        }
    }
}

/// Who wants a dev server to run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// The part that owns the worktree: it knows why it should work now.
    Owner,
    /// Somebody who looks.
    Request,
}

/// The servers to end so that at most `max` run, least recently used first, never `newest`.
fn surplus(slots: &HashMap<ThreadId, Slot>, max: usize, newest: &Arc<Server>) -> Vec<Arc<Server>> {
    let mut running: Vec<_> = slots
        .values()
        .map(|slot| &slot.server)
        .filter(|server| server.site.is_some() && !server.is_over() && !server.end.is_cancelled())
        .filter(|server| !Arc::ptr_eq(server, newest))
        .collect();
    running.sort_by_key(|server| server.last_activity());
    let excess = (running.len() + 1).saturating_sub(max);
    running.into_iter().take(excess).cloned().collect()
}

/// How long a server that died so often stays dead.
fn pause(quick_deaths: u32) -> Option<Duration> {
    let beyond = quick_deaths.checked_sub(QUICK_DEATHS)?;
    Some((PAUSE * 2u32.saturating_pow(beyond.min(8))).min(PAUSE_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_keeps_dying_is_left_alone_for_longer_and_longer() {
        assert_eq!(pause(2), None);
        assert_eq!(pause(3), Some(Duration::from_secs(10)));
        assert_eq!(pause(4), Some(Duration::from_secs(20)));
        assert_eq!(pause(100), Some(PAUSE_MAX));
    }
}
