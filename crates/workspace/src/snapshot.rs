//! From the files of a worktree to a tree object, believing nothing that stands in them.

use crate::change::{Change, changes};
use crate::error::{ErrorKind, WorkspaceError};
use crate::{Result, files};
use git2::{Delta, Diff, DiffOptions, Index, IndexEntry, IndexTime, Oid, Repository, Tree};
use rustix::fs::AtFlags;
use rustix::fs::{FileType, Mode, OFlags, fstat, open, openat, readlinkat, statat};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// Largest file that is committed, in bytes: 100 MiB, what GitHub accepts.
pub const FILE_MAX: u64 = 100 * 1024 * 1024;

/// Whether this is the name of a file that a killed writer left: `<name>.tmp.<pid>.<hex>`.
pub fn is_litter(name: &OsStr) -> bool {
    let mut parts = name.as_bytes().rsplitn(4, |b| *b == b'.');
    let (Some(hex), Some(pid), Some(tmp), Some(_)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let all = |text: &[u8], is: fn(&u8) -> bool| !text.is_empty() && text.iter().all(is);
    tmp == b"tmp" && all(pid, u8::is_ascii_digit) && all(hex, u8::is_ascii_hexdigit)
}

/// What of the worktree differs from `tip`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Not there any more.
    Gone(PathBuf),
    /// There, and other than before.
    Changed(PathBuf),
    /// There, and not before.
    New(PathBuf),
    /// Left by a killed writer.
    Litter(PathBuf),
}

/// Everything that differs, without what is ignored and without node_modules.
pub(crate) fn found(repo: &Repository, tip: &Tree<'_>) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for delta in diff(repo, tip)?.deltas() {
        let side = if delta.status() == Delta::Deleted { delta.old_file() } else { delta.new_file() };
        let path = side.path().map(Path::to_owned).unwrap_or_default();
        if !is_work(&path) {
            continue;
        }
        found.push(match delta.status() {
            Delta::Deleted => Found::Gone(path),
            Delta::Modified | Delta::Typechange | Delta::Added => Found::Changed(path),
            Delta::Untracked if path.file_name().is_some_and(is_litter) => Found::Litter(path),
            Delta::Untracked => Found::New(path),
            Delta::Unreadable => return Err(about(ErrorKind::Denied, &path, "cannot be read")),
            _ => continue,
        });
    }
    Ok(found)
}

/// The changes of the worktree against `tip`, with renames, for showing.
pub(crate) fn shown(repo: &Repository, tip: &Tree<'_>) -> Result<Vec<Change>> {
    let mut all = changes(&mut diff(repo, tip)?)?;
    all.retain(|change| {
        let litter =
            change.kind == crate::ChangeKind::Added && change.path.file_name().is_some_and(is_litter);
        is_work(&change.path) && !litter
    });
    Ok(all)
}

fn diff<'r>(repo: &'r Repository, tip: &Tree<'_>) -> Result<Diff<'r>> {
    // Compares with the branch's tip, whatever was staged; what the index knows of unchanged files is kept.
    let mut index = repo.index()?;
    index.read(true)?;
    index.read_tree(tip)?;
    let mut options = DiffOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_typechange(true)
        .include_unreadable(true)
        .ignore_submodules(true);
    Ok(repo.diff_index_to_workdir(Some(&index), Some(&mut options))?)
}

fn is_work(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.components().all(|part| part.as_os_str() != "node_modules")
}

/// Writes the objects of everything that differs from `tip` and gives the new tree; removes litter.
///
/// # Errors
/// [`ErrorKind::Malformed`] naming the file: a link that leaves the site, a repository inside it, a file over [`FILE_MAX`].
pub(crate) fn write(repo: &Repository, root: &Path, tip: &Tree<'_>) -> Result<Oid> {
    let found = found(repo, tip)?;
    let mut index = Index::new()?;
    index.read_tree(tip)?;
    // First what is gone: a folder may have become a file, or a file a folder.
    for path in found.iter().filter_map(|f| if let Found::Gone(path) = f { Some(path) } else { None }) {
        index.remove(path, 0)?;
    }
    let root_fd =
        open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(io)?;
    for one in &found {
        match one {
            Found::Gone(_) => {}
            Found::Litter(path) => files::remove(&root.join(path))?,
            Found::Changed(path) | Found::New(path) => index.add(&entry(repo, &root_fd, path)?)?,
        }
    }
    Ok(index.write_tree_to(repo)?)
}

