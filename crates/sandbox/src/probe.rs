//! The child of the self-test: it tries what no child may do, and says what it was kept from.

use crate::argv::{PROBE, number};
use crate::report::{GUARDS, Guard};
use crate::ways::loopback;
use rustix::process::{Pid, test_kill_process};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Where ECS gives credentials to whoever asks.
const CLOUD: (Ipv4Addr, u16) = (Ipv4Addr::new(169, 254, 170, 2), 80);
/// How long a connection that is not refused is waited for.
const PATIENCE: Duration = Duration::from_millis(300);

/// First argument of the probe's own child, which takes memory.
const GREEDY: &str = "memory";
/// Bounds that the probe is started with, and what it takes: processes, and bytes.
pub(crate) const PROCESSES: u64 = 24;
pub(crate) const MEMORY: u64 = 64 << 20;
const TOO_MANY: usize = 48;
const TOO_MUCH: usize = 160 << 20;

/// Tries everything; prints the name of each guard that holds, one a line.
pub(crate) fn run(mut words: impl Iterator<Item = OsString>) -> ! {
    let outside = PathBuf::from(words.next().unwrap_or_default());
    if outside.as_os_str() == GREEDY {
        // Each page is touched, and none forgotten.
        std::process::exit(i32::from(std::hint::black_box(vec![1_u8; TOO_MUCH])[TOO_MUCH / 2]) - 1)
    }
    let mut next = || words.next().and_then(|word| number::<i32>(&word).ok()).unwrap_or_default();
    let (parent, port) = (next(), u16::try_from(next()).unwrap_or_default());
    let since = words.next().unwrap_or_default();
    for (guard, name) in GUARDS {
        let holds = match guard {
            Guard::Read => fs::read(outside.join("secret")).is_err(),
            Guard::Write => fs::write(outside.join("written"), "x").is_err(),
            Guard::Environment => {
                !is_same(parent, &since) || fs::read(format!("/proc/{parent}/environ")).is_err()
            }
            Guard::Processes => !is_same(parent, &since) || !may_be_ended(parent),
            Guard::Loopback => TcpStream::connect_timeout(&loopback(port), PATIENCE).is_err(),
            Guard::Outside => !leaves(),
            Guard::ProcessCount => is_bounded_in_processes(),
            Guard::Memory => is_bounded_in_memory(),
        };
        if holds {
            println!("{name}");
        }
    }
    std::process::exit(0)
}

/// Whether the process `id` is the one that began at `since`: in a namespace of its own it is another one, or none.
fn is_same(id: i32, since: &OsStr) -> bool {
    began(id).is_some_and(|began| since == began.as_str())
}

/// When the process `id` began, as the kernel tells it: the 22nd field of /proc/PID/stat.
pub(crate) fn began(id: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit(')').next()?.split_ascii_whitespace().nth(19).map(str::to_owned)
}

fn may_be_ended(id: i32) -> bool {
    Pid::from_raw(id).is_some_and(|pid| test_kill_process(pid).is_ok())
}

/// Whether packets find a way off this machine. A route is enough, nobody need answer; but the kernel may refuse.
fn leaves() -> bool {
    let route = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect(CLOUD));
    let refused = TcpStream::connect_timeout(&SocketAddr::from(CLOUD), PATIENCE)
        .is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
    route.is_ok() && !refused
}

fn is_bounded_in_processes() -> bool {
    let done = Arc::new(AtomicBool::new(false));
    let idle = |done: Arc<AtomicBool>| {
        move || {
            while !done.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    };
    let start = || thread::Builder::new().stack_size(16 << 10).spawn(idle(Arc::clone(&done)));
    let started: Vec<_> = (0..TOO_MANY).map_while(|_| start().ok()).collect();
    done.store(true, Ordering::Relaxed);
    let bounded = started.len() < TOO_MANY;
    for thread in started {
        let _ = thread.join();
    }
    bounded
}

fn is_bounded_in_memory() -> bool {
    let greedy = Command::new("/proc/self/exe").args([PROBE, GREEDY]).stderr(Stdio::null()).status();
    greedy.is_ok_and(|status| !status.success())
}
