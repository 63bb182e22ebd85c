//! Errors that carry a decision.

use std::fmt;

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Try again later: a time-out, throttling, a full disk.
    Transient,
    /// The thing named does not exist.
    NotFound,
    /// Somebody else was first, or the condition does not hold.
    Conflict,
    /// The lease, receipt or claim is over: stop, another has taken over.
    LeaseLost,
    /// Not allowed.
    Denied,
    /// The input breaks a rule: trying again cannot help.
    Malformed,
}

/// An error of a port: the decision, and words for an operator.
#[derive(Debug)]
pub struct PortError {
    kind: ErrorKind,
    says: String,
}

/// The result of every port.
pub type Result<T, E = PortError> = std::result::Result<T, E>;

impl PortError {
    /// An error of `kind`; `says` names the thing and the cause.
    pub fn new(kind: ErrorKind, says: impl fmt::Display) -> Self {
        Self { kind, says: says.to_string() }
    }

    /// What can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.says, self.kind)
    }
}

impl std::error::Error for PortError {}
