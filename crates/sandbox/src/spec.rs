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
    /// Processes and threads alive at once, of the child and its descendants together. Whether the machine lets it be
    /// held is in the [`crate::Report`].
    pub processes: Option<u64>,
    /// Memory of the child and its descendants together, in bytes; held where [`Self::processes`] is held by a cgroup.
    pub memory: Option<u64>,
}

impl Limits {
    /// No bounds but those of this process.
    pub(crate) const fn none() -> Self {
        Self { open_files: None, file_size: None, cpu_time: None, nice: None, processes: None, memory: None }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_files: Some(65_536),
            file_size: Some(2 << 30),
            cpu_time: None,
            nice: None,
            processes: Some(1024),
            memory: Some(4 << 30),
        }
    }
}

/// What a child may reach of the machine, besides the programs of the system: files, and the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// What it may read. A path that is not there is left out; one within [`Self::write`] is kept from changes.
    pub read: Vec<PathBuf>,
    /// What it may change.
    pub write: Vec<PathBuf>,
    /// The network.
    pub network: Network,
}

/// What a child may reach of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Nothing: it has a loopback of its own, with nobody else on it.
    #[default]
    Nothing,
    /// Nothing but these ways between its loopback and this machine's.
    Ways(Vec<Way>),
    /// All that this process reaches.
    Machine,
}

/// A way through between the child's loopback and this machine's, for TCP. The port is the same on both sides, so that
/// an address need not be translated, and works also where a child shares this machine's loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The child reaches what listens on this port of 127.0.0.1.
    Out(u16),
    /// What the child listens on is reached from here.
    In(u16),
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
    /// What it may reach.
    pub reach: Reach,
}

impl Spec {
    /// A child with no arguments, an empty environment, no input and both outputs piped, that reaches nothing.
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
            reach: Reach::default(),
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

    /// Lets it read `path`, if that is there.
    pub fn reads(mut self, path: impl Into<PathBuf>) -> Self {
        self.reach.read.push(path.into());
        self
    }

    /// Lets it change `path`, and read it.
    pub fn writes(mut self, path: impl Into<PathBuf>) -> Self {
        self.reach.write.push(path.into());
        self
    }

    /// Opens one way through between its loopback and this machine's.
    pub fn way(mut self, way: Way) -> Self {
        match &mut self.reach.network {
            Network::Machine => {}
            Network::Ways(ways) => ways.push(way),
            Network::Nothing => self.reach.network = Network::Ways(vec![way]),
        }
        self
    }

    /// Connects standard input to a pipe.
    pub fn piped_stdin(mut self) -> Self {
        self.stdin = Stdio::Piped;
        self
    }
}
