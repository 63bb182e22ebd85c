//! Children under bubblewrap: what they get, and what hostile ones try.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use sandbox::{Confined, Guard, Launcher, Limits, Network, Protection, Report, Spec, Way};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

const LONG: Duration = Duration::from_secs(20);

fn launcher() -> Launcher {
    let protection = Protection::best();
    assert!(matches!(protection, Protection::Bubblewrap(_)), "install bubblewrap: there is {protection}");
    Launcher::new(env!("CARGO_BIN_EXE_launcher")).with(protection)
}

/// A place of two sites, of which the child is given the first.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for site in ["own", "other", "packages"] {
            fs::create_dir(dir.path().join(site)).unwrap();
            fs::write(dir.path().join(site).join("file"), site).unwrap();
        }
        Self { dir }
    }

    fn path(&self, part: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(part)
    }

    /// A shell in the first site, which may change that, and read the packages.
    fn shell(&self, script: &str) -> Spec {
        Spec::new("/bin/sh", self.path("own"))
            .args(["-c", script])
            .env("PATH", "/usr/bin:/bin")
            .env("OTHER", self.path("other"))
            .env("PACKAGES", self.path("packages"))
            .writes(self.path("own"))
            .reads(self.path("packages"))
    }

    async fn run(&self, script: &str) -> Output {
        launcher().spawn(&self.shell(script)).unwrap().output(LONG).await.unwrap()
    }
}

/// Memory is bounded by cgroups, which only root makes without being given some.
fn makes_cgroups() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn says(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The processes of this machine that have `mark` on their command line.
fn marked(mark: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| fs::read_to_string(process.path().join("cmdline")).ok());
    lines.filter(|line| line.split('\0').any(|word| word == mark)).count()
}

