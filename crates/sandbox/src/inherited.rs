//! File descriptors that this process was started with: the one place that names them by number.

use rustix::io::{Errno, FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};

/// First number after standard input, output and error.
const FIRST: RawFd = 3;

/// A copy of the inherited descriptor `number` which no program started from here gets.
pub(crate) fn take(number: RawFd) -> Result<OwnedFd, Errno> {
    fcntl_dupfd_cloexec(named(number)?, FIRST)
}

/// Lets the next program that is started from here, or that this process becomes, have `fd`.
pub(crate) fn pass_on(fd: &impl AsFd) -> Result<(), Errno> {
    fcntl_setfd(fd, FdFlags::empty())
}

/// Keeps the inherited descriptor `number` from programs started from here.
pub(crate) fn keep(number: RawFd) -> Result<(), Errno> {
    fcntl_setfd(named(number)?, FdFlags::CLOEXEC)
}

/// Keeps every descriptor but the three standard streams from programs started from here.
pub(crate) fn keep_from_children() -> std::io::Result<()> {
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if number >= FIRST {
            fcntl_setfd(named(number)?, FdFlags::CLOEXEC)?;
        }
    }
    Ok(())
}

#[expect(unsafe_code, reason = "a descriptor inherited from the parent exists here only as a number")]
fn named(number: RawFd) -> Result<BorrowedFd<'static>, Errno> {
    if number < 0 {
        return Err(Errno::BADF);
    }
    // SAFETY: the number is not -1. The launcher's stages run one thread that closes nothing while a
    // borrow lives, and a number that is not open makes the kernel answer EBADF.
    Ok(unsafe { BorrowedFd::borrow_raw(number) })
}
