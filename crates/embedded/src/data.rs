//! The data directory, which one process has at a time.

use ports::{ErrorKind, PortError, Result};
use std::fs::{File, OpenOptions, TryLockError, create_dir_all};
use std::io;
use std::path::{Path, PathBuf};

/// Proof that this process alone has the directory; the kernel takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Data {
    dir: PathBuf,
    // Held for its lock.
    _lock: File,
}

impl Data {
    /// Takes the directory, which is made if need be, readable by this user only. `Conflict` when another process
    /// has it, `Transient` when the disk refuses.
    pub fn lock(dir: &Path) -> Result<Self> {
        let refuse = |err: io::Error| {
            PortError::new(
                ErrorKind::Transient,
                format_args!("cannot use the data directory {}: {err}", dir.display()),
            )
        };
        create_dir_all(dir).map_err(refuse)?;
        private(dir).map_err(refuse)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("lock"))
            .map_err(refuse)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: dir.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(PortError::new(
                ErrorKind::Conflict,
                format_args!(
                    "another WebOrdinary is running on {}: stop it, or use another data directory",
                    dir.display()
                ),
            )),
            Err(TryLockError::Error(err)) => Err(refuse(err)),
        }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Owners' mails and thread ids are in there.
#[cfg(unix)]
fn private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> io::Result<()> {
    Ok(())
}
