//! What all agents of this process share.

use gateway::Gateway;
use sandbox::{Launcher, Protection};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How agents are started, and how far they may go.
#[derive(Clone)]
pub struct AgentConfig {
    /// The native Claude Code program, as an absolute path.
    pub claude: PathBuf,
    /// The `PATH` that its shell commands see.
    pub path_env: OsString,
    /// Starts the process.
    pub launcher: Launcher,
    /// Where sites' packages are kept: a worktree's `node_modules` that leads elsewhere is not shown to the agent.
    pub packages: PathBuf,
    /// Whether it may run commands of its own.
    pub shell: Shell,
    /// Where its model calls go.
    pub gateway: Gateway,
    /// Processes alive at once, busy or warm; at least 1. Each takes about 300 MiB.
    pub max_warm: usize,
    /// The model, or Claude Code's own choice.
    pub model: Option<String>,
    /// Bounds on each turn.
    pub limits: TurnLimits,
}

/// Whether an agent has a shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shell {
    /// Where what it runs reaches nothing but its own files and the gateway.
    #[default]
    WhereConfined,
    /// Also elsewhere: the operator trusts the project.
    Always,
    /// Nowhere.
    Never,
}

impl std::str::FromStr for Shell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::WhereConfined),
            "on" => Ok(Self::Always),
            "off" => Ok(Self::Never),
            _ => Err("it is auto, on or off".to_owned()),
        }
    }
}

impl Shell {
    /// Whether there is one under `protection`.
    pub(crate) fn is_there(self, protection: &Protection) -> bool {
        match self {
            Self::WhereConfined => protection.is_whole(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Bounds on one turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurnLimits {
    /// Calls of the model.
    pub max_turns: u32,
    /// US dollars, as Claude Code itself reckons them: a last belt, beyond [`crate::Turn::allowance`]. A process may spend twice this, and is replaced once it has spent this: a turn may spend at
    /// least `max_usd` and at most the double. Claude Code notices after the call that goes beyond.
    pub max_usd: f64,
    /// Silence of the process. The gateway's own limit of 60 s on silent streams should end sooner.
    pub inactivity: Duration,
    /// The whole turn, starting the process included.
    pub whole: Duration,
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self {
            max_turns: 60,
            max_usd: 100.0,
            inactivity: Duration::from_mins(3),
            whole: Duration::from_mins(20),
        }
    }
}
