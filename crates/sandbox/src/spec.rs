//! What to start, and how far it may go.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What a child's standard stream is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stdio {
    /// Nothing: reads end at once, writes vanish.
    Null,
    /// A pipe to this process.
    Piped,
}

/// Bounds on one child and each of its descendants. `None` leaves the bound of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open files per process.
    pub open_files: Option<u64>,
    /// Largest file a process may write, in bytes.
    pub file_size: Option<u64>,
    /// CPU time per process.
    pub cpu_time: Option<Duration>,
    /// Core dumps are always off; this bounds nothing else.
    pub nice: Option<i32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_files: Some(65_536), file_size: Some(2 << 30), cpu_time: None, nice: None }
    }
}

/// One child to start. Its environment holds what `env` lists and nothing else.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// Its arguments, without the program itself. No shell reads them.
    pub args: Vec<OsString>,
    /// Its working directory.
    pub cwd: PathBuf,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its standard input.
    pub stdin: Stdio,
    /// Its standard output.
    pub stdout: Stdio,
    /// Its standard error.
    pub stderr: Stdio,
    /// Its bounds.
    pub limits: Limits,
}

impl Spec {
    /// A child with no arguments, an empty environment, no input and both outputs piped.
    pub fn new(program: impl Into<PathBuf>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            cwd: cwd.into(),
            env: Vec::new(),
            stdin: Stdio::Null,
            stdout: Stdio::Piped,
            stderr: Stdio::Piped,
            limits: Limits::default(),
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds several arguments.
    pub fn args<I: IntoIterator<Item = A>, A: Into<OsString>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets one environment variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Connects standard input to a pipe.
    pub fn piped_stdin(mut self) -> Self {
        self.stdin = Stdio::Piped;
        self
    }
}
