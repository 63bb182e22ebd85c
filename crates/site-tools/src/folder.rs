//! A folder whose files are read and written without ever leaving it: no symbolic link is followed.

use crate::error::{Result, ToolError};
use crate::place::{Place, is_open};
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Most files and folders that one listing looks at.
const MOST_ENTRIES: usize = 20_000;
/// Largest text file that is read, in bytes.
pub(crate) const LARGEST_TEXT: u64 = 1 << 20;

/// A folder, opened once. What is called by a path later is found below it or not at all, whatever hostile code moves
/// or links in it meanwhile.
pub(crate) struct Folder {
    root: Dir,
    path: PathBuf,
    changes: Changes,
}

/// Whether files may still be changed. Clones are handles of the same one.
#[derive(Clone, Debug, Default)]
pub struct Changes(Arc<Mutex<Allowed>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Allowed {
    #[default]
    Yes,
    NoLonger,
}

/// Ends the changes when it is dropped.
#[derive(Debug)]
pub struct EndOfChanges(Changes);

impl Changes {
    /// Changes are made until what this returns is dropped: a tool that a turn has left behind changes nothing any more.
    pub fn until_dropped(&self) -> EndOfChanges {
        EndOfChanges(self.clone())
    }

    fn make<T>(&self, change: impl FnOnce() -> Result<T>) -> Result<T> {
        // Held during the change: once the end is dropped, none is under way.
        let allowed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *allowed {
            Allowed::Yes => change(),
            Allowed::NoLonger => Err(ToolError::denied("The turn is over: nothing is changed any more.")),
        }
    }
}

impl Drop for EndOfChanges {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Allowed::NoLonger;
    }
}

impl Folder {
    /// Opens the folder at `path`, which is trusted.
    pub(crate) fn open(path: &Path, changes: &Changes) -> Result<Self> {
        let root = Dir::open_ambient_dir(path, ambient_authority());
        let root = root.map_err(|error| ToolError::of_file("The folder", &error))?;
        Ok(Self { root, path: path.to_owned(), changes: changes.clone() })
    }

    /// The place that `text` names: relative to the folder, or absolute within it.
    pub(crate) fn place(&self, text: &str) -> Result<Place> {
        let within = Path::new(text.trim()).strip_prefix(&self.path).ok().and_then(Path::to_str);
        Place::read(within.unwrap_or(text))
    }

