//! Why a turn could not be run to an ending of its own.

use gateway::Usage;
use std::io;

/// A turn that had no ending. Each is transient but for [`AgentError::Closed`]: the next turn resumes.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The process could not be started.
    #[error("Claude Code could not be started")]
    Start(#[source] io::Error),
    /// The thread's home cannot be read or written.
    #[error("the home of the thread's agent cannot be used")]
    Home(#[source] io::Error),
    /// The process ended in the middle of the turn.
    #[error("Claude Code ended in the middle of the turn ({says})")]
    Died {
        /// How it ended, and its last lines.
        says: String,
        /// What the turn had used of the model by then.
        usage: Usage,
    },
    /// No token could be made for the process.
    #[error("the model gateway gave no token")]
    Gateway(#[from] gateway::GatewayError),
    /// The agents are being drained: no turn begins any more.
    #[error("the agents are being drained")]
    Closed,
}

impl AgentError {
    /// What the turn used of the model before it broke off.
    pub fn usage(&self) -> Usage {
        match self {
            Self::Died { usage, .. } => *usage,
            _ => Usage::default(),
        }
    }

    /// Whether the same turn may succeed when it is tried again here.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Closed)
    }
}
