//! The built launcher program, for tests that start real children.

use sandbox::{Launcher, Protection};
use std::env::current_exe;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The launcher of this build, which confines children as well as this machine allows. Builds it once when only another crate's tests were asked for.
///
/// # Panics
/// When it cannot be built: no test that needs it makes sense then.
pub fn launcher() -> Launcher {
    static PROTECTION: OnceLock<Protection> = OnceLock::new();
    unconfined().with(PROTECTION.get_or_init(Protection::best).clone())
}

/// The same, which confines nothing: for what the test itself trusts, such as a browser.
///
/// # Panics
/// As [`launcher`].
pub fn unconfined() -> Launcher {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PROGRAM.get_or_init(|| find_or_build().map_err(|err| err.to_string())) {
        Ok(program) => Launcher::new(program),
        Err(says) => panic!("no launcher for this test: {says}"),
    }
}

fn find_or_build() -> io::Result<PathBuf> {
    // target/PROFILE/deps/TEST-HASH
    let test = current_exe()?;
    let profile =
        test.parent().and_then(Path::parent).ok_or_else(|| io::Error::other("no build directory"))?;
    let program = profile.join("launcher");
    if !program.exists() {
        build(profile)?;
    }
    Ok(program)
}

/// Cargo's own lock keeps several tests from building at the same time.
fn build(profile: &Path) -> io::Result<()> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "sandbox", "--bin", "launcher"]);
    if profile.ends_with("release") {
        command.arg("--release");
    }
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    if command.status()?.success() {
        return Ok(());
    }
    Err(io::Error::other("cargo could not build the launcher"))
}
