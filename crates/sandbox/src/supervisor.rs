//! The stage that watches over a child: it outlives neither its parent nor leaves anything behind.

use crate::{argv, inherited, tree};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitStatus, getpid, kill_process, kill_process_group, set_child_subreaper,
    setrlimit, setsid,
};
use signal_hook::consts::{SIGCHLD, SIGTERM};
use signal_hook::low_level::{emulate_default_handler, pipe};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What the parent writes into the lifeline to have the child asked to end. The lifeline's end kills.
pub(crate) const ASK_TO_END: u8 = b'T';
/// Exit code when the supervisor itself could not do its work.
const NOT_SUPERVISED: i32 = 126;

/// Starts the child, waits for its end or the parent's, ends its tree, and ends as the child did.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> ! {
    match supervise(words) {
        Ok(status) => end_like(status),
        Err(says) => {
            eprintln!("launcher: {says}");
            std::process::exit(NOT_SUPERVISED)
        }
    }
}

fn supervise(mut words: impl Iterator<Item = OsString>) -> Result<WaitStatus, String> {
    let lifeline = argv::number(&words.next().ok_or("no lifeline in the order")?)?;
    let lifeline = inherited::take(lifeline).map_err(|err| format!("no lifeline: {err}"))?;
    let signals = Signals::install().map_err(|err| format!("cannot watch signals: {err}"))?;
    detach().map_err(|err| format!("cannot detach: {err}"))?;
    let child = start(words).map_err(|err| format!("cannot start the child: {err}"))?;
    let mut watch = Watch { lifeline: lifeline.into(), signals, child, ended: None };
    // Whatever goes wrong while watching, the tree must not outlive it.
    let watched = watch.until_end();
    tree::end(|pid, status| watch.note(pid, status));
    watched.map_err(|err| format!("cannot watch the child: {err}"))?;
    watch.ended.ok_or_else(|| "the child's end was not seen".to_owned())
}

/// Leaves the parent's session, so that its terminal's signals end nothing here; adopts orphans; dumps no core.
fn detach() -> io::Result<()> {
    setsid()?;
    set_child_subreaper(Some(getpid()))?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    inherited::keep_from_children()
}

/// Starts the stage that becomes the child, with this process's streams, and lets go of these.
fn start(words: impl Iterator<Item = OsString>) -> io::Result<Pid> {
    let stage = Command::new("/proc/self/exe")
        .arg0("launcher")
        .args([argv::CONFINE, &std::process::id().to_string()])
        .args(words)
        .process_group(0)
        .spawn()?;
    // Else the parent would not see the child close its streams.
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    let pid = i32::try_from(stage.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| io::Error::other("the child has no id"))
}

struct Signals {
    child_ended: UnixStream,
    asked_to_end: UnixStream,
}

impl Signals {
    fn install() -> io::Result<Self> {
        Ok(Self { child_ended: wake_on(SIGCHLD)?, asked_to_end: wake_on(SIGTERM)? })
    }
}

fn wake_on(signal: i32) -> io::Result<UnixStream> {
    let (read, write) = UnixStream::pair()?;
    read.set_nonblocking(true)?;
    pipe::register(signal, write)?;
    Ok(read)
}

struct Watch {
    lifeline: File,
    signals: Signals,
    child: Pid,
    ended: Option<WaitStatus>,
}

impl Watch {
    /// Returns when the child has ended, or when the lifeline has.
    fn until_end(&mut self) -> io::Result<()> {
        loop {
            let mut fds = [
                PollFd::new(&self.lifeline, PollFlags::IN),
                PollFd::new(&self.signals.child_ended, PollFlags::IN),
                PollFd::new(&self.signals.asked_to_end, PollFlags::IN),
            ];
            match poll(&mut fds, None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(err) => return Err(err.into()),
            }
            let [lifeline, child_ended, asked_to_end] = fds.map(|fd| !fd.revents().is_empty());
            if child_ended {
                drain(&mut self.signals.child_ended);
                self.reap();
            }
            if self.ended.is_some() || (lifeline && self.parent_is_gone()) {
                return Ok(());
            }
            if asked_to_end {
                drain(&mut self.signals.asked_to_end);
                self.ask_to_end();
            }
        }
    }

    /// Reads what the parent wrote, and carries it out.
    fn parent_is_gone(&mut self) -> bool {
        let mut words = [0; 16];
        match self.lifeline.read(&mut words) {
            Ok(0) => true,
            Ok(read) => {
                if words.iter().take(read).any(|word| *word == ASK_TO_END) {
                    self.ask_to_end();
                }
                false
            }
            Err(err) => err.kind() != io::ErrorKind::Interrupted,
        }
    }

    fn ask_to_end(&self) {
        // The child is not reaped yet, so that its id and its group's are still its own.
        let _ = kill_process_group(self.child, Signal::TERM);
    }

    fn reap(&mut self) {
        tree::reap(|pid, status| self.note(pid, status));
    }

    fn note(&mut self, pid: Pid, status: WaitStatus) {
        if pid == self.child {
            self.ended = Some(status);
        }
    }
}

fn drain(stream: &mut UnixStream) {
    let mut bytes = [0; 64];
    while matches!(stream.read(&mut bytes), Ok(read) if read == bytes.len()) {}
}

/// Ends this process with the exit code, or by the signal, that ended the child.
fn end_like(status: WaitStatus) -> ! {
    if let Some(number) = status.terminating_signal() {
        // Restores the default action where a handler or the runtime changed it, and raises the signal.
        let _ = emulate_default_handler(number);
        if let Some(signal) = Signal::from_named_raw(number) {
            let _ = kill_process(getpid(), signal);
        }
        std::process::exit(128 + number)
    }
    std::process::exit(status.exit_status().unwrap_or(NOT_SUPERVISED))
}
