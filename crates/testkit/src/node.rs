//! A Node that is new enough for Astro, and packages from npm, for tests. Installed once, kept between runs.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The version installed, as npm names it.
const VERSION: &str = "24.9.0";

/// The program, as an absolute path.
///
/// # Panics
/// When it cannot be installed: no test that needs it makes sense then.
pub fn node() -> PathBuf {
    static NODE: OnceLock<PathBuf> = OnceLock::new();
    NODE.get_or_init(|| {
        let dir = cache_dir().join("node");
        let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
        let platform = format!("node-{os}-{}", if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" });
        let program = dir.join(format!("node_modules/{platform}/bin/node"));
        once(&dir, VERSION, |dir| npm(dir, &["install", "--no-save", &format!("{platform}@{VERSION}")]))
            .unwrap_or_else(|error| panic!("no Node for this test: {error}"));
        program
    })
    .clone()
}

/// A `PATH` on which `node` is [`node`].
pub fn node_path() -> std::ffi::OsString {
    let mut path = node().parent().map(|bin| bin.as_os_str().to_owned()).unwrap_or_default();
    path.push(":/usr/local/bin:/usr/bin:/bin");
    path
}

/// The `node_modules` that `manifests` (a directory with package.json and package-lock.json) asks for, installed
/// once under the name `name` and again when the lock file changes.
///
/// # Panics
/// When they cannot be installed.
pub fn packages(name: &str, manifests: &Path) -> PathBuf {
    let dir = cache_dir().join(name);
    let lock = fs::read_to_string(manifests.join("package-lock.json"))
        .unwrap_or_else(|error| panic!("no lock file in {}: {error}", manifests.display()));
    once(&dir, &lock, |dir| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(manifests.join(file), dir.join(file))?;
        }
        // Not `ci`: that insists on the packages of other platforms, which a mirror of the registry may lack.
        npm(dir, &["install"])
    })
    .unwrap_or_else(|error| panic!("no packages for this test: {error}"));
    dir.join("node_modules")
}

/// Where tests keep what is costly to get.
///
/// # Panics
/// When it cannot be made.
pub fn cache_dir() -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-cache");
    fs::create_dir_all(&dir)
        .and_then(|()| dir.canonicalize())
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
}

/// Runs `install` in `dir` unless it was done there for `key` before, in whichever process.
pub(crate) fn once(dir: &Path, key: &str, install: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let lock = File::create(dir.join(".lock"))?;
    lock.lock()?;
    let done = dir.join(".done");
    if fs::read_to_string(&done).is_ok_and(|found| found == key) {
        return Ok(());
    }
    install(dir)?;
    fs::write(done, key)
}

fn npm(dir: &Path, words: &[&str]) -> io::Result<()> {
    let output = Command::new("npm")
        .args(words)
        .args(["--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(dir)
        .env("npm_config_update_notifier", "false")
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}