/// Waits for an end that comes by itself.
fn are_gone(mark: &str) -> bool {
    let until = Instant::now() + LONG;
    while marked(mark) > 0 {
        if Instant::now() > until {
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
async fn it_gets_its_files_and_its_changes_are_this_users() {
    let place = Place::new();
    let output = place.run("cat file $PACKAGES/file && echo new > made && mkdir d && pwd && exit 3").await;
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(says(&output), format!("ownpackages{}\n", place.path("own").display()));
    let made = place.path("own/made").metadata().unwrap();
    assert_eq!(made.uid(), place.path("own").metadata().unwrap().uid());
    fs::remove_dir(place.path("own/d")).unwrap();
}

#[tokio::test]
async fn nothing_else_of_the_disk_is_there() {
    let place = Place::new();
    let script = "for f in /etc/shadow /root /home /var/lib /sys/kernel $OTHER/file /proc/1/root/etc/shadow; do \
                  cat $f 2>/dev/null && echo read $f; ls $f >/dev/null 2>&1 && echo listed $f; done; \
                  ls -A $(dirname $OTHER); echo x > $PACKAGES/new || echo kept";
    let output = place.run(script).await;
    assert_eq!(says(&output), "own\npackages\nkept\n");
    assert!(!place.path("packages/new").exists());
}

#[tokio::test]
async fn a_link_out_of_the_tree_leads_nowhere() {
    let place = Place::new();
    symlink("/etc/shadow", place.path("own/link")).unwrap();
    symlink(place.path("other"), place.path("own/neighbour")).unwrap();
    let output = place.run("cat link neighbour/file; echo x > neighbour/file; true").await;
    assert_eq!(says(&output), "");
    assert_eq!(fs::read_to_string(place.path("other/file")).unwrap(), "other");
    // A path that the child could have put there is not followed for it, either.
    let output = launcher().spawn(&place.shell("cat link").reads(place.path("own/link"))).unwrap();
    assert!(!output.output(LONG).await.unwrap().status.success());
}

#[tokio::test]
async fn what_is_only_read_within_its_tree_stays_as_it_is() {
    let place = Place::new();
    fs::write(place.path("own/.git"), "gitdir: elsewhere").unwrap();
    let script = "echo evil > .git; rm -f .git; mv .git x; mv made .git; ln -sf /tmp .git; cat .git";
    let spec = place.shell(script).reads(place.path("own/.git"));
    let output = launcher().spawn(&spec).unwrap().output(LONG).await.unwrap();
    assert_eq!(says(&output), "gitdir: elsewhere");
    assert_eq!(fs::read_to_string(place.path("own/.git")).unwrap(), "gitdir: elsewhere");
}

#[tokio::test]
async fn the_kernels_switches_are_out_of_reach_also_for_a_child_of_roots() {
    let place = Place::new();
    let script = "for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sysrq-trigger /dev/x /x /etc/x /usr/x; do \
                  (: >> $f) 2>/dev/null && echo opened $f; done; \
                  unshare -U true 2>/dev/null && echo namespace; grep -h CapEff /proc/self/status; id -u";
    assert_eq!(says(&place.run(script).await), "CapEff:\t0000000000000000\n65534\n");
}

#[tokio::test]
async fn it_sees_no_environment_and_no_process_but_its_own() {
    let place = Place::new();
    let output = place.run("env | sort; ls -d /proc/[0-9]* | wc -l; ls /proc/$$/fd").await;
    let says = says(&output);
    let words: Vec<&str> = says.lines().collect();
    let names: Vec<&str> =
        words.iter().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert_eq!(names, ["OTHER", "PACKAGES", "PATH", "PWD"]);
    // bubblewrap, the stage inside, the shell, and what the line is made of.
    assert!(words[4].trim().parse::<u32>().unwrap() <= 6, "{says}");
    assert_eq!(words[5..], ["0", "1", "2"]);
}

#[tokio::test]
async fn what_is_around_it_cannot_be_taken_over_from_inside() {
    let place = Place::new();
    // The stage that holds the hatch is of the same user in there; its descriptors and its memory must not be its.
    let script = "grep -q launch-inside /proc/2/cmdline && echo there; readlink /proc/2/fd/*; cat /proc/2/environ 2>/dev/null | grep .; \
                  (exec 3< /proc/2/mem) 2>/dev/null && echo memory; ls /proc/1/fd | wc -l";
    let says = says(&place.run(script).await);
    // bubblewrap itself keeps its streams and one descriptor to tell of the end by.
    assert_eq!(says, "there\n4\n");
}

#[tokio::test]
async fn it_reaches_nobody_but_where_a_way_leads() {
    let place = Place::new();
    let (ours, other) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (ours_at, other_at) = (ours.local_addr().unwrap().port(), other.local_addr().unwrap().port());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = ours.accept().unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine").unwrap();
    });
    let addresses = ["169.254.170.2", "169.254.169.254", "192.0.2.1", "somewhere.invalid"];
    let script = format!(
        "for a in {} 127.0.0.1:{other_at}; do curl -sm 2 http://$a/ && echo reached $a; done; curl -sm 9 http://127.0.0.1:{ours_at}/",
        addresses.join(" ")
    );
    let spec = place.shell(&script).way(Way::Out(ours_at));
    let output = launcher().spawn(&spec).unwrap().output(LONG).await.unwrap();
    assert_eq!(says(&output), "fine");
    served.join().unwrap();
    other.set_nonblocking(true).unwrap();
    assert!(other.accept().is_err(), "somebody came");
}

#[tokio::test]
async fn what_it_serves_is_reached_through_a_way_in() {
    let place = Place::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = "require('net').createServer({allowHalfOpen: true}, c => { let t = ''; c.on('data', d => t += d); \
                   c.on('end', () => c.end(t.length + ' bytes')) }).listen(Number(process.argv[1]), '127.0.0.1', () => console.log('up'))";
    let spec = Spec::new("/usr/bin/node", place.path("own"))
        .args(["-e", program, &port.to_string()])
        .env("PATH", "/usr/bin:/bin")
        .writes(place.path("own"))
        .way(Way::In(port));
    let mut child = launcher().spawn(&spec).unwrap();
    assert_eq!(first_line(&mut child).await, "up");
    let visits: Vec<_> = (1..20_usize)
        .map(|n| {
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
                stream.write_all(&vec![b'x'; n * 100_000]).unwrap();
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                assert_eq!(answer, format!("{} bytes", n * 100_000));
            })
        })
        .collect();
    for visit in visits {
        visit.join().unwrap();
    }
    child.kill().await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the door is still open");
}

#[tokio::test]
async fn a_fork_bomb_and_a_greedy_process_are_bounded() {
    let place = Place::new();
    let mut spec = place.shell("b() { b | b & }; b; sleep 1; echo on; exec sleep 1000.77");
    spec.limits = Limits { processes: Some(64), memory: Some(256 << 20), ..Limits::default() };
    let mut child = launcher().spawn(&spec).unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let shells = marked("b() { b | b & }; b; sleep 1; echo on; exec sleep 1000.77");
    assert!(shells <= 70, "{shells} processes");
    child.kill().await.unwrap();
    assert_eq!(marked("b() { b | b & }; b; sleep 1; echo on; exec sleep 1000.77"), 0);
    if !makes_cgroups() {
        return;
    }
    let mut greedy = place.shell("exec tail /dev/zero");
    greedy.limits = spec.limits;
    let output = launcher().spawn(&greedy).unwrap().output(LONG).await.unwrap();
    assert_eq!(output.status.signal(), Some(9), "{output:?}");
}

#[tokio::test]
async fn a_file_of_ten_gigabytes_ends_at_the_limit() {
    let place = Place::new();
    let mut spec = place.shell("exec dd if=/dev/zero of=big bs=1M seek=10240 count=1");
    spec.limits.file_size = Some(1 << 20);
    let output = launcher().spawn(&spec).unwrap().output(LONG).await.unwrap();
    assert_eq!(output.status.signal(), Some(25));
    assert!(place.path("own/big").metadata().unwrap().len() <= 1 << 20);
    // What lies in memory is bounded as a whole.
    let output = place
        .run("dd if=/dev/zero of=/tmp/big bs=1M count=700 2>/dev/null || echo full; du -m /tmp/big | cut -f1")
        .await;
    assert_eq!(says(&output), "full\n512\n");
}

