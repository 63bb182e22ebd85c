//! Why a tool did not do what it was asked, in words for the model.

/// What can be done about a tool's failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Never: it is outside of what tools may touch.
    Denied,
    /// Name something that is there.
    NotFound,
    /// Something is in the way, or several things match.
    Conflict,
    /// Ask in another form.
    Malformed,
    /// The same may work later.
    Transient,
}

/// A tool's failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{says}")]
pub struct ToolError {
    kind: ErrorKind,
    says: String,
}

/// What a tool's function gives.
pub(crate) type Result<T> = std::result::Result<T, ToolError>;

impl ToolError {
    /// What can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn denied(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Denied, says: says.into() }
    }

    pub(crate) fn not_found(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::NotFound, says: says.into() }
    }

    pub(crate) fn conflict(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Conflict, says: says.into() }
    }

    pub(crate) fn malformed(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Malformed, says: says.into() }
    }

    pub(crate) fn transient(says: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Transient, says: says.into() }
    }

    /// A trouble with the file or folder called `name`.
    pub(crate) fn of_file(name: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let is_link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
        match error.kind() {
            Io::NotFound => Self::not_found(format!("{name} is not there")),
            Io::AlreadyExists => Self::conflict(format!("{name} is there already")),
            _ if is_link || error.kind() == Io::NotADirectory => {
                Self::denied(format!("{name} leads over a symbolic link, which tools do not follow"))
            }
            Io::PermissionDenied => Self::denied(format!("{name} cannot be opened")),
            _ => Self::transient(format!("{name} cannot be used just now ({error})")),
        }
    }
}
