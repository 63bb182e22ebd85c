//! The real Claude Code program, installed once per checkout at a pinned version.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The version that the tests drive.
const VERSION: &str = "2.1.330";

/// The program. Installs it from npm on first use, once for all test processes that run in parallel.
///
/// # Panics
/// When it cannot be installed: no test that needs it makes sense then.
pub fn claude() -> PathBuf {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PROGRAM.get_or_init(|| find_or_install().map_err(|err| err.to_string())) {
        Ok(program) => program.clone(),
        Err(says) => panic!("no Claude Code for this test: {says}"),
    }
}

fn find_or_install() -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-cache");
    fs::create_dir_all(&root)?;
    let folder = root.canonicalize()?.join("claude");
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => "darwin-arm64",
        ("macos", _) => "darwin-x64",
        (_, "aarch64") => "linux-arm64",
        _ => "linux-x64",
    };
    let program = folder.join(format!("node_modules/@anthropic-ai/claude-code-{platform}/claude"));
    let done = folder.join(format!("installed-{VERSION}"));
    // Dropping the file unlocks it.
    let lock = File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if !done.exists() || !program.exists() {
        install(&folder)?;
        File::create(&done)?;
    }
    if program.exists() { Ok(program) } else { Err(io::Error::other("npm installed no native program")) }
}

fn install(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // npm would walk up to a package.json of somebody else.
    fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
    let package = format!("@anthropic-ai/claude-code@{VERSION}");
    let args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", package.as_str()];
    let output = Command::new("npm").args(args).current_dir(folder).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}
