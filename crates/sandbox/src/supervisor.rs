//! The stage that watches over a child: it outlives neither its parent nor leaves anything behind.

use crate::argv::{self, Order};
use crate::cage::Cage;
use crate::hatch::Hatch;
use crate::protection::Protection;
use crate::signals::{self, NOT_SUPERVISED, end_by, end_like, wake_on};
use crate::ways::Ways;
use crate::{inherited, tree};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitStatus, getpid, kill_process_group, set_child_subreaper, setrlimit,
    setsid,
};
use signal_hook::consts::{SIGCHLD, SIGTERM};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What the parent writes into the lifeline to have the child asked to end. The lifeline's end kills.
pub(crate) const ASK_TO_END: u8 = b'T';

/// Starts the child, waits for its end or the parent's, ends its tree, and ends as the child did.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> ! {
    match supervise(words) {
        Ok(Ending::Own(status)) => end_like(status),
        Ok(Ending::Told(status)) => end_as_told(status),
        Err(says) => {
            eprintln!("launcher: {says}");
            std::process::exit(NOT_SUPERVISED)
        }
    }
}

/// How the process ended that was watched.
enum Ending {
    /// It was the child.
    Own(WaitStatus),
    /// It was bubblewrap, which tells of its child's signal n by the exit code 128 + n, as shells do.
    Told(WaitStatus),
}

fn end_as_told(status: WaitStatus) -> ! {
    match status.exit_status() {
        Some(code @ 129..=159) => end_by(code - 128),
        _ => end_like(status),
    }
}

fn supervise(mut words: impl Iterator<Item = OsString>) -> Result<Ending, String> {
    let mut number =
        || words.next().ok_or("no numbers in the order".to_owned()).and_then(|word| argv::number(&word));
    let (lifeline, paths) = (number()?, number()?);
    let lifeline = File::from(inherited::take(lifeline).map_err(|err| format!("no lifeline: {err}"))?);
    let paths = read_paths(paths).map_err(|err| format!("no paths in the order: {err}"))?;
    let words: Vec<OsString> = words.collect();
    let order = argv::read(words.clone())?;
    let signals = Signals::install().map_err(|err| format!("cannot watch signals: {err}"))?;
    detach().map_err(|err| format!("cannot detach: {err}"))?;
    let cage = Cage::make(&order.limits);
    let whole = matches!(order.protection, Protection::Bubblewrap(_));
    let (ways, theirs) = open_ways(&order).map_err(|err| format!("cannot open the ways through: {err}"))?;
    let errand = Errand { paths: [paths, argv::pack_cages(cage.dirs())].concat(), hatch: theirs, words };
    let child = start(errand).map_err(|err| format!("cannot start the child: {err}"))?;
    let mut watch = Watch { lifeline, signals, child, ways, ended: None };
    // Whatever goes wrong while watching, the tree must not outlive it.
    let watched = watch.until_end();
    tree::end(|pid, status| watch.note(pid, status));
    drop(cage);
    watched.map_err(|err| format!("cannot watch the child: {err}"))?;
    let ended = watch.ended.ok_or_else(|| "the child's end was not seen".to_owned())?;
    Ok(if whole { Ending::Told(ended) } else { Ending::Own(ended) })
}

fn read_paths(number: i32) -> io::Result<Vec<u8>> {
    let mut paths = Vec::new();
    File::from(inherited::take(number)?).read_to_end(&mut paths)?;
    Ok(paths)
}

/// Leaves the parent's session, so that its terminal's signals end nothing here; adopts orphans; dumps no core.
fn detach() -> io::Result<()> {
    setsid()?;
    set_child_subreaper(Some(getpid()))?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    inherited::keep_from_children()
}

/// The ways through, and the side of the hatch that the child's namespaces get; none for a child without such.
fn open_ways(order: &Order) -> io::Result<(Option<Ways>, Option<OwnedFd>)> {
    if !matches!(order.protection, Protection::Bubblewrap(_)) {
        return Ok((None, None));
    }
    let (ours, theirs) = Hatch::pair()?;
    Ok((Some(Ways::open(ours, order.ways())?), Some(theirs)))
}

/// What the stage that becomes the child is given.
struct Errand {
    paths: Vec<u8>,
    hatch: Option<OwnedFd>,
    words: Vec<OsString>,
}

/// Starts the stage that becomes the child, with this process's streams, and lets go of these.
fn start(errand: Errand) -> io::Result<Pid> {
    let mut paths = File::from(memfd_create("paths", MemfdFlags::CLOEXEC)?);
    paths.write_all(&errand.paths)?;
    paths.rewind()?;
    inherited::pass_on(&paths)?;
    if let Some(hatch) = &errand.hatch {
        inherited::pass_on(hatch)?;
    }
    let hatch = errand.hatch.as_ref().map_or(-1, AsRawFd::as_raw_fd);
    let stage = Command::new("/proc/self/exe")
        .arg0("launcher")
        .args([argv::CONFINE, &std::process::id().to_string(), &hatch.to_string()])
        .arg(paths.as_raw_fd().to_string())
        .args(errand.words)
        .process_group(0)
        .spawn()?;
    // Else the parent would not see the child close its streams.
    signals::let_go_of_streams()?;
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

struct Watch {
    lifeline: File,
    signals: Signals,
    child: Pid,
    ways: Option<Ways>,
    ended: Option<WaitStatus>,
}

impl Watch {
    /// Returns when the child has ended, or when the lifeline has.
    fn until_end(&mut self) -> io::Result<()> {
        loop {
            let ready = self.wait()?;
            let [lifeline, child_ended, asked_to_end] = [0, 1, 2].map(|place| ready.contains(&place));
            if child_ended {
                signals::drain(&mut self.signals.child_ended);
                self.reap();
            }
            if self.ended.is_some() || (lifeline && self.parent_is_gone()) {
                return Ok(());
            }
            if asked_to_end {
                signals::drain(&mut self.signals.asked_to_end);
                self.ask_to_end();
            }
            let of_ways = ready.into_iter().filter_map(|place| place.checked_sub(3));
            // One at a time: the places of the others may have changed.
            if let (Some(ways), Some(place)) = (&mut self.ways, of_ways.min())
                && ways.heed(place).is_err()
            {
                // Nobody is inside any more; the child's end is about to be seen.
                self.ways = None;
            }
        }
    }

    /// Waits until something can be read, and says what: the lifeline, the two signals, the ways through.
    fn wait(&self) -> io::Result<Vec<usize>> {
        let own =
            [self.lifeline.as_fd(), self.signals.child_ended.as_fd(), self.signals.asked_to_end.as_fd()];
        let ways = self.ways.as_ref().map(Ways::watched).unwrap_or_default();
        let watched = own.into_iter().chain(ways);
        let mut fds: Vec<_> = watched.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            Err(err) => return Err(err.into()),
        }
        let ready = fds.iter().enumerate().filter(|(_, fd)| !fd.revents().is_empty());
        Ok(ready.map(|(place, _)| place).collect())
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
        if !self.ways.as_ref().is_some_and(Ways::ask_to_end) {
            // The child is not reaped yet, so that its id and its group's are still its own.
            let _ = kill_process_group(self.child, Signal::TERM);
        }
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
