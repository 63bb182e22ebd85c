//! Directories that are either whole or not there: made beside their place, then renamed into it.

use crate::error::ToolchainError;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Written last into a directory, before it moves to its place.
const COMPLETE: &str = ".complete";

/// A place in the store.
pub(crate) enum Slot {
    /// It is there, and whole.
    Ready(PathBuf),
    /// It is to be made, by the holder alone.
    Open(Claim),
}

/// The right to fill a place. Nobody else, in this process or another, has it at the same time.
/// Dropping it without [`Claim::publish`] leaves nothing behind.
pub(crate) struct Claim {
    draft: PathBuf,
    place: PathBuf,
    _lock: File,
}

/// Finds the directory `place`, or waits for the right to make it.
pub(crate) async fn slot(place: PathBuf) -> Result<Slot, ToolchainError> {
    if is_whole(&place) {
        return Ok(Slot::Ready(place));
    }
    let says = format!("cannot claim {}", place.display());
    // The lock belongs to the open file, so that it also keeps two tasks of this process apart.
    let claimed = tokio::task::spawn_blocking(move || claim(place)).await;
    claimed.map_err(io::Error::other).and_then(|slot| slot).map_err(ToolchainError::io(says))
}

fn is_whole(place: &Path) -> bool {
    place.join(COMPLETE).exists()
}

fn claim(place: PathBuf) -> io::Result<Slot> {
    let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let parent = place.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent)?;
    let lock = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(parent.join(format!(".{name}.lock")))?;
    lock.lock()?;
    if is_whole(&place) {
        return Ok(Slot::Ready(place));
    }
    let draft = parent.join(format!(".{name}.draft"));
    // Left by a process that was killed: its lock is gone, so nobody works on it.
    for left in [&draft, &place] {
        if left.exists() {
            fs::remove_dir_all(left)?;
        }
    }
    fs::create_dir(&draft)?;
    Ok(Slot::Open(Claim { draft, place, _lock: lock }))
}

impl Claim {
    /// The directory to fill. It will move: nothing in it may name it.
    pub(crate) fn draft(&self) -> &Path {
        &self.draft
    }

    /// Moves what was made to its place, and returns that.
    pub(crate) fn publish(self) -> Result<PathBuf, ToolchainError> {
        let says = format!("cannot publish {}", self.place.display());
        self.move_in().map_err(ToolchainError::io(says))?;
        Ok(self.place.clone())
    }

    fn move_in(&self) -> io::Result<()> {
        let whole = File::create(self.draft.join(COMPLETE))?;
        // Flushes the files, too: a marker that survives a power cut without them would be a lie.
        rustix::fs::syncfs(&whole)?;
        fs::rename(&self.draft, &self.place)?;
        File::open(self.place.parent().unwrap_or(Path::new("/")))?.sync_all()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Gone already after a publish. What cannot be removed now is removed by the next claim.
        let _ = fs::remove_dir_all(&self.draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open(place: &Path) -> Claim {
        match slot(place.to_owned()).await.unwrap() {
            Slot::Open(claim) => claim,
            Slot::Ready(_) => panic!("{} is there already", place.display()),
        }
    }

    #[tokio::test]
    async fn a_dropped_claim_leaves_nothing_and_a_published_one_all() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("a/b");
        let claim = open(&place).await;
        fs::write(claim.draft().join("file"), "half").unwrap();
        drop(claim);
        assert!(!place.exists());
        let claim = open(&place).await;
        assert!(!claim.draft().join("file").exists());
        fs::write(claim.draft().join("file"), "whole").unwrap();
        assert_eq!(claim.publish().unwrap(), place);
        assert!(matches!(slot(place.clone()).await.unwrap(), Slot::Ready(_)));
        assert_eq!(fs::read_to_string(place.join("file")).unwrap(), "whole");
    }

    #[tokio::test]
    async fn a_second_caller_waits_and_finds_the_firsts_work() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("x");
        let first = open(&place).await;
        let second = tokio::spawn(slot(place.clone()));
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        first.publish().unwrap();
        assert!(matches!(second.await.unwrap().unwrap(), Slot::Ready(found) if found == place));
    }

    #[tokio::test]
    async fn what_a_killed_process_left_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("x");
        for left in ["x", ".x.draft"] {
            fs::create_dir(dir.path().join(left)).unwrap();
            fs::write(dir.path().join(left).join("junk"), "").unwrap();
        }
        let claim = open(&place).await;
        assert!(!place.exists());
        assert_eq!(fs::read_dir(claim.draft()).unwrap().count(), 0);
    }
}
