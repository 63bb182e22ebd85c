//! Files that are written whole or not at all, and folders that appear complete.

use crate::Result;
use crate::error::{ErrorKind, WorkspaceError};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes `path` hold exactly `content`; does nothing when it does already.
pub(crate) fn ensure(path: &Path, content: &str) -> Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
        && fs::read(path).is_ok_and(|now| now == content.as_bytes())
    {
        return Ok(());
    }
    let draft = with_suffix(path, ".draft");
    let mut file = File::create(&draft)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    Ok(fs::rename(draft, path)?)
}

/// Removes a file; that it is not there is as good.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Builds a folder under another name and renames it to `dir`, so that a crash leaves no half of it.
///
/// # Errors
/// [`ErrorKind::Conflict`] when `dir` is there already.
pub(crate) fn appear<T>(dir: &Path, build: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    if fs::symlink_metadata(dir).is_ok() {
        return Err(WorkspaceError::new(ErrorKind::Conflict, format!("{} is there already", dir.display())));
    }
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    let draft = with_suffix(dir, ".draft");
    match fs::remove_dir_all(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let built = build(&draft).and_then(|built| {
        fs::rename(&draft, dir)?;
        if let Some(parent) = dir.parent() {
            File::open(parent)?.sync_all()?;
        }
        Ok(built)
    });
    if built.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    built
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
