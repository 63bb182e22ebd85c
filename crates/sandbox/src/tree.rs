//! Everything that descends from this process, however far it went: finding it, killing it, reaping it.

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use std::collections::HashMap;
use std::time::Duration;

/// Between two looks at a tree that has not died yet.
const PAUSE: Duration = Duration::from_millis(2);

/// Reaps what has ended, and hands each end to `seen`. Says whether any child is left.
pub(crate) fn reap(mut seen: impl FnMut(Pid, WaitStatus)) -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => seen(pid, status),
            Ok(None) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Kills and reaps until nothing descends from this process. As a subreaper it inherits every orphan of its
/// tree, so that nothing gets away by starting a session of its own or by losing its parent.
pub(crate) fn end(mut seen: impl FnMut(Pid, WaitStatus)) {
    while reap(&mut seen) {
        for pid in descendants(&parents(), std::process::id()) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                // Gone in the meantime is as good; anything else shows in the next round.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        std::thread::sleep(PAUSE);
    }
}

/// The parent of each process on this machine.
fn parents() -> HashMap<u32, u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return HashMap::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|pid| {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, parent_in(&stat)?))
    })
    .collect()
}

/// The fourth field of /proc/PID/stat. The second, the name, may hold anything, also brackets and blanks.
fn parent_in(stat: &[u8]) -> Option<u32> {
    let after_name = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(after_name + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn descendants(parents: &HashMap<u32, u32>, root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_behind_any_name() {
        assert_eq!(parent_in(b"12 (sh) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in(b"12 (a) S 1 (b) R 34 12"), Some(34));
        assert_eq!(parent_in(b"12"), None);
    }

    #[test]
    fn descendants_are_found_at_any_depth() {
        let parents = HashMap::from([(2, 1), (3, 2), (4, 3), (9, 8)]);
        let mut found = descendants(&parents, 2);
        found.sort_unstable();
        assert_eq!(found, [3, 4]);
        assert_eq!(descendants(&parents, 4), [0_u32; 0]);
    }
}
