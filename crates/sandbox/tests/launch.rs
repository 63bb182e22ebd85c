//! Real processes through the real launcher.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use sandbox::{Confined, Launcher, Limits, Spec};
use std::io::BufRead;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

const LONG: Duration = Duration::from_mins(1);
/// A child that starts a process in a session of its own, orphans it, prints its id, and goes on.
const ESCAPE: &str = "(setsid sh -c 'trap \"\" TERM HUP; echo $$; exec sleep 1000' &); exec sleep 1000";

fn launcher() -> Launcher {
    Launcher::new(env!("CARGO_BIN_EXE_launcher"))
}

fn shell(script: &str) -> Spec {
    Spec::new("/bin/sh", "/").arg("-c").arg(script).env("PATH", "/usr/bin:/bin")
}

fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().unwrap_or_default();
    !state.is_empty() && !state.starts_with('Z') && !state.starts_with('X')
}

/// Waits for an end that comes by itself, but that nobody reports.
fn dies(pid: u32) -> bool {
    let deadline = Instant::now() + LONG;
    while alive(pid) {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

async fn first_line(child: &mut Confined) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    line.trim().to_owned()
}

#[tokio::test]
async fn the_environment_is_exactly_what_was_given() {
    let spec = Spec::new("/usr/bin/env", "/").env("A", "1").env("B", "two words\nand lines");
    let output = launcher().spawn(&spec).unwrap().output(LONG).await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "A=1\nB=two words\nand lines\n");
}

#[tokio::test]
async fn streams_directory_and_arguments_are_the_childs() {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path().canonicalize().unwrap();
    let spec = Spec::new("/bin/sh", &cwd).args(["-c", "cat; pwd; echo \"$1\" >&2", "sh", "--; $HOME"]);
    let mut child = launcher().spawn(&spec.piped_stdin()).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"in ").await.unwrap();
    drop(stdin);
    let output = child.output(LONG).await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("in {}\n", cwd.display()));
    assert_eq!(output.stderr, b"--; $HOME\n");
}

#[tokio::test]
async fn only_the_three_standard_streams_are_open() {
    let spec = shell("ls /proc/$$/fd");
    let output = launcher().spawn(&spec).unwrap().output(LONG).await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "0\n1\n2\n");
}

#[tokio::test]
async fn exit_code_and_signal_are_the_childs() {
    let ends = async |script: &str| launcher().spawn(&shell(script)).unwrap().wait().await.unwrap();
    assert_eq!(ends("exit 0").await.code(), Some(0));
    assert_eq!(ends("exit 37").await.code(), Some(37));
    for signal in [1, 2, 6, 9, 11, 13, 15] {
        assert_eq!(ends(&format!("kill -{signal} $$")).await.signal(), Some(signal));
    }
}

#[tokio::test]
async fn what_cannot_be_started_is_an_error_at_once() {
    let fails = |spec: Spec| launcher().spawn(&spec).unwrap_err();
    assert_eq!(fails(Spec::new("/no/such/program", "/")).kind(), std::io::ErrorKind::NotFound);
    assert_eq!(fails(Spec::new("sh", "/")).kind(), std::io::ErrorKind::InvalidInput);
    assert_eq!(fails(Spec::new("/etc/passwd", "/")).kind(), std::io::ErrorKind::PermissionDenied);
    assert_eq!(fails(Spec::new("/bin/sh", "/etc/passwd")).kind(), std::io::ErrorKind::NotADirectory);
}

#[tokio::test]
async fn a_program_that_the_kernel_refuses_ends_with_127() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("broken");
    std::fs::write(&program, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = launcher().spawn(&Spec::new(program, "/")).unwrap().output(LONG).await.unwrap();
    assert_eq!(output.status.code(), Some(127));
    let says = String::from_utf8(output.stderr).unwrap();
    assert!(says.contains("cannot start") && says.contains("broken"), "{says}");
}

#[tokio::test]
async fn stop_kills_a_grandchild_that_left_the_session() {
    let mut child = launcher().spawn(&shell(ESCAPE)).unwrap();
    let grandchild: u32 = first_line(&mut child).await.parse().unwrap();
    assert!(alive(grandchild));
    let status = child.stop(LONG).await.unwrap();
    assert_eq!(status.signal(), Some(15));
    assert!(!alive(grandchild));
}

#[tokio::test]
async fn stop_kills_after_the_grace_what_does_not_listen() {
    let mut child = launcher().spawn(&shell("trap '' TERM; echo on; while :; do sleep 1000; done")).unwrap();
    first_line(&mut child).await;
    let status = child.stop(Duration::from_millis(50)).await.unwrap();
    assert_eq!(status.signal(), Some(9));
}

