//! What the stages that watch a child have in common: signals as readable streams, and ending as somebody else did.

use rustix::process::{Signal, WaitStatus, getpid, kill_process};
use signal_hook::low_level::{emulate_default_handler, pipe};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;

/// Exit code when a stage itself could not do its work.
pub(crate) const NOT_SUPERVISED: i32 = 126;

/// A stream that can be read once `signal` has come.
pub(crate) fn wake_on(signal: i32) -> io::Result<UnixStream> {
    let (read, write) = UnixStream::pair()?;
    read.set_nonblocking(true)?;
    pipe::register(signal, write)?;
    Ok(read)
}

/// Reads what is there.
pub(crate) fn drain(stream: &mut UnixStream) {
    let mut bytes = [0; 64];
    while matches!(stream.read(&mut bytes), Ok(read) if read == bytes.len()) {}
}

/// Lets go of the three standard streams, which the child has: else its parent would not see it close them.
pub(crate) fn let_go_of_streams() -> io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Ends this process with the exit code, or by the signal, that ended the child.
pub(crate) fn end_like(status: WaitStatus) -> ! {
    if let Some(number) = status.terminating_signal() {
        end_by(number)
    }
    std::process::exit(status.exit_status().unwrap_or(NOT_SUPERVISED))
}

/// Ends this process by the signal `number`.
pub(crate) fn end_by(number: i32) -> ! {
    // Restores the default action where a handler or the runtime changed it, and raises the signal.
    let _ = emulate_default_handler(number);
    if let Some(signal) = Signal::from_named_raw(number) {
        let _ = kill_process(getpid(), signal);
    }
    std::process::exit(128 + number)
}
