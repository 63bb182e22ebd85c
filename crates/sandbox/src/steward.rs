//! The steward: a small process of root's that starts this program as one user and its children as another, for machines
//! where namespaces are not allowed (ECS Fargate). It needs the capabilities SETUID, SETGID, KILL and CHOWN only.

mod errand;
mod share;

use crate::argv::{self, Order, SUPERVISE};
use crate::demand::Demand;
use crate::inherited;
use crate::protection::{Protection, User};
use crate::signals;
use rustix::net::sockopt::socket_peercred;
use rustix::process::{
    Gid, Pid, Signal, Uid, geteuid, getppid, kill_process, set_parent_process_death_signal, umask,
};
use rustix::thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::Duration;

use errand::Errand;
pub(crate) use errand::run as run_errand;

/// First argument of the process that becomes the worker. Then: the steward's id, the user, the arguments.
pub(crate) const WORKER: &str = "launch-worker";
/// Nothing of what either user makes is for others; what both work on is shared by a group.
const NOT_FOR_OTHERS: u32 = 0o007;
/// How long an order may take to be said.
const PATIENCE: Duration = Duration::from_secs(5);

/// The two users, and the group through which they share files. Numbers: they need no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Users {
    /// Runs this program, and owns what it keeps.
    pub worker: u32,
    /// Runs the agent and site code.
    pub site: u32,
    /// Both are in this group.
    pub group: u32,
}

impl Default for Users {
    fn default() -> Self {
        Self { worker: 64_001, site: 64_002, group: 64_003 }
    }
}

/// As [`run`], where that is of use: this process is root's and no steward's yet, confinement is wanted, and bubblewrap
/// does not work here. `None` otherwise: the caller goes on as it is.
pub fn run_if_needed(demand: Demand, homes: &[&Path]) -> io::Result<Option<ExitStatus>> {
    if demand == Demand::Off || !is_possible() || Protection::bubblewrap().is_some() {
        return Ok(None);
    }
    run(Users::default(), homes).map(Some)
}

/// Whether this process could be a steward: it is root's, and not started by one.
pub fn is_possible() -> bool {
    geteuid().is_root() && steward_of(getppid()).is_none()
}

/// Becomes the steward: starts this very program again, with the same arguments, as the user `users.worker`, serves its
/// orders, passes SIGTERM and SIGINT on to it, and returns as it ended. The directories `homes`, which are made, become
/// the worker's where they are still root's. To be called before any thread exists.
pub fn run(users: Users, homes: &[&Path]) -> io::Result<ExitStatus> {
    umask_for_both();
    for home in homes {
        std::fs::create_dir_all(home)?;
        if home.metadata()?.uid() == 0 {
            chown(home, Some(users.worker), Some(users.worker))?;
        }
    }
    set_thread_groups(&[Gid::from_raw(users.group)])?;
    let listener = UnixListener::bind_addr(&address(std::process::id())?)?;
    let mut signals = [SIGTERM, SIGINT].map(signals::wake_on).into_iter().collect::<io::Result<Vec<_>>>()?;
    let mut worker = Command::new("/proc/self/exe")
        .arg0("webordinary")
        .args([WORKER, &std::process::id().to_string()])
        .arg(User { uid: users.worker, gid: users.group, steward: users.worker }.to_string())
        .args(std::env::args_os().skip(1))
        .spawn()?;
    let pid =
        i32::try_from(worker.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no id"))?;
    for mut signal in signals.drain(..) {
        signal.set_nonblocking(false)?;
        thread::spawn(move || {
            while signal.read(&mut [0]).is_ok_and(|read| read > 0) {
                // The first drains, the second aborts; whichever came, the worker tells by their count.
                let _ = kill_process(pid, Signal::TERM);
            }
        });
    }
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(&stream, users));
        }
    });
    worker.wait()
}

