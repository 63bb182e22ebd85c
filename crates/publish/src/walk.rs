//! Reading a built directory, which site code wrote and which may therefore hold anything.

use crate::manifest::{Entry, Manifest, PATH_MAX, is_site_path, media_type};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most files of a site.
pub const FILES_MAX: usize = 50_000;
/// Longest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 256 << 20;
/// Longest site, in bytes.
pub const SITE_BYTES_MAX: u64 = 4 << 30;

/// Why a built directory cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// A link to something outside the directory.
    #[error("{0} is a link that leads out of the built site")]
    LeadsOut(String),
    /// A device, pipe or socket.
    #[error("{0} is neither a file nor a directory")]
    Special(String),
    /// A name that no web address can have here.
    #[error(
        "{0:?} cannot be published: a path has at most {PATH_MAX} bytes of UTF-8, no backslash and no control character"
    )]
    Name(String),
    /// More than a site may have.
    #[error("the built site is too large: {0}")]
    TooLarge(String),
    /// Nothing was built.
    #[error("the build made no files")]
    Empty,
    /// It cannot be read.
    #[error("cannot read the built site: {0}")]
    Io(#[from] io::Error),
}

/// The manifest of the files under `dir`. Links to files inside `dir` are files; any other link is refused.
/// Blocks: it reads every byte.
pub fn walk(dir: &Path) -> Result<Manifest, WalkError> {
    let root = dir.canonicalize()?;
    let mut manifest = Manifest::default();
    let mut total = 0;
    let mut ahead = vec![root.clone()];
    while let Some(next) = ahead.pop() {
        for item in fs::read_dir(&next)? {
            let path = item?.path();
            let name = site_path(&root, &path)?;
            if path.symlink_metadata()?.is_dir() {
                ahead.push(path);
                continue;
            }
            let entry = read_entry(&root, &path, &name)?;
            total += entry.bytes;
            manifest.files.insert(name, entry);
            if manifest.files.len() > FILES_MAX || total > SITE_BYTES_MAX {
                let says = format!("more than {FILES_MAX} files or {} GB", SITE_BYTES_MAX >> 30);
                return Err(WalkError::TooLarge(says));
            }
        }
    }
    if manifest.files.is_empty() { Err(WalkError::Empty) } else { Ok(manifest) }
}

fn site_path(root: &Path, path: &Path) -> Result<String, WalkError> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    match relative.to_str() {
        Some(name) if is_site_path(name) => Ok(name.to_owned()),
        _ => Err(WalkError::Name(relative.to_string_lossy().into_owned())),
    }
}

fn read_entry(root: &Path, path: &Path, name: &str) -> Result<Entry, WalkError> {
    let real: PathBuf = path.canonicalize().map_err(|_| WalkError::LeadsOut(name.to_owned()))?;
    if !real.starts_with(root) {
        return Err(WalkError::LeadsOut(name.to_owned()));
    }
    // Checked before it is opened: opening a pipe would wait for its writer.
    let meta = real.metadata()?;
    if !meta.is_file() {
        return Err(WalkError::Special(name.to_owned()));
    }
    if meta.len() > FILE_BYTES_MAX {
        return Err(WalkError::TooLarge(format!("{name} is longer than {} MB", FILE_BYTES_MAX >> 20)));
    }
    let (sha256, bytes) = digest(File::open(&real)?)?;
    Ok(Entry { sha256, bytes, media_type: media_type(name) })
}

fn digest(mut file: File) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((HEXLOWER.encode(&hash.finalize()), bytes));
        }
        hash.update(&chunk[..read]);
        bytes += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn files_are_hashed_and_named_from_the_root() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/x.txt"), "hello").unwrap();
        fs::write(dir.path().join("index.html"), "").unwrap();
        symlink("a/b/x.txt", dir.path().join("link.txt")).unwrap();
        let manifest = walk(dir.path()).unwrap();
        assert_eq!(manifest.files.keys().collect::<Vec<_>>(), ["a/b/x.txt", "index.html", "link.txt"]);
        let entry = &manifest.files["a/b/x.txt"];
        assert_eq!(entry.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assert_eq!((entry.bytes, manifest.bytes()), (5, 10));
    }

    #[test]
    fn what_leads_out_or_is_no_file_is_refused() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let with = |make: &dyn Fn(&Path)| {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("index.html"), "").unwrap();
            make(dir.path());
            walk(dir.path())
        };
        let file = with(&|d| symlink(outside.path().join("secret"), d.join("x")).unwrap());
        assert!(matches!(file, Err(WalkError::LeadsOut(_))), "{file:?}");
        let tree = with(&|d| symlink(outside.path(), d.join("x")).unwrap());
        assert!(matches!(tree, Err(WalkError::LeadsOut(_))), "{tree:?}");
        let cycle = with(&|d| symlink(".", d.join("x")).unwrap());
        assert!(matches!(cycle, Err(WalkError::Special(_))), "{cycle:?}");
        let dangling = with(&|d| symlink("nowhere", d.join("x")).unwrap());
        assert!(matches!(dangling, Err(WalkError::LeadsOut(_))), "{dangling:?}");
        let socket = with(&|d| drop(UnixListener::bind(d.join("s")).unwrap()));
        assert!(matches!(socket, Err(WalkError::Special(_))), "{socket:?}");
        let name = with(&|d| fs::write(d.join("a\\b"), "").unwrap());
        assert!(matches!(name, Err(WalkError::Name(_))), "{name:?}");
        assert!(matches!(walk(&tempfile::tempdir().unwrap().keep()), Err(WalkError::Empty)));
    }
}
