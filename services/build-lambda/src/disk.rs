//! Room for a build: a function's disk is small and outlives its builds.

use rustix::fs::statvfs;
use std::io;
use std::path::{Path, PathBuf};

const MIB: u64 = 1024 * 1024;

/// How much room a build needs, and what may go for it.
#[derive(Clone, Debug)]
pub struct Disk {
    /// Free bytes without which no build begins.
    pub needed: u64,
    /// Directories that are cheaper than a build that cannot be done. Nothing else may use them during a build's
    /// beginning, so this is for a process that does one at a time.
    pub caches: Vec<PathBuf>,
}

/// There is not enough room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The site cannot be built right now: the build service has {} MB of disk left and needs {} MB. \
     Its operator has to give it more. What is live stays as it is.",
    .free / MIB, .needed / MIB
)]
pub(crate) struct NoRoom {
    free: u64,
    needed: u64,
}

impl Disk {
    /// Looks whether the file system of `place` has room, and empties the caches when it has not. Blocks.
    pub(crate) fn make_room(&self, place: &Path) -> io::Result<Result<(), NoRoom>> {
        if free(place)? >= self.needed {
            return Ok(Ok(()));
        }
        for cache in &self.caches {
            match std::fs::remove_dir_all(cache) {
                Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
                _ => tracing::info!(cache = %cache.display(), "emptied, to make room for a build"),
            }
        }
        let free = free(place)?;
        Ok(if free >= self.needed { Ok(()) } else { Err(NoRoom { free, needed: self.needed }) })
    }
}

fn free(place: &Path) -> io::Result<u64> {
    let stat = statvfs(place)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_go_before_a_build_is_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path().join("cache");
        std::fs::create_dir(&cache).unwrap();
        let disk = |needed| Disk { needed, caches: vec![cache.clone(), dir.path().join("none")] };
        assert_eq!(disk(1).make_room(dir.path()).unwrap(), Ok(()));
        assert!(cache.exists());
        let says = disk(u64::MAX).make_room(dir.path()).unwrap().unwrap_err().to_string();
        assert!(!cache.exists());
        assert!(says.contains("needs 17592186044415 MB"), "{says}");
    }
}
