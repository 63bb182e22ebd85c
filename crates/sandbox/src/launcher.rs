//! Starting children: the side that asks, and the launcher process that carries it out.

use crate::argv::{self, CONFINE, ERRAND, INSIDE, PROBE, SUPERVISE};
use crate::protection::Protection;
use crate::spec::{Reach, Spec, Stdio};
use crate::steward::{self, WORKER};
use crate::{child::Confined, confine, inside, probe, supervisor};
use rustix::fs::{Access, access};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pipe::{PipeFlags, pipe_with};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Most bytes of paths in one order: a pipe takes as many without a reader.
const PATHS_MAX: usize = 32 << 10;

/// Starts children through the launcher program.
///
/// Each child has a supervisor of its own between it and this process. When the child ends, or this process
/// does (in whatever way), or the [`Confined`] is dropped, everything that descends from the child is killed.
#[derive(Clone, Debug)]
pub struct Launcher {
    program: PathBuf,
    protection: Protection,
    /// What every child may read.
    places: Vec<PathBuf>,
}

impl Launcher {
    /// Uses the executable at `program`, whose `main` calls [`run_if_launched`] before anything else. Children are
    /// protected from by nothing but limits and a cleared environment.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), protection: Protection::Nothing, places: Vec::new() }
    }

    /// The same, with children confined by `protection`.
    pub fn with(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    /// The same, with every child allowed to read `places` too: programs, and what belongs to them.
    pub fn reading(mut self, places: impl IntoIterator<Item = PathBuf>) -> Self {
        self.places.extend(places);
        self
    }

    /// By what children are confined.
    pub const fn protection(&self) -> &Protection {
        &self.protection
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
        let paths = self.paths(spec)?;
        // Other children that are being started right now may inherit them too: read ends keep nothing alive.
        fcntl_setfd(&read, FdFlags::empty())?;
        fcntl_setfd(&paths, FdFlags::empty())?;
        let mut command = Command::new(&self.program);
        command
            .arg0("launcher")
            .arg(if matches!(self.protection, Protection::OtherUser(_)) { ERRAND } else { SUPERVISE })
            .arg(read.as_raw_fd().to_string())
            .arg(paths.as_raw_fd().to_string())
            .args(argv::words(&spec.limits, &spec.reach.network, &self.protection))
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

    /// A pipe from which the child's paths are read.
    fn paths(&self, spec: &Spec) -> io::Result<OwnedFd> {
        let packed = argv::pack(&reach(spec, &self.places));
        if packed.len() > PATHS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many paths for one child"));
        }
        let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
        File::from(write).write_all(&packed)?;
        Ok(read)
    }
}

/// What `spec` and `places` allow, each path also where links in it really lead: children see no such links.
fn reach(spec: &Spec, places: &[PathBuf]) -> Reach {
    let within = |path: &Path| spec.reach.write.iter().any(|dir| path.starts_with(dir));
    // Whoever may write there could put a link to anything in its place.
    let read = spec.reach.read.iter().chain(places).filter(|path| !(path.is_symlink() && within(path)));
    Reach {
        read: read.flat_map(|path| both(path)).collect(),
        write: spec.reach.write.iter().flat_map(|path| both(path)).collect(),
        network: spec.reach.network.clone(),
    }
}

fn both(path: &Path) -> Vec<PathBuf> {
    let real = path.canonicalize().ok().filter(|real| real != path);
    std::iter::once(path.to_owned()).chain(real).collect()
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
        Some(INSIDE) => inside::run(words),
        Some(ERRAND) => steward::run_errand(words),
        Some(WORKER) => steward::become_worker(words),
        Some(PROBE) => probe::run(words),
        _ => {}
    }
}
