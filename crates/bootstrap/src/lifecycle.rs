//! The life of a process: the first signal drains, the second aborts.

use std::future::Future;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

/// Exit status after a second signal: 128 + SIGINT.
const ABORTED: i32 = 130;

/// A stop signal and the tasks that heed it. Cloning shares both.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Lifecycle {
    /// A life that SIGINT and SIGTERM end: the first begins the drain, the second ends the process at once
    /// (the launchers then end every child, since their lifelines break).
    pub fn install() -> anyhow::Result<Self> {
        let life = Self::default();
        let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let stop = life.stop.clone();
        // Not tracked: it waits for a second signal for as long as the process lives.
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = int.recv() => {}
                    _ = term.recv() => {}
                }
                if stop.is_cancelled() {
                    warn!("second signal: ending at once");
                    std::process::exit(ABORTED);
                }
                info!("draining; a second signal ends at once");
                stop.cancel();
            }
        });
        Ok(life)
    }

    /// The signal that asks everything to stop.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Runs a task that heeds [`Lifecycle::stop`] and that [`Lifecycle::finish`] waits for.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Asks everything to stop and waits for it, but for at most `grace`; false when something is still running then.
    pub async fn finish(&self, grace: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(grace, self.tasks.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finishing_waits_for_tasks_that_heed_the_signal() {
        let life = Lifecycle::default();
        let stop = life.stop().clone();
        life.spawn(async move { stop.cancelled().await });
        assert!(life.finish(Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn finishing_tells_when_a_task_does_not_heed_it() {
        let life = Lifecycle::default();
        life.spawn(std::future::pending());
        assert!(!life.finish(Duration::from_millis(10)).await);
    }
}
