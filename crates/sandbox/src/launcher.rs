//! Starting children: the side that asks, and the launcher process that carries it out.

use crate::argv::{self, CONFINE, SUPERVISE};
use crate::spec::{Spec, Stdio};
use crate::{child::Confined, confine, supervisor};
use rustix::fs::{Access, access};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pipe::{PipeFlags, pipe_with};
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Starts children through the launcher program.
///
/// Each child has a supervisor of its own between it and this process. When the child ends, or this process
/// does (in whatever way), or the [`Confined`] is dropped, everything that descends from the child is killed.
#[derive(Clone, Debug)]
pub struct Launcher {
    program: PathBuf,
}

impl Launcher {
    /// Uses the executable at `program`, whose `main` calls [`run_if_launched`] before anything else.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// Uses this very executable, also after its file was replaced.
    pub fn of_this_program() -> Self {
        Self::new("/proc/self/exe")
    }

    /// The executable that acts as launcher.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Starts `spec`. To be called within a tokio runtime.
    ///
    /// Fails when the program is no absolute path to an executable file, when the working directory is none, or
    /// when the launcher cannot be started. A program that the kernel then refuses to run ends with 127 and a
    /// line on its standard error.
    pub fn spawn(&self, spec: &Spec) -> io::Result<Confined> {
        check(spec)?;
        let (read, lifeline) = pipe_with(PipeFlags::CLOEXEC)?;
        // Other children that are being started right now may inherit it too: a read end keeps nothing alive.
        fcntl_setfd(&read, FdFlags::empty())?;
        let mut command = Command::new(&self.program);
        command
            .arg0("launcher")
            .arg(SUPERVISE)
            .arg(read.as_raw_fd().to_string())
            .args(argv::words(&spec.limits))
            .arg(&spec.program)
            .args(&spec.args)
            .current_dir(&spec.cwd)
            .env_clear()
            .envs(spec.env.iter().map(|(name, value)| (name, value)))
            .stdin(stream(spec.stdin))
            .stdout(stream(spec.stdout))
            .stderr(stream(spec.stderr));
        Ok(Confined::new(command.spawn()?, lifeline))
    }
}

/// Finds at once what would otherwise show only as an exit code.
fn check(spec: &Spec) -> io::Result<()> {
    let says = |path: &Path, what: &str, kind| io::Error::new(kind, format!("{}: {what}", path.display()));
    if !spec.program.is_absolute() {
        return Err(says(&spec.program, "not an absolute path", io::ErrorKind::InvalidInput));
    }
    let file = spec.program.metadata().map_err(|err| says(&spec.program, &err.to_string(), err.kind()))?;
    if !file.is_file() || access(&spec.program, Access::EXEC_OK).is_err() {
        return Err(says(&spec.program, "not a program that may be run", io::ErrorKind::PermissionDenied));
    }
    let cwd = spec.cwd.metadata().map_err(|err| says(&spec.cwd, &err.to_string(), err.kind()))?;
    if !cwd.is_dir() {
        return Err(says(&spec.cwd, "not a directory", io::ErrorKind::NotADirectory));
    }
    Ok(())
}

fn stream(stdio: Stdio) -> std::process::Stdio {
    match stdio {
        Stdio::Null => std::process::Stdio::null(),
        Stdio::Piped => std::process::Stdio::piped(),
    }
}

/// Becomes the launcher when this process was started as one, and then never returns.
/// To be called first in `main`, before any thread exists.
pub fn run_if_launched() {
    let mut words = std::env::args_os().skip(1);
    match words.next().as_deref().and_then(OsStr::to_str) {
        Some(SUPERVISE) => supervisor::run(words),
        Some(CONFINE) => confine::run(words),
        _ => {}
    }
}