    /// The content of a file of at most `most` bytes.
    pub(crate) fn bytes(&self, place: &Place, most: u64) -> Result<Vec<u8>> {
        let trouble = |error: std::io::Error| ToolError::of_file(place.as_str(), &error);
        let file = self.file(place, OpenOptions::new().read(true))?;
        if !file.metadata().map_err(trouble)?.is_file() {
            return Err(ToolError::denied(format!("{place} is no file")));
        }
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).map_err(trouble)?;
        if bytes.len() as u64 > most {
            return Err(ToolError::denied(format!("{place} is larger than {most} bytes")));
        }
        Ok(bytes)
    }

    /// The content of a text file.
    pub(crate) fn text(&self, place: &Place) -> Result<String> {
        let bytes = self.bytes(place, LARGEST_TEXT)?;
        String::from_utf8(bytes).map_err(|_| ToolError::malformed(format!("{place} is no text in UTF-8")))
    }

    /// Whether there is a file, or anything else, at `place`.
    pub(crate) fn has(&self, place: &Place) -> bool {
        self.parent(place).is_ok_and(|parent| parent.symlink_metadata(place.name()).is_ok())
    }

    /// Writes a file that is not there yet, and makes the folders on the way.
    pub(crate) fn create(&self, place: &Place, content: &[u8]) -> Result<()> {
        self.changes.make(|| {
            let parent = self.make_parent(place)?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).follow(FollowSymlinks::No);
            let trouble = |error: std::io::Error| ToolError::of_file(place.as_str(), &error);
            let mut file = parent.open_with(place.name(), &options).map_err(trouble)?;
            file.write_all(content).map_err(|error| {
                let _ = parent.remove_file(place.name());
                trouble(error)
            })
        })
    }

    /// Gives a file that is there another content, at once: a dev server never sees half of it.
    pub(crate) fn replace(&self, place: &Place, content: &[u8]) -> Result<()> {
        self.changes.make(|| {
            let parent = self.parent(place)?;
            let trouble = |error: std::io::Error| ToolError::of_file(place.as_str(), &error);
            if !parent.symlink_metadata(place.name()).map_err(trouble)?.is_file() {
                return Err(ToolError::denied(format!("{place} is no file")));
            }
            // Named as Claude Code names its drafts: such litter is never committed.
            let draft = format!("{}.tmp.{}.0", place.name(), std::process::id());
            let _ = parent.remove_file(&draft);
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).follow(FollowSymlinks::No);
            let written = parent.open_with(&draft, &options).and_then(|mut file| file.write_all(content));
            written.and_then(|()| parent.rename(&draft, &parent, place.name())).map_err(|error| {
                let _ = parent.remove_file(&draft);
                trouble(error)
            })
        })
    }

    /// Removes a file.
    pub(crate) fn remove(&self, place: &Place) -> Result<()> {
        self.changes.make(|| {
            let removed = self.parent(place)?.remove_file(place.name());
            removed.map_err(|error| ToolError::of_file(place.as_str(), &error))
        })
    }

    /// The files below the folder `root`, in the order of their names; none where it is not there.
    pub(crate) fn files(&self, root: &str) -> Result<Vec<Place>> {
        let mut found = Vec::new();
        let mut left = MOST_ENTRIES;
        let root = Place::read(root)?;
        let opened = self.parent(&root).ok().and_then(|parent| parent.open_dir_nofollow(root.name()).ok());
        if let Some(dir) = opened {
            gather(&dir, root.as_str(), &mut found, &mut left);
        }
        found.sort();
        Ok(found)
    }

    fn file(&self, place: &Place, options: &mut OpenOptions) -> Result<File> {
        // Not to wait for who writes into a pipe.
        options.follow(FollowSymlinks::No).nonblock(true);
        let opened = self.parent(place)?.open_with(place.name(), options);
        opened.map_err(|error| ToolError::of_file(place.as_str(), &error))
    }

    fn parent(&self, place: &Place) -> Result<Dir> {
        let trouble = |error: std::io::Error| ToolError::of_file(place.as_str(), &error);
        let mut dir = self.root.try_clone().map_err(trouble)?;
        for folder in place.folders() {
            dir = dir.open_dir_nofollow(folder).map_err(trouble)?;
        }
        Ok(dir)
    }

    fn make_parent(&self, place: &Place) -> Result<Dir> {
        let trouble = |error: std::io::Error| ToolError::of_file(place.as_str(), &error);
        let mut dir = self.root.try_clone().map_err(trouble)?;
        for folder in place.folders() {
            match dir.create_dir(folder) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(trouble(error));
                }
                _ => dir = dir.open_dir_nofollow(folder).map_err(trouble)?,
            }
        }
        Ok(dir)
    }
}

