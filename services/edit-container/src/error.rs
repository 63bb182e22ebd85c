//! Why a turn did not reach an outcome, and what that means for the next try.

use agent::AgentError;
use domain::message::FailureKind;
use ports::{ErrorKind, PortError};
use std::path::Path;
use workspace::WorkspaceError;

/// Why a turn did not reach an outcome.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TurnError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error("{0}")]
    Local(String),
    #[error("asked to stop")]
    Stopped,
}

impl TurnError {
    /// What can be done about it.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Port(error) => error.kind(),
            Self::Workspace(error) => port_kind(error),
            Self::Agent(_) | Self::Local(_) | Self::Stopped => ErrorKind::Transient,
        }
    }

    /// The same, for those who only decide whether to try again.
    pub(crate) fn to_port(&self) -> PortError {
        PortError::new(self.kind(), self)
    }

    /// The sort of failure that an owner is told of.
    pub(crate) fn failure(&self) -> FailureKind {
        match self {
            Self::Agent(_) => FailureKind::Model,
            Self::Workspace(_) => FailureKind::Site,
            Self::Port(_) | Self::Local(_) | Self::Stopped => FailureKind::Transient,
        }
    }
}

fn port_kind(error: &WorkspaceError) -> ErrorKind {
    match error.kind() {
        workspace::ErrorKind::Transient => ErrorKind::Transient,
        workspace::ErrorKind::NotFound => ErrorKind::NotFound,
        workspace::ErrorKind::Conflict => ErrorKind::Conflict,
        workspace::ErrorKind::LeaseLost => ErrorKind::LeaseLost,
        workspace::ErrorKind::Denied => ErrorKind::Denied,
        workspace::ErrorKind::Malformed => ErrorKind::Malformed,
    }
}

/// A trouble of this machine's disk.
pub(crate) fn local(path: &Path, error: &std::io::Error) -> TurnError {
    TurnError::Local(format!("{}: {error}", path.display()))
}