fn entry(repo: &Repository, root: &OwnedFd, path: &Path) -> Result<IndexEntry> {
    if path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(about(ErrorKind::Malformed, path, "is a git repository of its own"));
    }
    let (content, mode) = read(root, path)?;
    Ok(IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: repo.blob(&content)?,
        flags: 0,
        flags_extended: 0,
        path: path.as_os_str().as_bytes().to_vec(),
    })
}

/// Reads one file or link without following any link on the way: the site's processes may still be running, and could
/// put a link to a file of ours where a folder was a moment ago.
fn read(root: &OwnedFd, path: &Path) -> Result<(Vec<u8>, u32)> {
    let mut dir = root.try_clone()?;
    let parents = path.parent().into_iter().flat_map(Path::components);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for part in parents {
        dir = openat(&dir, part.as_os_str(), flags | OFlags::DIRECTORY, Mode::empty()).map_err(io)?;
    }
    let name = path.file_name().unwrap_or_default();
    let stat = statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(io)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
        let target = OsString::from_vec(readlinkat(&dir, name, Vec::new()).map_err(io)?.into_bytes());
        if !stays_inside(path, Path::new(&target)) {
            return Err(about(ErrorKind::Malformed, path, "is a link that leaves the site"));
        }
        return Ok((target.into_vec(), 0o120_000));
    }
    let fd = openat(&dir, name, flags | OFlags::NONBLOCK, Mode::empty()).map_err(io)?;
    let stat = fstat(&fd).map_err(io)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(about(ErrorKind::Malformed, path, "is no file"));
    }
    let mut content = Vec::new();
    File::from(fd).take(FILE_MAX + 1).read_to_end(&mut content)?;
    if content.len() as u64 > FILE_MAX {
        return Err(about(ErrorKind::Malformed, path, "is larger than 100 MiB"));
    }
    Ok((content, if stat.st_mode & 0o100 == 0 { 0o100_644 } else { 0o100_755 }))
}

/// Whether a link at `link` with this target stays in the tree. `..` counts only at the start: after a name it would
/// be resolved through whatever that name links to.
fn stays_inside(link: &Path, target: &Path) -> bool {
    let mut depth = link.parent().map_or(0, |parent| parent.components().count());
    let mut descending = false;
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if descending || depth == 0 => return false,
            Component::ParentDir => depth -= 1,
            Component::Normal(name) if name != ".git" => descending = true,
            _ => return false,
        }
    }
    !target.as_os_str().is_empty()
}

/// Removes from the worktree what `tip` does not have and nothing ignores.
pub(crate) fn remove_new(repo: &Repository, root: &Path, tip: &Tree<'_>) -> Result<()> {
    for one in found(repo, tip)? {
        if let Found::New(path) | Found::Litter(path) = one {
            let full = root.join(&path);
            if path.as_os_str().as_bytes().ends_with(b"/") {
                fs::remove_dir_all(&full)?;
            } else {
                files::remove(&full)?;
            }
            remove_empty_parents(root, &path);
        }
    }
    Ok(())
}

fn remove_empty_parents(root: &Path, path: &Path) {
    for parent in path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()) {
        if fs::remove_dir(root.join(parent)).is_err() {
            break;
        }
    }
}

fn about(kind: ErrorKind, path: &Path, what: &str) -> WorkspaceError {
    WorkspaceError::new(kind, format!("{} {what}", path.display()))
}

fn io(errno: rustix::io::Errno) -> WorkspaceError {
    std::io::Error::from(errno).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn litter_is_known_by_its_whole_name() {
        for name in ["a.astro.tmp.123.0fA", "x.y.tmp.1.a"] {
            assert!(is_litter(OsStr::new(name)), "{name}");
        }
        for name in ["tmp.1.a", "a.tmp.x.a", "a.tmp.1.z", "a.tmp.1.", "a.tmp", "a.tmp.1.md"] {
            assert!(!is_litter(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_link_may_not_leave_the_site() {
        let inside = |link: &str, target: &str| stays_inside(Path::new(link), Path::new(target));
        assert!(inside("a/b/l", "../../c"));
        assert!(inside("l", "./a/b"));
        assert!(!inside("a/b/l", "../../../c"));
        assert!(!inside("l", "/etc/passwd"));
        assert!(!inside("l", "a/../b"));
        assert!(!inside("a/l", "../.git/config"));
        assert!(!inside("l", ""));
    }
}
