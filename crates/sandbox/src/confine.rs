//! The stage that becomes the child: it binds itself to the supervisor and to the limits, then runs the program.

use crate::argv::{self, INSIDE, Order};
use crate::protection::Protection;
use crate::spec::Limits;
use crate::{bubblewrap, cage, inherited, rules, steward};
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setpriority_process,
    setrlimit,
};
use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Between the CPU limit's warning (SIGXCPU) and its end (SIGKILL), in seconds.
const CPU_GRACE: u64 = 5;
/// Exit code when the program could not be started, as a shell gives it.
pub(crate) const NOT_STARTED: i32 = 127;

/// Runs the program in this process. Never returns; on failure it ends with 127 and says why on standard error.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> ! {
    let Err(says) = become_program(words);
    eprintln!("launcher: {says}");
    std::process::exit(NOT_STARTED)
}

fn become_program(mut words: impl Iterator<Item = OsString>) -> Result<Infallible, String> {
    let mut number =
        || words.next().ok_or_else(|| "no numbers in the order".to_owned()).and_then(|w| argv::number(&w));
    let (supervisor, hatch, paths): (i32, i32, i32) = (number()?, number()?, number()?);
    let mut order = argv::read(words)?;
    read_paths(paths, &mut order).map_err(|err| format!("no paths in the order: {err}"))?;
    // While this is still who made them.
    order
        .cages
        .iter()
        .try_for_each(|dir| cage::enter(dir))
        .map_err(|err| format!("cannot set the limits: {err}"))?;
    if let Protection::OtherUser(user) = &order.protection {
        // Before the line below, which it would undo.
        steward::become_user(*user).map_err(|err| format!("cannot become the user {}: {err}", user.uid))?;
    }
    let bound = set_parent_process_death_signal(Some(Signal::KILL));
    bound.map_err(|err| format!("cannot bind the child to its supervisor: {err}"))?;
    // It may have died before the line above; then nobody would send that signal any more.
    if getppid().map(Pid::as_raw_nonzero).is_none_or(|parent| parent.get() != supervisor) {
        return Err("the supervisor is gone".to_owned());
    }
    limit(&order).map_err(|err| format!("cannot set the limits: {err}"))?;
    let mut command = match &order.protection {
        Protection::Bubblewrap(program) => wrapped(program.into(), &order, hatch)
            .map_err(|err| format!("cannot prepare the namespaces: {err}"))?,
        Protection::OtherUser(_) | Protection::Landlock => {
            rules::give_up_rights().map_err(|err| format!("cannot give up rights: {err}"))?;
            rules::apply(&order.reach, &order.program)
                .map_err(|err| format!("cannot set the kernel's rules: {err}"))?;
            plain(&order)
        }
        Protection::Nothing => plain(&order),
    };
    let program = command.get_program().display().to_string();
    let err = command.exec();
    Err(format!("cannot start {program}: {err}"))
}

fn plain(order: &Order) -> Command {
    let mut command = Command::new(&order.program);
    command.args(&order.args);
    command
}

fn read_paths(number: i32, order: &mut Order) -> io::Result<()> {
    let mut bytes = Vec::new();
    File::from(inherited::take(number)?).read_to_end(&mut bytes)?;
    inherited::keep(number)?;
    argv::unpack(&bytes, order).map_err(io::Error::other)
}

/// Bubblewrap, which starts this same program within the namespaces, which starts the child.
fn wrapped(bubblewrap: OsString, order: &Order, hatch: i32) -> io::Result<Command> {
    let own = File::open("/proc/self/exe")?;
    inherited::pass_on(&own)?;
    let (users, groups) = (file(bubblewrap::USERS.as_bytes())?, file(bubblewrap::GROUPS.as_bytes())?);
    let cwd = std::env::current_dir()?;
    let words = bubblewrap::words(order, &cwd, [users.as_raw_fd(), groups.as_raw_fd()]);
    // Not on the command line, where everybody would see the paths.
    let words: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), &[0]].concat()).collect();
    let words = file(&words)?;
    let mut command = Command::new(bubblewrap);
    command
        .args(["--args", &words.as_raw_fd().to_string(), "--"])
        // By its number, so that nothing of this program need be seen in there.
        .arg(format!("/proc/self/fd/{}", own.as_raw_fd()))
        .args([INSIDE, &hatch.to_string()])
        .args(argv::words(&order.limits, &order.reach.network, &Protection::Nothing))
        .arg(&order.program)
        .args(&order.args);
    // They are to outlive this process's becoming another program.
    std::mem::forget((own, users, groups, words));
    Ok(command)
}

/// A file in memory with `bytes`, which programs started from here get.
fn file(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create("launcher", MemfdFlags::empty())?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

fn limit(order: &Order) -> io::Result<()> {
    let Limits { open_files, file_size, cpu_time, nice, processes, .. } = &order.limits;
    if let Some(nice) = *nice {
        setpriority_process(None, nice)?;
    }
    bound(Resource::Core, 0, 0)?;
    if let Some(files) = *open_files {
        bound(Resource::Nofile, files, files)?;
    }
    if let Some(bytes) = *file_size {
        bound(Resource::Fsize, bytes, bytes)?;
    }
    if let Some(time) = cpu_time {
        let seconds = time.as_secs().max(1);
        bound(Resource::Cpu, seconds, seconds.saturating_add(CPU_GRACE))?;
    }
    // Counted per user: a bound that counts this very product's user too would hit the wrong ones.
    if let (Protection::OtherUser(_), Some(most)) = (&order.protection, *processes) {
        bound(Resource::Nproc, most, most)?;
    }
    Ok(())
}

/// Lowers a limit; a stricter one that is in force already stays.
pub(crate) fn bound(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let new = Rlimit { current: Some(soft.min(ceiling)), maximum: Some(hard.min(ceiling)) };
    Ok(setrlimit(resource, new)?)
}
