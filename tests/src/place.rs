//! Data directories. Each test has its own; all share the tools and packages that come from npm.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use testkit::node::cache_dir;

/// What comes from npm. The product installs it under locks and by key, so that fleets can share it at any time.
const SHARED: [&str; 2] = ["tools", "cache"];

/// Where fleets are.
///
/// # Panics
/// When it cannot be made.
pub fn root() -> PathBuf {
    let root = cache_dir().join("fleet");
    fs::create_dir_all(&root).expect("a directory for fleets");
    root
}

/// What all fleets share under this name.
///
/// # Panics
/// When it cannot be made.
fn shared(name: &str) -> PathBuf {
    let dir = root().join(name);
    fs::create_dir_all(&dir).expect("a directory for tools");
    dir
}

/// Makes a directory with links to what all fleets share.
///
/// # Panics
/// When it cannot be made.
pub fn link_shared(dir: &Path) {
    fs::create_dir_all(dir).expect("a directory");
    for name in SHARED {
        symlink(shared(name), dir.join(name)).expect("a link to the tools");
    }
}

/// A data directory. Removed when dropped.
#[derive(Debug)]
pub struct Place(TempDir);

impl Place {
    /// An empty one, beside the shared tools: Astro wants sites and packages to have a directory in common.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn new() -> Self {
        let root = root();
        let dir = tempfile::Builder::new().prefix("run-").tempdir_in(&root).expect("a data directory");
        link_shared(&dir.path().join("data"));
        Self(dir)
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A directory beside it, for what a test writes.
    pub fn beside(&self) -> &Path {
        self.0.path()
    }

    /// Where the product's own lines go.
    pub fn log(&self) -> PathBuf {
        self.0.path().join("up.log")
    }
}

impl Drop for Place {
    /// A failed test's data stays, for whoever looks for the cause.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.disable_cleanup(true);
            eprintln!("its data stays in {}", self.0.path().display());
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}
