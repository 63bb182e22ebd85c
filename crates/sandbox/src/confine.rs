//! The stage that becomes the child: it binds itself to the supervisor and to the limits, then runs the program.

use crate::argv::{self, Order};
use crate::spec::Limits;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, getrlimit, set_parent_process_death_signal, setpriority_process,
    setrlimit,
};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Between the CPU limit's warning (SIGXCPU) and its end (SIGKILL), in seconds.
const CPU_GRACE: u64 = 5;
/// Exit code when the program could not be started, as a shell gives it.
const NOT_STARTED: i32 = 127;

/// Runs the program in this process. Never returns; on failure it ends with 127 and says why on standard error.
pub(crate) fn run(mut words: impl Iterator<Item = OsString>) -> ! {
    let outcome = words
        .next()
        .ok_or_else(|| "no supervisor in the order".to_owned())
        .and_then(|word| argv::number(&word))
        .and_then(|supervisor| become_program(supervisor, &argv::read(words)?));
    let Err(says) = outcome;
    eprintln!("launcher: {says}");
    std::process::exit(NOT_STARTED)
}

fn become_program(supervisor: i32, order: &Order) -> Result<std::convert::Infallible, String> {
    let bound = set_parent_process_death_signal(Some(Signal::KILL));
    bound.map_err(|err| format!("cannot bind the child to its supervisor: {err}"))?;
    // It may have died before the line above; then nobody would send that signal any more.
    if getppid().map(Pid::as_raw_nonzero).is_none_or(|parent| parent.get() != supervisor) {
        return Err("the supervisor is gone".to_owned());
    }
    confine(&order.limits).map_err(|err| format!("cannot set the limits: {err}"))?;
    let program = order.program.display().to_string();
    let err = Command::new(&order.program).args(&order.args).exec();
    Err(format!("cannot start {program}: {err}"))
}

fn confine(limits: &Limits) -> io::Result<()> {
    if let Some(nice) = limits.nice {
        setpriority_process(None, nice)?;
    }
    bound(Resource::Core, 0, 0)?;
    if let Some(files) = limits.open_files {
        bound(Resource::Nofile, files, files)?;
    }
    if let Some(bytes) = limits.file_size {
        bound(Resource::Fsize, bytes, bytes)?;
    }
    if let Some(time) = limits.cpu_time {
        let seconds = time.as_secs().max(1);
        bound(Resource::Cpu, seconds, seconds.saturating_add(CPU_GRACE))?;
    }
    Ok(())
}

/// Lowers a limit; a stricter one that is in force already stays.
fn bound(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let new = Rlimit { current: Some(soft.min(ceiling)), maximum: Some(hard.min(ceiling)) };
    Ok(setrlimit(resource, new)?)
}