/// Adds the files below `dir`, which is at `path`; what cannot be read is left out.
fn gather(dir: &Dir, path: &str, found: &mut Vec<Place>, left: &mut usize) {
    let Ok(entries) = dir.entries() else { return };
    for entry in entries.flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| is_open(name)) else { continue };
        let (Ok(kind), Ok(place)) = (entry.file_type(), Place::read(&format!("{path}/{name}"))) else {
            continue;
        };
        if kind.is_file() {
            found.push(place);
        } else if kind.is_dir()
            && let Ok(inner) = dir.open_dir_nofollow(name)
        {
            gather(&inner, place.as_str(), found, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn hostile() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let (site, outside) = (dir.path().join("site"), dir.path().join("outside"));
        fs::create_dir_all(site.join("src/pages")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("secret.md"), "secret").unwrap();
        fs::write(site.join(".env"), "KEY=1").unwrap();
        fs::write(site.join("src/pages/a.md"), "a").unwrap();
        symlink(outside.join("secret.md"), site.join("src/pages/out.md")).unwrap();
        symlink("../../.env", site.join("src/pages/env.md")).unwrap();
        symlink(&outside, site.join("src/away")).unwrap();
        symlink("pages", site.join("src/same")).unwrap();
        let folder = Folder::open(&site, &Changes::default()).unwrap();
        (dir, folder)
    }

    fn at(path: &str) -> Place {
        Place::read(path).unwrap()
    }

    #[test]
    fn symbolic_links_lead_nowhere() {
        let (dir, folder) = hostile();
        for path in ["src/pages/out.md", "src/pages/env.md", "src/away/secret.md", "src/same/a.md"] {
            assert_eq!(folder.text(&at(path)).map_err(|e| e.kind()), Err(ErrorKind::Denied), "{path}");
            assert_eq!(
                folder.replace(&at(path), b"x").map_err(|e| e.kind()),
                Err(ErrorKind::Denied),
                "{path}"
            );
        }
        for path in ["src/pages/out.md", "src/away/new.md", "src/away/deep/new.md"] {
            assert!(folder.create(&at(path), b"x").is_err(), "{path}");
        }
        assert!(folder.remove(&at("src/away/secret.md")).is_err());
        assert_eq!(fs::read_to_string(dir.path().join("outside/secret.md")).unwrap(), "secret");
        assert_eq!(fs::read_dir(dir.path().join("outside")).unwrap().count(), 1);
        assert_eq!(folder.files("src").unwrap(), [at("src/pages/a.md")]);
        assert!(folder.files("src/away").unwrap().is_empty());
    }

    #[test]
    fn pipes_folders_and_large_files_are_not_read() {
        let (dir, folder) = hostile();
        let pages = dir.path().join("site/src/pages");
        assert!(std::process::Command::new("mkfifo").arg(pages.join("pipe.md")).status().unwrap().success());
        fs::write(pages.join("large.md"), vec![b'x'; 1 + usize::try_from(LARGEST_TEXT).unwrap()]).unwrap();
        fs::write(pages.join("latin.md"), b"\xe4").unwrap();
        for path in ["src/pages/pipe.md", "src/pages/large.md", "src/pages/latin.md", "src/pages"] {
            assert!(folder.text(&at(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn files_are_made_once_replaced_whole_and_removed() {
        let (dir, folder) = hostile();
        let new = at("src/content/blog/new.md");
        folder.create(&new, b"1").unwrap();
        assert_eq!(folder.create(&new, b"2").map_err(|e| e.kind()), Err(ErrorKind::Conflict));
        folder.replace(&new, b"3").unwrap();
        assert_eq!(folder.text(&new).unwrap(), "3");
        assert_eq!(
            fs::read_dir(dir.path().join("site/src/content/blog")).unwrap().count(),
            1,
            "no draft is left"
        );
        folder.remove(&new).unwrap();
        assert!(!folder.has(&new));
        let absolute = dir.path().join("site/src/pages/a.md");
        assert_eq!(folder.place(absolute.to_str().unwrap()).unwrap(), at("src/pages/a.md"));
        assert!(folder.place("/etc/passwd").is_err());
    }

    #[test]
    fn nothing_changes_after_the_turn() {
        let dir = tempfile::tempdir().unwrap();
        let changes = Changes::default();
        let folder = Folder::open(dir.path(), &changes).unwrap();
        let turn = changes.until_dropped();
        folder.create(&at("a.md"), b"1").unwrap();
        drop(turn);
        assert!(folder.create(&at("b.md"), b"1").is_err());
        assert!(folder.replace(&at("a.md"), b"2").is_err() && folder.remove(&at("a.md")).is_err());
        assert_eq!(folder.text(&at("a.md")).unwrap(), "1");
    }
}
