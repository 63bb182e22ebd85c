//! Files that are there whole or not at all, whatever happens meanwhile.

use std::fs::{File, OpenOptions, rename};
use std::io::{self, Write};
use std::path::Path;

/// Writes a new file at `scratch` and syncs it, then moves it to `to` and syncs the directory. Both must be on one
/// file system.
pub(crate) fn place(scratch: &Path, to: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let written = write_synced(scratch, parts).and_then(|()| rename(scratch, to));
    if let Err(err) = written {
        // What is left over would only take room; it is swept at the next start too.
        let _ = std::fs::remove_file(scratch);
        return Err(err);
    }
    to.parent().map_or(Ok(()), sync_dir)
}

fn write_synced(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let (scratch, to) = (dir.path().join("scratch"), dir.path().join("to"));
        place(&scratch, &to, &[b"head ", b"body"]).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"head body");
        assert!(!scratch.exists());
        // The move fails: neither a part of the new file nor the scratch file is left.
        let blocked = dir.path().join("blocked");
        std::fs::create_dir(&blocked).unwrap();
        place(&scratch, &blocked, &[b"never seen"]).unwrap_err();
        assert!(!scratch.exists() && blocked.is_dir());
        place(&dir.path().join("missing/scratch"), &to, &[b"never seen"]).unwrap_err();
        assert_eq!(std::fs::read(&to).unwrap(), b"head body");
    }
}
