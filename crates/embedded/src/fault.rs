//! What can go wrong inside a database step, before it is put in a port's words.

use ports::{ErrorKind, PortError};

/// An error inside a step.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The step itself refuses.
    #[error(transparent)]
    Port(#[from] PortError),
    /// SQLite refuses.
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    /// A stored document is not what it should be.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Fault {
    /// A refusal with words.
    pub(crate) fn new(kind: ErrorKind, says: impl std::fmt::Display) -> Self {
        Self::Port(PortError::new(kind, says))
    }
}

impl From<Fault> for PortError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Port(err) => err,
            Fault::Sql(err) => PortError::new(kind_of(&err), format_args!("database: {err}")),
            Fault::Json(err) => PortError::new(ErrorKind::Malformed, format_args!("stored document: {err}")),
            Fault::Io(err) => PortError::new(ErrorKind::Transient, format_args!("disk: {err}")),
        }
    }
}

/// A full disk, a failed write, no memory and a busy file pass; what breaks a rule does not.
fn kind_of(err: &rusqlite::Error) -> ErrorKind {
    use rusqlite::ErrorCode as Code;
    match err.sqlite_error_code() {
        Some(Code::ConstraintViolation) => ErrorKind::Conflict,
        Some(Code::TooBig | Code::TypeMismatch | Code::NotADatabase | Code::DatabaseCorrupt) => {
            ErrorKind::Malformed
        }
        Some(_) => ErrorKind::Transient,
        None => ErrorKind::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_passes_and_a_broken_rule_does_not() {
        let sql = |code| Fault::Sql(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        for (code, kind) in [
            (rusqlite::ffi::SQLITE_FULL, ErrorKind::Transient),
            (rusqlite::ffi::SQLITE_IOERR_FSYNC, ErrorKind::Transient),
            (rusqlite::ffi::SQLITE_BUSY, ErrorKind::Transient),
            (rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE, ErrorKind::Conflict),
            (rusqlite::ffi::SQLITE_CORRUPT, ErrorKind::Malformed),
        ] {
            assert_eq!(PortError::from(sql(code)).kind(), kind, "{code}");
        }
    }
}
