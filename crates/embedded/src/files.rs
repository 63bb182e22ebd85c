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
