//! The stage within a child's own namespaces: it opens the ways through, starts the program, and ends as it does.

use crate::argv::{self, Order};
use crate::confine::{NOT_STARTED, bound};
use crate::hatch::{Hatch, Note};
use crate::signals::{self, end_like};
use crate::spec::Way;
use crate::ways::loopback;
use crate::{inherited, tree};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    DumpableBehavior, Pid, Resource, Signal, WaitStatus, kill_process_group, set_dumpable_behavior,
};
use signal_hook::consts::SIGCHLD;
use std::ffi::OsString;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Starts the program, serves the hatch, and ends as the program did.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> ! {
    match serve(words) {
        Ok(status) => end_like(status),
        Err(says) => {
            eprintln!("launcher: {says}");
            std::process::exit(NOT_STARTED)
        }
    }
}

fn serve(mut words: impl Iterator<Item = OsString>) -> Result<WaitStatus, String> {
    // What runs beside this process must not reach into it: it is of the same user.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|err| format!("cannot hide: {err}"))?;
    let hatch = argv::number(&words.next().ok_or("no hatch in the order")?)?;
    let hatch = inherited::take(hatch).map_err(|err| format!("no hatch: {err}"))?;
    inherited::keep_from_children().map_err(|err| format!("cannot detach: {err}"))?;
    let order = argv::read(words)?;
    let hatch = Hatch::inherited(hatch);
    let failed = |err: io::Error| format!("cannot open the ways through: {err}");
    open(&hatch, &order).map_err(failed)?;
    let mut child_ended = signals::wake_on(SIGCHLD).map_err(failed)?;
    let child = start(&order)?;
    loop {
        let mut fds = [PollFd::new(&hatch, PollFlags::IN), PollFd::new(&child_ended, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(err) => return Err(format!("cannot watch the child: {err}")),
        }
        let [note, ended] = fds.map(|fd| !fd.revents().is_empty());
        if ended {
            signals::drain(&mut child_ended);
            let mut status = None;
            tree::reap(|pid, seen| status = (pid == child).then_some(seen).or(status));
            if let Some(status) = status {
                return Ok(status);
            }
        }
        if note && !heed(&hatch, child) {
            return Err("the supervisor is gone".to_owned());
        }
    }
}

/// Listens on this loopback for what the child may reach outside.
fn open(hatch: &Hatch, order: &Order) -> io::Result<()> {
    for way in order.ways() {
        if let Way::Out(port) = *way {
            let listener = TcpListener::bind(loopback(port))?;
            hatch.send(&Note::Listens(port, listener.into()))?;
        }
    }
    Ok(())
}

fn start(order: &Order) -> Result<Pid, String> {
    if let Some(most) = order.limits.processes {
        // Here and not earlier: within its own user namespace only the child's own processes count.
        bound(Resource::Nproc, most, most).map_err(|err| format!("cannot set the limits: {err}"))?;
    }
    let program = order.program.display().to_string();
    // Bubblewrap adds PWD to the environment.
    let started = Command::new(&order.program).args(&order.args).env_remove("PWD").process_group(0).spawn();
    let child = started.map_err(|err| format!("cannot start {program}: {err}"))?;
    signals::let_go_of_streams().map_err(|err| format!("cannot let go of the streams: {err}"))?;
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| "the child has no id".to_owned())
}

/// Does as one note says. False when nobody is there to write one any more.
fn heed(hatch: &Hatch, child: Pid) -> bool {
    match hatch.receive() {
        Some(Note::AskToEnd) => {
            // Not reaped yet, so that its id and its group's are still its own.
            let _ = kill_process_group(child, Signal::TERM);
            true
        }
        Some(Note::Connect(port)) => {
            let stream = TcpStream::connect(loopback(port)).ok().map(Into::into);
            hatch.send(&Note::Connected(port, stream)).is_ok()
        }
        Some(_) => true,
        None => false,
    }
}
