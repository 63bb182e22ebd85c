//! Children of another user, started by a steward that has hardly any rights: as on Fargate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use sandbox::{Guard, Launcher, Protection, Report, Spec};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);
/// What the steward may have at most. Nothing that reads others' files, and no namespaces.
const RIGHTS: &str = "-all,+setuid,+setgid,+kill,+chown";

/// Runs the ignored test `name` of this file as the worker of a steward, in a directory of its own.
fn as_worker(name: &str) {
    let dir = tempfile::tempdir().unwrap();
    // The worker, who is not root, must come by.
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let home = dir.path().join("home");
    let output = Command::new("setpriv")
        .args(["--bounding-set", RIGHTS, "--inh-caps", "-all", "--"])
        .args([env!("CARGO_BIN_EXE_launcher"), "steward", home.to_str().unwrap()])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("SECRET", "the-secret")
        .env("PLACE", &home)
        .output()
        .unwrap();
    let says = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{says}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(says.contains("1 passed"), "{says}");
}

fn place() -> PathBuf {
    std::env::var_os("PLACE").unwrap().into()
}

fn launcher() -> Launcher {
    let protection = Protection::other_user().unwrap();
    Launcher::new(env!("CARGO_BIN_EXE_launcher")).with(protection)
}

fn shell(dir: &Path, script: &str) -> Spec {
    Spec::new("/bin/sh", dir).args(["-c", script]).env("PATH", "/usr/bin:/bin").env("HOME", dir).writes(dir)
}

async fn says(spec: &Spec) -> String {
    let output = launcher().spawn(spec).unwrap().output(LONG).await.unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn both_work_on_the_same_files() {
    as_worker("worker_shares_files");
}

#[tokio::test]
#[ignore = "runs as a steward's worker, started by both_work_on_the_same_files"]
async fn worker_shares_files() {
    let site = place().join("a/b/site");
    fs::create_dir_all(site.join("src")).unwrap();
    fs::write(site.join("src/page"), "old").unwrap();
    let said =
        says(&shell(&site, "id -u; cat src/page; echo new > src/page; mkdir made; echo x > made/file; pwd"))
            .await;
    assert_eq!(said, format!("64002\nold{}\n", site.display()));
    assert_eq!(fs::read_to_string(site.join("src/page")).unwrap(), "new\n");
    assert_eq!(site.join("made/file").metadata().unwrap().uid(), 64_002);
    // And back: what the child made is written and removed by the worker, and the other way round.
    fs::write(site.join("made/file"), "worker").unwrap();
    fs::write(site.join("made/more"), "more").unwrap();
    assert_eq!(says(&shell(&site, "cat made/*; echo again > made/more; rm made/file")).await, "workermore");
    fs::remove_dir_all(site.join("made")).unwrap();
    let git = |words: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "safe.directory=*"])
            .args(words)
            .current_dir(&site)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "-q"]);
    says(&shell(&site, "echo text > src/new && mkdir d && echo x > d/y")).await;
    git(&["add", "-A"]);
    git(&["-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-qm", "x"]);
    git(&["rm", "-rqf", "d", "src"]);
}

#[test]
fn the_other_user_reaches_nothing_else() {
    as_worker("worker_keeps_its_own");
}

#[tokio::test]
#[ignore = "runs as a steward's worker, started by the_other_user_reaches_nothing_else"]
async fn worker_keeps_its_own() {
    let (site, other) = (place().join("t/site"), place().join("t/other"));
    for dir in [&site, &other] {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join("file"), "mine").unwrap();
    }
    let id = std::process::id();
    let script = format!(
        "cat {other}/file; ls {home}; cat /etc/shadow; tr '\\0' '\\n' < /proc/{id}/environ; kill -9 {id} $PPID; \
         tr '\\0' '\\n' < /proc/$PPID/environ; env; grep Cap /proc/self/status",
        other = other.display(),
        home = place().display(),
    );
    let said = says(&shell(&site, &script)).await;
    for leaked in ["mine", "root:", "the-secret", "SECRET"] {
        assert!(!said.contains(leaked), "{leaked}: {said}");
    }
    assert_eq!(said.matches("\t0000000000000000").count(), 4, "{said}");
    let report = Report::of(&launcher(), &place().join("test")).await.unwrap();
    assert!(report.is_enough(), "{report}");
    assert!(
        report.holds.contains(&Guard::Processes) && report.holds.contains(&Guard::ProcessCount),
        "{report}"
    );
}

#[test]
fn ends_are_passed_on_and_nothing_is_left() {
    as_worker("worker_ends_children");
}

#[tokio::test]
#[ignore = "runs as a steward's worker, started by ends_are_passed_on_and_nothing_is_left"]
async fn worker_ends_children() {
    let site = place().join("site");
    fs::create_dir_all(&site).unwrap();
    let run = async |script: &str| launcher().spawn(&shell(&site, script)).unwrap().wait().await.unwrap();
    assert_eq!(run("exit 7").await.code(), Some(7));
    assert_eq!(run("kill -15 $$").await.signal(), Some(15));
    let script = "(setsid sh -c 'trap \"\" TERM HUP; echo $$ > pid; exec sleep 1000' &); while ! [ -s pid ]; do sleep 0.01; done; exec sleep 1000";
    for stops in [true, false] {
        let _ = fs::remove_file(site.join("pid"));
        let mut child = launcher().spawn(&shell(&site, script)).unwrap();
        let left = loop {
            match fs::read_to_string(site.join("pid")).ok().and_then(|text| text.trim().parse::<u32>().ok()) {
                Some(pid) => break pid,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        if stops {
            assert_eq!(child.stop(LONG).await.unwrap().signal(), Some(15));
        } else {
            drop(child);
        }
        let until = std::time::Instant::now() + LONG;
        while Path::new(&format!("/proc/{left}/fd")).exists() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(!Path::new(&format!("/proc/{left}")).exists());
    }
}

#[test]
fn nobody_takes_a_stewards_place_and_no_stranger_is_served() {
    // This process has no steward, whoever may listen under such a name.
    let name = format!("webordinary-steward-{}", std::os::unix::process::parent_id());
    let address =
        <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)
            .unwrap();
    let _listener = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
    assert_eq!(Protection::other_user(), None);
}
