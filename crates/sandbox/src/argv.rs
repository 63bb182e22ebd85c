//! How the launcher's stages tell each other what to do: words on the command line, and paths as bytes, since others
//! must not see them there: threads' ids are in them.

use crate::protection::{Protection, User};
use crate::spec::{Limits, Network, Reach, Way};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// First argument of the process that watches over a child. Then: the lifeline's number, the order.
pub(crate) const SUPERVISE: &str = "launch-supervise";
/// First argument of the process that becomes the child. Then: the supervisor's id, the hatch's number, the order.
pub(crate) const CONFINE: &str = "launch-child";
/// First argument of the process that starts the child within its own namespaces. Then: the hatch's number, the order.
pub(crate) const INSIDE: &str = "launch-inside";
/// First argument of the process that has a child started by the steward. Then: the lifeline's number, the order.
pub(crate) const ERRAND: &str = "launch-errand";
/// First argument of the process that tries what should be impossible. Then: what to try it on.
pub(crate) const PROBE: &str = "launch-probe";

/// What follows a stage's name and its numbers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) limits: Limits,
    pub(crate) reach: Reach,
    pub(crate) protection: Protection,
    pub(crate) cages: Vec<PathBuf>,
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
}

/// The words for an order, up to and including `--`; the program and its arguments follow.
pub(crate) fn words(limits: &Limits, network: &Network, protection: &Protection) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut add = |name: &str, value: OsString| words.extend([name.into(), value]);
    let mut number = |name: &str, value: Option<u64>| {
        if let Some(value) = value {
            add(name, value.to_string().into());
        }
    };
    number("--open-files", limits.open_files);
    number("--file-size", limits.file_size);
    number("--cpu-seconds", limits.cpu_time.map(|time| time.as_secs().max(1)));
    number("--processes", limits.processes);
    number("--memory", limits.memory);
    if let Some(nice) = limits.nice {
        add("--nice", nice.to_string().into());
    }
    match network {
        Network::Nothing => {}
        Network::Machine => add("--network", "machine".into()),
        Network::Ways(ways) => {
            for way in ways {
                match way {
                    Way::Out(port) => add("--out", port.to_string().into()),
                    Way::In(port) => add("--in", port.to_string().into()),
                }
            }
        }
    }
    match protection {
        Protection::Nothing => {}
        Protection::Bubblewrap(program) => add("--bubblewrap", program.into()),
        Protection::Landlock => add("--landlock", "on".into()),
        Protection::OtherUser(user) => add("--user", user.to_string().into()),
    }
    words.push("--".into());
    words
}

/// The paths of `reach`, as bytes.
pub(crate) fn pack(reach: &Reach) -> Vec<u8> {
    let read = reach.read.iter().flat_map(|path| marked(b'r', path));
    read.chain(reach.write.iter().flat_map(|path| marked(b'w', path))).collect()
}

/// The directories of the child's cgroups, as bytes.
pub(crate) fn pack_cages(dirs: &[PathBuf]) -> Vec<u8> {
    dirs.iter().flat_map(|dir| marked(b'c', dir)).collect()
}

fn marked(mark: u8, path: &Path) -> Vec<u8> {
    [&[mark], path.as_os_str().as_bytes(), &[0]].concat()
}

/// Adds the paths in `bytes` to `order`.
pub(crate) fn unpack(bytes: &[u8], order: &mut Order) -> Result<(), String> {
    for word in bytes.split(|byte| *byte == 0).filter(|word| !word.is_empty()) {
        let path = PathBuf::from(OsStr::from_bytes(&word[1..]));
        match word[0] {
            b'r' => order.reach.read.push(path),
            b'w' => order.reach.write.push(path),
            b'c' => order.cages.push(path),
            _ => return Err("paths that cannot be understood".to_owned()),
        }
    }
    Ok(())
}

/// Reads what [`words`], the program and its arguments made.
pub(crate) fn read(words: impl IntoIterator<Item = OsString>) -> Result<Order, String> {
    let mut words = words.into_iter();
    let mut order = Order {
        limits: Limits::none(),
        reach: Reach::default(),
        protection: Protection::Nothing,
        cages: Vec::new(),
        program: OsString::new(),
        args: Vec::new(),
    };
    loop {
        let name = words.next().ok_or("no -- in the order")?;
        if name == "--" {
            break;
        }
        let value = words.next().ok_or("a word without its value")?;
        order.take(&name, value)?;
    }
    order.program = words.next().ok_or("no program in the order")?;
    order.args = words.collect();
    Ok(order)
}

impl Order {
    fn take(&mut self, name: &OsStr, value: OsString) -> Result<(), String> {
        match name.to_str() {
            Some("--open-files") => self.limits.open_files = Some(number(&value)?),
            Some("--file-size") => self.limits.file_size = Some(number(&value)?),
            Some("--cpu-seconds") => self.limits.cpu_time = Some(Duration::from_secs(number(&value)?)),
            Some("--processes") => self.limits.processes = Some(number(&value)?),
            Some("--memory") => self.limits.memory = Some(number(&value)?),
            Some("--nice") => self.limits.nice = Some(number(&value)?),

            Some("--network") => self.reach.network = Network::Machine,
            Some("--out") => self.open(Way::Out(number(&value)?)),
            Some("--in") => self.open(Way::In(number(&value)?)),
            Some("--bubblewrap") => self.protection = Protection::Bubblewrap(value.into()),
            Some("--landlock") => self.protection = Protection::Landlock,
            Some("--user") => self.protection = Protection::OtherUser(User::parse(&value)?),
            _ => return Err(format!("unknown word {}", name.display())),
        }
        Ok(())
    }

    fn open(&mut self, way: Way) {
        match &mut self.reach.network {
            Network::Ways(ways) => ways.push(way),
            _ => self.reach.network = Network::Ways(vec![way]),
        }
    }

    /// The ways through that were ordered.
    pub(crate) fn ways(&self) -> &[Way] {
        match &self.reach.network {
            Network::Ways(ways) => ways,
            Network::Nothing | Network::Machine => &[],
        }
    }
}

/// Reads a number off the command line.
pub(crate) fn number<T: std::str::FromStr>(word: &OsStr) -> Result<T, String> {
    word.to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("{} is not the number expected", word.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let limits = Limits {
            open_files: Some(9),
            file_size: Some(u64::MAX),
            cpu_time: Some(Duration::from_secs(3)),
            nice: Some(-2),
            processes: Some(7),
            memory: Some(8),
        };
        let network = Network::Ways(vec![Way::Out(1), Way::In(2)]);
        let reach = Reach { read: vec!["/a".into(), "/b".into()], write: vec!["/c".into()], network };
        let user = User { uid: 1, gid: 2, steward: 3 };
        for protection in
            [Protection::Bubblewrap("/x".into()), Protection::Landlock, Protection::OtherUser(user)]
        {
            let mut all = words(&limits, &reach.network, &protection);
            all.extend(["/bin/echo", "--", "--nice"].map(OsString::from));
            let mut order = read(all).unwrap();
            unpack(&pack(&reach), &mut order).unwrap();
            assert_eq!(
                (order.limits, order.reach, order.protection),
                (limits.clone(), reach.clone(), protection)
            );
            assert_eq!(order.program, "/bin/echo");
            assert_eq!(order.args, ["--", "--nice"]);
        }
    }

    #[test]
    fn an_order_that_is_cut_short_is_refused() {
        assert!(read(["--nice".into()]).is_err());
        assert!(read(["--".into()]).is_err());
        assert!(read(["--colour".into(), "red".into(), "--".into(), "x".into()]).is_err());
    }
}
