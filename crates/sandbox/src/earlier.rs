//! Children of a process that is gone: their launchers are ending them, and until they have, nobody may work in their place.

use crate::argv::SUPERVISE;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until no launcher works below `root`, at most `limit`; true when none is left. To be called before this
/// process starts a child there: a killed product's agent lives on for some milliseconds, and an edit of its hand
/// in a worktree that was just cleaned would be taken for the next one's.
pub async fn wait_for_earlier(root: &Path, limit: Duration) -> bool {
    let Ok(root) = root.canonicalize() else { return true };
    let until = Instant::now() + limit;
    while launchers_below(&root) {
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(PAUSE).await;
    }
    true
}

fn launchers_below(root: &Path) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    processes.flatten().any(|process| {
        let place = process.path();
        fs::read(place.join("cmdline"))
            .is_ok_and(|line| line.split(|&b| b == 0).nth(1) == Some(SUPERVISE.as_bytes()))
            && fs::read_link(place.join("cwd")).is_ok_and(|cwd| cwd.starts_with(root))
    })
}