#[tokio::test]
async fn stop_gives_time_to_end_well() {
    let script = "trap 'echo bye; exit 3' TERM; echo on; while :; do sleep 0.01; done";
    let mut child = launcher().spawn(&shell(script)).unwrap();
    first_line(&mut child).await;
    assert_eq!(child.stop(LONG).await.unwrap().code(), Some(3));
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "bye\n");
}

#[tokio::test]
async fn a_childs_own_end_ends_what_it_left_behind() {
    let script = "(setsid sh -c 'echo $$; exec sleep 1000' &); read line; exit 5";
    let mut child = launcher().spawn(&shell(script).piped_stdin()).unwrap();
    let left: u32 = first_line(&mut child).await.parse().unwrap();
    drop(child.stdin.take());
    assert_eq!(child.wait().await.unwrap().code(), Some(5));
    assert!(!alive(left));
}

#[tokio::test]
async fn drop_kills_the_tree_and_leaves_no_zombie() {
    let mut child = launcher().spawn(&shell(ESCAPE)).unwrap();
    let grandchild: u32 = first_line(&mut child).await.parse().unwrap();
    let supervisor = child.supervisor_id().unwrap();
    drop(child);
    let gone = tokio::time::timeout(LONG, async {
        while Path::new(&format!("/proc/{supervisor}")).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    gone.await.unwrap();
    assert!(!alive(grandchild));
}

#[tokio::test]
async fn output_is_cut_off_at_its_limit() {
    let mut child = launcher().spawn(&shell(ESCAPE)).unwrap();
    let grandchild: u32 = first_line(&mut child).await.parse().unwrap();
    let err = child.output(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(err.kind(), std::io::ErrorKind::TimedOut);
    assert!(!alive(grandchild));
}

#[tokio::test]
async fn a_killed_supervisor_takes_the_child_with_it() {
    let mut child = launcher().spawn(&shell("echo $$; exec sleep 1000")).unwrap();
    let pid: u32 = first_line(&mut child).await.parse().unwrap();
    let supervisor = child.supervisor_id().unwrap();
    Command::new("kill").args(["-9", &supervisor.to_string()]).status().unwrap();
    assert_eq!(child.wait().await.unwrap().signal(), Some(9));
    assert!(dies(pid));
}

#[tokio::test]
async fn sigterm_to_the_supervisor_reaches_the_child() {
    let script = "trap 'exit 4' TERM; echo on; while :; do sleep 0.01; done";
    let mut child = launcher().spawn(&shell(script)).unwrap();
    first_line(&mut child).await;
    let supervisor = child.supervisor_id().unwrap();
    Command::new("kill").args(["-15", &supervisor.to_string()]).status().unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(4));
}

#[tokio::test]
async fn limits_hold() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = Spec::new("/bin/sh", dir.path()).arg("-c").env("PATH", "/usr/bin:/bin");
    spec.limits = Limits {
        open_files: Some(33),
        file_size: Some(4096),
        cpu_time: Some(Duration::from_secs(7)),
        nice: Some(5),
        ..Limits::default()
    };
    let ask = spec.clone().arg("ulimit -n; ulimit -c; ulimit -t; nice");
    let output = launcher().spawn(&ask).unwrap().output(LONG).await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "33\n0\n7\n5\n");
    let write = spec.arg("exec dd if=/dev/zero of=big bs=1024 count=64");
    let output = launcher().spawn(&write).unwrap().output(LONG).await.unwrap();
    assert_eq!(output.status.signal(), Some(25));
    assert_eq!(dir.path().join("big").metadata().unwrap().len(), 4096);
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
#[ignore = "runs in a process of its own, started by a_killed_parent_leaves_no_descendant"]
async fn parent_to_be_killed() {
    let mut child = launcher().spawn(&shell(ESCAPE)).unwrap();
    println!("\ngrandchild {}", first_line(&mut child).await);
    child.wait().await.unwrap();
}

#[test]
fn a_killed_parent_leaves_no_descendant() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_to_be_killed", "--ignored", "--nocapture"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(parent.stdout.take().unwrap()).lines();
    let pid = lines.find_map(|line| line.unwrap().strip_prefix("grandchild ")?.parse::<u32>().ok()).unwrap();
    assert!(alive(pid));
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(dies(pid));
}

#[tokio::test]
async fn many_at_once_keep_apart() {
    let runs = (0..24).map(|n| async move {
        let spec = shell("echo $N; exit $N").env("N", n.to_string());
        let output = launcher().spawn(&spec).unwrap().output(LONG).await.unwrap();
        assert_eq!(output.status.code(), Some(n));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{n}\n"));
    });
    let mut all = tokio::task::JoinSet::new();
    runs.for_each(|run| drop(all.spawn(run)));
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}