/// Becomes the worker. Never returns.
pub(crate) fn become_worker(mut words: impl Iterator<Item = OsString>) -> ! {
    let begun = || -> Result<std::convert::Infallible, String> {
        let steward: u32 = crate::argv::number(&words.next().ok_or("no steward")?)?;
        let user = User::parse(&words.next().ok_or("no user")?)?;
        // Its own group first, so that only what is shared on purpose is the group's.
        let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.uid));
        let became = set_thread_groups(&[Gid::from_raw(user.gid)])
            .and_then(|()| set_thread_res_gid(gid, gid, gid))
            .and_then(|()| set_thread_res_uid(uid, uid, uid))
            .and_then(|()| set_no_new_privs(true))
            .and_then(|()| set_parent_process_death_signal(Some(Signal::TERM)));
        became.map_err(|err| format!("cannot become the user {}: {err}", user.uid))?;
        if getppid().map(|parent| parent.as_raw_nonzero().get()) != i32::try_from(steward).ok() {
            return Err("the steward is gone".to_owned());
        }
        umask_for_both();
        Err(format!("cannot start the worker: {}", Command::new("/proc/self/exe").args(words).exec()))
    };
    let Err(says) = begun();
    eprintln!("launcher: {says}");
    std::process::exit(126)
}

/// Becomes the user who runs site code, for ever.
pub(crate) fn become_user(user: User) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    set_thread_groups(&[gid])?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    set_no_new_privs(true)?;
    umask_for_both();
    Ok(())
}

/// The user whom this process's steward starts children as, if it has one.
pub(crate) fn user() -> Option<User> {
    let (mut stream, steward) = steward_of(getppid())?;
    stream.write_all(b"?").ok()?;
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    let mut says = String::new();
    stream.read_to_string(&mut says).ok()?;
    User::parse(OsStr::new(&format!("{says}:{steward}"))).ok()
}

fn umask_for_both() {
    umask(rustix::fs::Mode::from_raw_mode(NOT_FOR_OTHERS));
}

/// A connection to the steward that is the process `id`; none when there is no steward.
fn steward_of(id: Option<Pid>) -> Option<(UnixStream, u32)> {
    let id = u32::try_from(id?.as_raw_nonzero().get()).ok()?;
    let stream = connect(id).ok()?;
    Some((stream, id))
}

/// A connection to the steward `id`, which is known to be root's: anybody may take such a name.
fn connect(id: u32) -> io::Result<UnixStream> {
    let stream = UnixStream::connect_addr(&address(id)?)?;
    let peer = socket_peercred(&stream)?;
    if peer.uid.is_root() && u32::try_from(peer.pid.as_raw_nonzero().get()) == Ok(id) {
        return Ok(stream);
    }
    Err(io::ErrorKind::PermissionDenied.into())
}

fn address(id: u32) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("webordinary-steward-{id}"))
}

/// Serves one connection: tells who runs children, or starts a child and tells how it ended.
fn serve(stream: &UnixStream, users: Users) {
    let from_worker = socket_peercred(stream).is_ok_and(|peer| peer.uid.as_raw() == users.worker);
    if !from_worker || stream.set_read_timeout(Some(PATIENCE)).is_err() {
        return;
    }
    let mut answer = stream;
    // Whoever asked may be gone; then nobody wants the answer.
    let _ = match errand::receive(stream) {
        Ok(None) => answer.write_all(format!("{}:{}", users.site, users.group).as_bytes()),
        Ok(Some(errand)) => match start(errand, users) {
            Ok(status) => answer.write_all(&status.into_raw().to_be_bytes()),
            Err(error) => answer.write_all(error.to_string().as_bytes()),
        },
        Err(error) => answer.write_all(error.to_string().as_bytes()),
    };
}

/// Starts the supervisor of a child, as root: so that the child's user cannot touch it. Which user that is, and that
/// there is one, is not the order's to say.
fn start(errand: Errand, users: Users) -> io::Result<ExitStatus> {
    let [stdin, stdout, stderr, lifeline] = errand.fds;
    for fd in [&lifeline, &errand.paths] {
        inherited::pass_on(fd)?;
    }
    let Order { limits, reach, program, args, .. } = errand.order;
    let user = Protection::OtherUser(User { uid: users.site, gid: users.group, steward: std::process::id() });
    let mut supervisor = Command::new("/proc/self/exe")
        .arg0("launcher")
        .args([SUPERVISE, &lifeline.as_raw_fd().to_string(), &errand.paths.as_raw_fd().to_string()])
        .args(argv::words(&limits, &reach.network, &user))
        .arg(program)
        .args(args)
        .env_clear()
        .envs(errand.env)
        .current_dir(errand.cwd)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr)
        .spawn()?;
    drop((lifeline, errand.paths));
    supervisor.wait()
}
