//! The kernel's rules for one process and what descends from it (Landlock): which files, and which ports of TCP.

use crate::spec::{Network, Reach, Way};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
};
use rustix::process::geteuid;
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, set_capabilities, set_capabilities_secure_bits,
    set_no_new_privs,
};
use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// The newest version of the rules that is asked for; an older kernel holds as much of it as it knows.
const NEWEST: ABI = ABI::V6;
/// What every program may read: those of the system, and what they need in order to run.
const SYSTEM: [&str; 22] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/proc",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/passwd",
    "/etc/pki",
    "/etc/ssl",
];
/// The same, with what names of other machines are found by.
const NETWORK: [&str; 3] = ["/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"];

/// Whether this kernel has such rules at all.
pub(crate) fn known() -> bool {
    let asked = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    asked.handle_access(AccessFs::from_all(ABI::V1)).and_then(Ruleset::create).is_ok()
}

/// Gives up every capability, also for the programs that this process becomes: the rules below do not bind them all.
pub(crate) fn give_up_rights() -> io::Result<()> {
    if geteuid().is_root() {
        set_capabilities_secure_bits(
            CapabilitiesSecureBits::NO_ROOT | CapabilitiesSecureBits::NO_ROOT_LOCKED,
        )?;
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    Ok(set_no_new_privs(true)?)
}

/// Binds this process, which then has no way back, to `reach`. A kernel without such rules binds it to nothing.
pub(crate) fn apply(reach: &Reach, program: &OsStr) -> io::Result<()> {
    bind(reach, program).map_err(io::Error::other)
}

fn bind(reach: &Reach, program: &OsStr) -> Result<(), RulesetError> {
    let (all, read) = (AccessFs::from_all(NEWEST), AccessFs::from_read(NEWEST));
    let mut rules = Ruleset::default().handle_access(all)?;
    if reach.network != Network::Machine {
        rules = rules.handle_access(AccessNet::from_all(NEWEST))?;
    }
    let mut rules = rules.scope(Scope::from_all(NEWEST))?.create()?;
    let more = if reach.network == Network::Machine { &NETWORK[..] } else { &[] };
    let system = SYSTEM.iter().chain(more).map(Path::new);
    let readable = system.chain(reach.read.iter().map(AsRef::as_ref)).chain([Path::new(program)]);
    let given = readable.map(|path| (path, read));
    let written = reach.write.iter().map(|path| (path.as_path(), all));
    for (path, access) in given.chain(written).chain([(Path::new("/dev/null"), AccessFs::from_file(NEWEST))])
    {
        // What is not there, or not for this user, is nothing to allow.
        let Ok(place) = PathFd::new(path) else { continue };
        rules = rules.add_rule(PathBeneath::new(place, fitting(path, access)))?;
    }
    if let Network::Ways(ways) = &reach.network {
        for way in ways {
            rules = match *way {
                Way::Out(port) => rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?,
                // A server asks itself, too.
                Way::In(port) => {
                    rules.add_rule(NetPort::new(port, AccessNet::BindTcp | AccessNet::ConnectTcp))?
                }
            };
        }
    }
    rules.restrict_self().map(drop)
}

/// What there is to allow on `path`: of a file, nothing that is done to directories.
fn fitting(path: &Path, access: BitFlags<AccessFs>) -> BitFlags<AccessFs> {
    if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) }
}
