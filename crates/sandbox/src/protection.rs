//! By what children are kept from what they must not reach.

use crate::argv::number;
use crate::{rules, steward};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where bubblewrap is looked for: only places that nobody but root writes to.
const PLACES: [&str; 3] = ["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap"];

/// By what children are confined. Callers of the launcher say what a child needs; this decides how it is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Namespaces of their own, made by this program: nothing of the disk, of other processes and of the network but
    /// what they were given.
    Bubblewrap(PathBuf),
    /// Another user than this process, and rules of the kernel for the disk and the network where it has them.
    OtherUser(User),
    /// The kernel's rules for the disk and the network alone (Landlock).
    Landlock,
    /// A cleared environment and limits, as always, and nothing else.
    Nothing,
}

/// The user who runs children for a process that the steward has started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// The group that it shares with this process, through which both work on the same files.
    pub gid: u32,
    /// The steward's process id.
    pub(crate) steward: u32,
}

impl Protection {
    /// The best that this machine allows. Takes some 30 ms, since bubblewrap is tried and not only looked for.
    pub fn best() -> Self {
        let other = || if rules::known() { Self::Landlock } else { Self::Nothing };
        Self::bubblewrap().or_else(Self::other_user).unwrap_or_else(other)
    }

    /// Bubblewrap, where it is installed and works.
    pub fn bubblewrap() -> Option<Self> {
        let program = PLACES.iter().map(Path::new).find(|place| is_roots(place) && works(place))?;
        Some(Self::Bubblewrap(program.to_owned()))
    }

    /// Another user, where a [`steward`] has started this process.
    pub fn other_user() -> Option<Self> {
        steward::user().map(Self::OtherUser)
    }

    /// Whether children have a loopback and process ids of their own, so that they reach nobody but whom they are led to.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Bubblewrap(_))
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bubblewrap(_) => f.write_str("bubblewrap"),
            Self::OtherUser(user) if rules::known() => write!(f, "user {} and Landlock", user.uid),
            Self::OtherUser(user) => write!(f, "user {}", user.uid),
            Self::Landlock => f.write_str("Landlock"),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

impl User {
    pub(crate) fn parse(word: &OsStr) -> Result<Self, String> {
        let text = word.to_str().unwrap_or_default();
        let numbers: Vec<u32> = text.split(':').map(|n| number(OsStr::new(n))).collect::<Result<_, _>>()?;
        match numbers[..] {
            [uid, gid, steward] => Ok(Self { uid, gid, steward }),
            _ => Err(format!("{text} names no user")),
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.uid, self.gid, self.steward)
    }
}

fn is_roots(program: &Path) -> bool {
    program.metadata().is_ok_and(|file| file.is_file() && file.uid() == 0 && file.mode() & 0o022 == 0)
}

/// Containers often forbid what it needs, so it is tried with all that children need of it.
fn works(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(crate::bubblewrap::NAMESPACES).args([
        "--unshare-net",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
    ]);
    command.args(["--remount-ro", "/proc", "--dev", "/dev", "--", "/proc/self/exe", "--version"]);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
