//! Commands that run one after another, each announced and timed.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What ran so far, and for how long.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    done: Vec<(&'static str, Duration)>,
}

impl Stages {
    /// Runs `command` with this process's output. Fails when it does.
    pub(crate) fn command(&mut self, name: &'static str, command: &mut Command) -> anyhow::Result<()> {
        self.step(name, || {
            let program = command.get_program().to_os_string();
            let status = command.status().with_context(|| format!("{} cannot be run", program.display()))?;
            if status.success() { Ok(()) } else { bail!("{name} failed ({status})") }
        })
    }

    /// Runs `work`. When it fails, the times so far are printed.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        eprintln!("xtask: {name} …");
        let began = Instant::now();
        let done = work();
        self.done.push((name, began.elapsed()));
        if done.is_err() {
            self.print();
        }
        done
    }

    /// One line with all times.
    pub(crate) fn print(&self) {
        let times: Vec<String> =
            self.done.iter().map(|(name, took)| format!("{name} {:.1} s", took.as_secs_f64())).collect();
        eprintln!("xtask: {}", times.join(", "));
    }
}

/// The features with which the services' own programs are built.
pub(crate) const AWS: &str = "hermes/aws,edit-container/aws,build-lambda/aws";

/// What cargo is told to build the services' own programs, beside its command.
pub(crate) const SERVICES: &[&str] = &[
    "--bins",
    "--package",
    "hermes",
    "--package",
    "edit-container",
    "--package",
    "build-lambda",
    "--features",
    AWS,
];

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The cargo that runs this program, in the workspace's folder.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    // What cargo said of this program is nothing to that cargo: build scripts that look at it (ring's) would run anew, and
    // all that stands on them would be built twice.
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for name in std::env::vars().map(|(name, _)| name).filter(|name| ours(name)) {
        command.env_remove(name);
    }
    command
}