#[tokio::test]
async fn ends_are_the_childs_own() {
    let place = Place::new();
    assert_eq!(place.run("exit 37").await.status.code(), Some(37));
    for signal in [1, 2, 6, 9, 11, 13, 15] {
        assert_eq!(place.run(&format!("kill -{signal} $$")).await.status.signal(), Some(signal));
    }
    let broken = place.path("own/broken");
    fs::write(&broken, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&broken, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = launcher().spawn(&Spec::new(&broken, place.path("own")).writes(place.path("own"))).unwrap();
    let output = output.output(LONG).await.unwrap();
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot start"));
}

#[tokio::test]
async fn it_is_given_time_to_end_well_and_leaves_nothing() {
    let place = Place::new();
    let script = "(setsid sh -c 'trap \"\" TERM HUP; exec sleep 1000.11' &); trap 'echo bye; exit 3' TERM; echo on; while :; do sleep 0.01; done";
    let mut child = launcher().spawn(&place.shell(script)).unwrap();
    assert_eq!(first_line(&mut child).await, "on");
    assert_eq!(child.stop(LONG).await.unwrap().code(), Some(3));
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "bye\n");
    assert_eq!(marked("1000.11"), 0);
}

#[tokio::test]
async fn a_killed_supervisor_and_a_killed_starter_take_all_with_them() {
    let place = Place::new();
    let mut child = launcher().spawn(&place.shell("echo on; sleep 1000.22 & exec sleep 1000.22")).unwrap();
    first_line(&mut child).await;
    let supervisor = child.supervisor_id().unwrap();
    Command::new("kill").args(["-9", &supervisor.to_string()]).status().unwrap();
    assert_eq!(child.wait().await.unwrap().signal(), Some(9));
    assert!(are_gone("1000.22"));
    // From inside: its own starter is what it can end, and with it itself.
    let script = "(setsid sleep 1000.33 &); kill -9 $PPID; exec sleep 1000.33";
    place.run(script).await;
    assert!(are_gone("1000.33"));
}

#[tokio::test]
async fn paths_are_on_nobodys_command_line() {
    let place = Place::new();
    let mut child = launcher().spawn(&place.shell("echo on; exec sleep 1000.44")).unwrap();
    first_line(&mut child).await;
    let own = place.path("own").display().to_string();
    let lines = fs::read_dir("/proc").unwrap().flatten();
    let seen =
        lines.filter_map(|p| fs::read_to_string(p.path().join("cmdline")).ok()).any(|l| l.contains(&own));
    assert!(!seen);
    child.kill().await.unwrap();
}

#[tokio::test]
async fn git_goes_on_outside_with_what_was_made_inside() {
    let place = Place::new();
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).current_dir(place.path("own")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "-q"]);
    place.run("mkdir -p a/b && echo text > a/b/new && chmod 600 a/b/new && echo more >> file").await;
    git(&["add", "-A"]);
    git(&["-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-qm", "x"]);
    git(&["reset", "-q", "--hard"]);
    git(&["rm", "-rq", "a"]);
}

#[tokio::test]
async fn the_network_of_the_machine_is_given_when_it_is_asked_for() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut spec = place.shell(&format!("curl -sm 2 http://{}/; echo $?", listener.local_addr().unwrap()));
    spec.reach.network = Network::Machine;
    let child = launcher().spawn(&spec).unwrap();
    let (stream, _) = listener.accept().unwrap();
    drop(stream);
    assert!(child.output(LONG).await.unwrap().status.success());
}

#[tokio::test]
async fn the_self_test_finds_that_all_of_it_holds_and_what_nothing_does_not_hold() {
    let dir = tempfile::tempdir().unwrap();
    let report = Report::of(&launcher(), &dir.path().join("test")).await.unwrap();
    assert!(report.is_enough());
    let open = if makes_cgroups() { "all of it holds" } else { "not kept from: endless memory" };
    assert_eq!(report.to_string(), format!("bubblewrap; {open}"));
    let bare = Launcher::new(env!("CARGO_BIN_EXE_launcher"));
    let report = Report::of(&bare, &dir.path().join("test")).await.unwrap();
    assert!(!report.is_enough());
    for guard in [Guard::Read, Guard::Write, Guard::Environment, Guard::Processes, Guard::Loopback] {
        assert!(!report.holds.contains(&guard), "{guard:?}");
    }
    // Where nothing else is to be had, the kernel's rules alone.
    let rules = Launcher::new(env!("CARGO_BIN_EXE_launcher")).with(Protection::Landlock);
    let report = Report::of(&rules, &dir.path().join("test")).await.unwrap();
    assert!(report.is_enough() && report.holds.contains(&Guard::Loopback), "{report}");
    assert!(!Path::new(&dir.path().join("test")).exists());
}
