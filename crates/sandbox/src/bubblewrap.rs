//! What bubblewrap is told: the file system that a child sees, and the namespaces it lives in.

use crate::argv::Order;
use crate::spec::{Network, Reach};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Namespaces, rights and the user's number, the same for every child.
pub(crate) const NAMESPACES: [&str; 15] = [
    "--unshare-user",
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--disable-userns",
    "--uid",
    "65534",
    "--gid",
    "65534",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
    "--die-with-parent",
];
/// What a child sees of the system besides the directories of programs: what programs need in order to run.
const SYSTEM: [&str; 9] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/pki",
    "/etc/ssl",
    "/nix/store",
];
/// What the machine's network needs in order to be used.
const NETWORK: [&str; 3] = ["/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"];
/// Directories of programs, which may be links into the first.
const PROGRAMS: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/// Most that a child may put into `/tmp`, and into `/dev/shm`, in bytes: it lies in memory.
const TMP: &str = "536870912";

/// The child's users: itself, and root because files are shown as root's.
pub(crate) const USERS: &str = "root:x:0:0:root:/:/usr/sbin/nologin\nsite:x:65534:65534:site:/tmp:/bin/sh\n";
/// The child's groups.
pub(crate) const GROUPS: &str = "root:x:0:\nsite:x:65534:\n";

/// The arguments for `order`, without the program. `users` and `groups` are numbers of descriptors with these files.
pub(crate) fn words(order: &Order, cwd: &Path, [users, groups]: [i32; 2]) -> Vec<OsString> {
    let mut words: Vec<OsString> = NAMESPACES.map(OsString::from).to_vec();
    let mut add = |more: &[&std::ffi::OsStr]| words.extend(more.iter().map(|word| (*word).to_owned()));
    if order.reach.network != Network::Machine {
        add(&["--unshare-net".as_ref()]);
    }
    // Read-only, because a file of the kernel's there belongs to the user who is root outside, when that is who runs
    // the product, and then could be written without any right: `core_pattern` names a program that the kernel starts.
    add(&["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"].map(AsRef::as_ref));
    add(&["--size", TMP, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"].map(AsRef::as_ref));
    add(&["--size", TMP, "--tmpfs", "/tmp"].map(AsRef::as_ref));
    for place in PROGRAMS.map(Path::new) {
        match fs::read_link(place) {
            Ok(to) => add(&["--symlink".as_ref(), to.as_os_str(), place.as_os_str()]),
            Err(_) => add(&["--ro-bind-try".as_ref(), place.as_os_str(), place.as_os_str()]),
        }
    }
    let network = if order.reach.network == Network::Machine { &NETWORK[..] } else { &[] };
    for place in SYSTEM.iter().chain(network) {
        add(&["--ro-bind-try", place, place].map(AsRef::as_ref));
    }
    for (file, number) in [("/etc/passwd", users), ("/etc/group", groups)] {
        let number = number.to_string();
        add(&["--ro-bind-data", &number, file].map(AsRef::as_ref));
    }
    for (path, bind) in in_order(&order.reach, Path::new(&order.program)) {
        add(&[bind.as_ref(), path.as_os_str(), path.as_os_str()]);
    }
    add(&["--remount-ro".as_ref(), "/".as_ref(), "--chdir".as_ref(), cwd.as_os_str()]);
    words
}

/// What is bound, parents before what is in them, so that the deeper one counts.
fn in_order(reach: &Reach, program: &Path) -> Vec<(PathBuf, &'static str)> {
    let read = reach.read.iter().map(|path| (path.clone(), "--ro-bind-try"));
    let write = reach.write.iter().map(|path| (path.clone(), "--bind"));
    let mut all: Vec<_> = read.chain(write).collect();
    let seen = PROGRAMS.iter().chain(["/proc"].iter()).any(|dir| program.starts_with(dir));
    if !seen && !all.iter().any(|(path, _)| program.starts_with(path)) {
        all.push((program.to_owned(), "--ro-bind-try"));
    }
    all.sort_by_key(|(path, bind)| (path.components().count(), *bind));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deeper_is_bound_later() {
        let reach = Reach {
            read: vec!["/d/w/.git".into(), "/d".into()],
            write: vec!["/d/w".into()],
            network: Network::Nothing,
        };
        let bound = in_order(&reach, Path::new("/x/node"));
        let paths: Vec<_> = bound.iter().map(|(path, _)| path.to_str().unwrap()).collect();
        assert_eq!(paths, ["/d", "/d/w", "/x/node", "/d/w/.git"]);
        assert_eq!(in_order(&reach, Path::new("/usr/bin/sh")).len(), 3);
        assert_eq!(in_order(&reach, Path::new("/d/bin/node")).len(), 3);
    }
}
