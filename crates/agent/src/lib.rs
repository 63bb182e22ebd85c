//! Claude Code as a child process: turns, interruption, resuming, limits.

pub mod agents;
pub mod command;
pub mod config;
pub mod error;
pub mod fold;
mod guard;
pub mod permission;
pub mod pool;
pub mod process;
pub mod prompt;
pub mod protocol;
pub mod run;
pub mod session;
pub mod turn;

pub use agents::Agents;
pub use config::{AgentConfig, Shell, TurnLimits};
pub use error::AgentError;
pub use turn::{
    AttachmentFile, Choice, Ending, FailureKind, Material, Overreach, Progress, Question, Reach, Turn,
    TurnReport,
};
