//! What protects this machine from its children, as tried by one: the self-test at start.

use crate::argv::PROBE;
use crate::launcher::Launcher;
use crate::probe;
use crate::protection::Protection;
use crate::spec::{Spec, Way};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

/// How long the test may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A port that only its own loopback need have free.
const NOWHERE: u16 = 49_999;

/// One thing that a child must not be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Reading what it was not given.
    Read,
    /// Writing what it was not given.
    Write,
    /// Reading the environment of this process, where credentials can be.
    Environment,
    /// Ending other processes than its own.
    Processes,
    /// Connecting to what listens on this machine.
    Loopback,
    /// Connecting to other machines, those with the cloud's credentials among them.
    Outside,
    /// Starting processes without end.
    ProcessCount,
    /// Filling the memory.
    Memory,
}

/// All of them, and how they are called.
pub(crate) const GUARDS: [(Guard, &str); 8] = [
    (Guard::Read, "other files"),
    (Guard::Write, "writing elsewhere"),
    (Guard::Environment, "our environment"),
    (Guard::Processes, "other processes"),
    (Guard::Loopback, "this machine's ports"),
    (Guard::Outside, "the network"),
    (Guard::ProcessCount, "endless processes"),
    (Guard::Memory, "endless memory"),
];
/// What must be guarded for a child to be called confined.
const NEEDED: [Guard; 3] = [Guard::Read, Guard::Write, Guard::Environment];

/// What was tried, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By what children are confined.
    pub protection: Protection,
    /// What a child was kept from.
    pub holds: BTreeSet<Guard>,
}

impl Report {
    /// What an operator can do about too little.
    pub const ADVICE: &str = "Install bubblewrap (Debian: `apt-get install bubblewrap`), where user namespaces are allowed; \
        else start as root, with the capabilities SETUID, SETGID and KILL. Or allow it with --sandbox off \
        (WEBORDINARY_SANDBOX=off), if you trust every site and everybody who may write";

    /// Starts a child that tries everything, in the directory `scratch`, which is made. Takes about 0.1 s.
    pub async fn of(launcher: &Launcher, scratch: &Path) -> io::Result<Self> {
        let (inside, outside) = (scratch.join("inside"), scratch.join("outside"));
        for dir in [&inside, &outside] {
            fs::create_dir_all(dir)?;
        }
        let (inside, outside) = (inside.canonicalize()?, outside.canonicalize()?);
        fs::write(outside.join("secret"), "secret")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let id = std::process::id();
        let mut spec = Spec::new(launcher.program(), &inside)
            .arg(PROBE)
            .arg(&outside)
            .arg(id.to_string())
            .arg(listener.local_addr()?.port().to_string())
            .arg(i32::try_from(id).ok().and_then(probe::began).unwrap_or_default())
            .env("PATH", "/usr/bin:/bin")
            .writes(&inside)
            // With a way that leads nowhere, as most children have one.
            .way(Way::Out(NOWHERE));
        spec.limits.processes = Some(probe::PROCESSES);
        spec.limits.memory = Some(probe::MEMORY);
        let output = launcher.spawn(&spec)?.output(LIMIT).await?;
        let _ = fs::remove_dir_all(scratch);
        if !output.status.success() {
            let says = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(io::Error::other(format!("the self-test ended with {}: {says}", output.status)));
        }
        let says = String::from_utf8_lossy(&output.stdout).into_owned();
        let holds = says.lines().filter_map(|line| GUARDS.iter().find(|(_, name)| *name == line));
        Ok(Self {
            protection: launcher.protection().clone(),
            holds: holds.map(|(guard, _)| *guard).collect(),
        })
    }

    /// Whether site code and the agent are kept from the files and secrets of this machine.
    pub fn is_enough(&self) -> bool {
        NEEDED.iter().all(|guard| self.holds.contains(guard))
    }

    /// What a child can do although it should not, in words.
    pub fn open(&self) -> Vec<&'static str> {
        let open = GUARDS.iter().filter(|(guard, _)| !self.holds.contains(guard));
        open.map(|(_, name)| *name).collect()
    }
}

/// One line: what protects, and what stays open.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.open();
        match (&self.protection, open.is_empty()) {
            (Protection::Nothing, _) => f.write_str("nothing: site code and the agent can do what you can"),
            (protection, true) => write!(f, "{protection}; all of it holds"),
            (protection, false) => write!(f, "{protection}; not kept from: {}", open.join(", ")),
        }
    }
}
