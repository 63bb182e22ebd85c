//! The `git` program, for what goes to or comes from an origin: argv, no shell, a cleared environment, a time limit.

use crate::askpass::Credential;
use crate::error::{ErrorKind, WorkspaceError};
use crate::lock::Guard;
use crate::{Origin, Result};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// Longest run of the `git` program.
const LIMIT: Duration = Duration::from_mins(2);
/// How long output may go on after the program's end (a hook's own child may hold the pipe).
const DRAIN: Duration = Duration::from_secs(1);
/// Most output kept of one stream, in bytes.
const OUTPUT_MAX: u64 = 1024 * 1024;
/// Lines of the program's complaint that an error carries.
const WORDS_LINES: usize = 6;

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) ok: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `git args…` in `dir`. The credential of `origin` is on the disk for just that long.
///
/// # Errors
/// [`ErrorKind::Transient`] when it takes longer than two minutes, [`ErrorKind::NotFound`] when there is no `git`.
pub(crate) fn run<S: AsRef<OsStr>>(
    origin: &Origin,
    dir: &Path,
    args: &[S],
    guard: Option<&Guard>,
) -> Result<Run> {
    let lent = origin.credential.as_ref().map(Credential::lend).transpose()?;
    let mut command = command(dir);
    if let Some(lent) = &lent {
        command.env("GIT_ASKPASS", lent.program());
    }
    command.args(args).stdin(guard.map_or_else(|| Ok(Stdio::null()), Guard::for_child)?);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if dir.is_dir() => {
            WorkspaceError::new(ErrorKind::NotFound, "the git program is not installed")
        }
        _ => error.into(),
    })?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = wait(&mut child)?;
    Ok(Run {
        ok: status.success(),
        stdout: stdout.recv_timeout(DRAIN).unwrap_or_default(),
        stderr: stderr.recv_timeout(DRAIN).unwrap_or_default(),
    })
}

/// Like [`run`], with a failure turned into an error that carries the program's last words.
pub(crate) fn succeed<S: AsRef<OsStr>>(
    origin: &Origin,
    dir: &Path,
    args: &[S],
    guard: Option<&Guard>,
) -> Result<String> {
    let run = run(origin, dir, args, guard)?;
    if run.ok { Ok(run.stdout) } else { Err(failure(&run.stderr)) }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(dir)
        .env_clear()
        .env(
            "PATH",
            std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/local/bin:/usr/bin:/bin")),
        )
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ALLOW_PROTOCOL", "file:https:http")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        // Nothing here may start a program that a repository names, or leave one behind.
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "credential.helper="])
        .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "submodule.recurse=false"]);
    command
}

fn drain(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    if let Some(mut stream) = stream {
        // Ends with the pipe, which ends with the process group.
        thread::spawn(move || {
            let mut kept = Vec::new();
            let _ = stream.by_ref().take(OUTPUT_MAX).read_to_end(&mut kept);
            let _ = io::copy(&mut stream, &mut io::sink());
            let _ = send.send(String::from_utf8_lossy(&kept).into_owned());
        });
    }
    receive
}

/// Waits for the end of `child`; after [`LIMIT`] its whole process group is killed.
fn wait(child: &mut Child) -> Result<ExitStatus> {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return Err(WorkspaceError::new(ErrorKind::Transient, "the git program has no process id"));
    };
    let (send, ended) = mpsc::channel();
    // Only looks (NOWAIT): the id stays the child's until it is reaped below, so the kill cannot hit another process.
    let watcher = thread::spawn(move || {
        while waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            .is_err_and(|error| error == rustix::io::Errno::INTR)
        {}
        let _ = send.send(());
    });
    let late = ended.recv_timeout(LIMIT).is_err();
    if late {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let _ = watcher.join();
    let status = child.wait()?;
    if late {
        return Err(WorkspaceError::new(
            ErrorKind::Transient,
            format!("git took longer than {} s and was stopped", LIMIT.as_secs()),
        ));
    }
    Ok(status)
}

/// An error made of what the program complained about.
pub(crate) fn failure(stderr: &str) -> WorkspaceError {
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim_end)
        // Our own setting for libgit2, which the program does not like any more.
        .filter(|line| !line.is_empty() && !line.contains("core.fsyncObjectFiles"))
        .collect();
    let words = lines[lines.len().saturating_sub(WORDS_LINES)..].join("; ");
    WorkspaceError::new(kind_of(&words.to_lowercase()), if words.is_empty() { "git failed" } else { &words })
}

fn kind_of(words: &str) -> ErrorKind {
    const DENIED: [&str; 10] = [
        "authentication failed",
        "could not read username",
        "could not read password",
        "permission denied",
        "access denied",
        "error: 403",
        "dubious ownership",
        "hook declined",
        "protected branch",
        "not allowed",
    ];
    const MISSING: [&str; 5] = [
        "couldn't find remote ref",
        "does not appear to be a git repository",
        "repository not found",
        "' not found",
        "does not exist",
    ];
    let says = |list: &[&str]| list.iter().any(|text| words.contains(text));
    if says(&DENIED) {
        ErrorKind::Denied
    } else if says(&MISSING) {
        ErrorKind::NotFound
    } else {
        ErrorKind::Transient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_becomes_a_decision() {
        assert_eq!(failure("fatal: couldn't find remote ref refs/heads/x").kind(), ErrorKind::NotFound);
        assert_eq!(failure("fatal: Authentication failed for 'https://a:b@c/'").kind(), ErrorKind::Denied);
        assert_eq!(failure("fatal: unable to access: Could not resolve host").kind(), ErrorKind::Transient);
        assert_eq!(failure("").to_string(), "git failed");
    }
}
