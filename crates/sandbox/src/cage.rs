//! A cgroup of a child's own, which bounds processes and memory also where the kernel's limits per user do not hold.

use crate::spec::Limits;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where cgroups are.
const ROOT: &str = "/sys/fs/cgroup";
/// What a child's cgroup is called, before its supervisor's id.
const NAME: &str = "webordinary-";
/// How often the removal of a cgroup is tried whose processes have just ended, and the pause between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(2);

/// The cgroups of one child: one with version 2, one for each bound with version 1. Dropping it removes them.
#[derive(Debug, Default)]
pub(crate) struct Cage {
    dirs: Vec<PathBuf>,
}

impl Cage {
    /// Makes what this machine lets be made; nothing where cgroups may not be written.
    pub(crate) fn make(limits: &Limits) -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut cage = Self::default();
        let bounds = |files: [&'static str; 2]| files.into_iter().zip([limits.processes, limits.memory]);
        if Path::new(ROOT).join("cgroup.controllers").exists() {
            let place = own.lines().find_map(|line| line.strip_prefix("0::")).and_then(delegated);
            cage.add(place, bounds(["pids.max", "memory.max"]).collect());
        } else {
            for (controller, bound) in
                ["pids", "memory"].into_iter().zip(bounds(["pids.max", "memory.limit_in_bytes"]))
            {
                let place = own.lines().find_map(|line| {
                    let (_, line) = line.split_once(':')?;
                    let (controllers, path) = line.split_once(':')?;
                    let ours = controllers.split(',').any(|name| name == controller);
                    ours.then(|| Path::new(ROOT).join(controller).join(path.trim_start_matches('/')))
                });
                cage.add(place, vec![bound]);
            }
        }
        cage
    }

    fn add(&mut self, place: Option<PathBuf>, bounds: Vec<(&str, Option<u64>)>) {
        let Some(place) = place else { return };
        remove_left(&place);
        let dir = place.join(format!("{NAME}{}", std::process::id()));
        if fs::create_dir(&dir).is_err() {
            return;
        }
        for (file, bound) in bounds {
            // A bound that the kernel does not know here is not held; the self-test says so.
            if let Some(bound) = bound {
                let _ = fs::write(dir.join(file), bound.to_string());
            }
        }
        self.dirs.push(dir);
    }

    /// The directories, for the stage that [`enter`]s them.
    pub(crate) fn dirs(&self) -> &[PathBuf] {
        &self.dirs
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        for dir in &self.dirs {
            for _ in 0..TRIES {
                if fs::remove_dir(dir).is_ok() {
                    break;
                }
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// Moves this process into the cgroup `dir`.
pub(crate) fn enter(dir: &Path) -> io::Result<()> {
    fs::write(dir.join("cgroup.procs"), "0")
}

/// The nearest cgroup above that hands both bounds down to its children: one that has processes of its own cannot.
fn delegated(own: &str) -> Option<PathBuf> {
    let own = Path::new(ROOT).join(own.trim_start_matches('/'));
    let hands_down = |dir: &&Path| {
        let handed = fs::read_to_string(dir.join("cgroup.subtree_control")).unwrap_or_default();
        ["pids", "memory"].iter().all(|name| handed.split_whitespace().any(|handed| handed == *name))
    };
    own.ancestors().take_while(|dir| dir.starts_with(ROOT)).find(hands_down).map(Path::to_owned)
}

/// Removes what supervisors left that were killed.
fn remove_left(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| name.strip_prefix(NAME));
        if of.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            // Refused while a process is still in it.
            let _ = fs::remove_dir(entry.path());
        }
    }
}
