//! The built program, running: started, asked, killed, started again, ended.

use crate::letter::Letter;
use crate::outbox::{Outbox, Received};
use crate::place::Place;
use crate::processes::{self, Running};
use crate::wait::until;
use crate::web;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use smtp::{RelayUrl, SendError};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};

/// A fleet is heavy: at most two at once in all tests of this process.
static ROOM: Semaphore = Semaphore::const_new(2);
/// The first start on a machine installs everything from npm.
const START: Duration = Duration::from_mins(5);
/// How long the product may take to end after one SIGINT.
pub const GRACE: Duration = Duration::from_secs(10);
/// How long orphans may live on.
const LAST_BREATH: Duration = Duration::from_secs(5);

/// How the product is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    env: Vec<(String, String)>,
    args: Vec<String>,
}

impl Options {
    /// Without previews: no dev server is started.
    pub fn quick() -> Self {
        Self::default().arg("--previews").arg("off")
    }

    /// With previews.
    pub fn live() -> Self {
        Self::default()
    }

    /// With one more variable in its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With one more word on its command line.
    pub fn arg(mut self, word: &str) -> Self {
        self.args.push(word.to_owned());
        self
    }
}

/// What ready.json says.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    /// The origin of the chat and the API.
    pub http: String,
    /// The origin of the previews.
    pub preview: String,
    /// The mail door, as host:port.
    pub smtp: String,
    /// The first project's production site.
    pub site: String,
    /// The endpoint for `aws ecs`.
    pub ecs: String,
    /// A link that signs the first owner in.
    pub sign_in: String,
}

/// A running fleet on a data directory of its own. Killed when dropped; [`Fleet::finish`] is the good end.
#[derive(Debug)]
pub struct Fleet {
    /// Where it is reached.
    pub ready: Ready,
    /// Sent mail.
    pub outbox: Outbox,
    /// Follows no redirect.
    pub http: reqwest::Client,
    /// Its data directory.
    pub place: Place,
    child: Child,
    _room: SemaphorePermit<'static>,
}

impl Fleet {
    /// Starts one, and waits until it is ready. Waits before that until fewer than two run.
    ///
    /// # Panics
    /// When it ends or is not ready in time; says what it said.
    pub async fn start(options: &Options) -> Self {
        let mut fleet = Self::launch(Place::new(), options).await;
        fleet.until_ready().await;
        fleet
    }

    /// Starts one on `place` without waiting until it is ready.
    pub async fn launch(place: Place, options: &Options) -> Self {
        let room = ROOM.acquire().await.expect("the semaphore is never closed");
        Self {
            ready: Ready::default(),
            outbox: Outbox::at(place.data().join("outbox")),
            http: web::client(),
            child: up(&place, options),
            place,
            _room: room,
        }
    }

    /// Waits until it is ready.
    ///
    /// # Panics
    /// As [`Fleet::start`].
    pub async fn until_ready(&mut self) {
        let path = self.data().join("ready.json");
        let began = Instant::now();
        let ready = loop {
            if let Some(ready) = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
                break ready;
            }
            let ended = self.child.try_wait().expect("the state of a child");
            assert!(ended.is_none(), "the product ended ({ended:?}):\n{}", self.log());
            assert!(began.elapsed() < START, "not ready within {START:?}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        self.ready = Ready::of(&ready);
    }

    /// Starts the product again on the same data, after it has ended, and waits until it is ready.
    pub async fn restart(&mut self, options: &Options) {
        self.relaunch(options);
        self.until_ready().await;
    }

    /// The same without waiting until it is ready.
    ///
    /// # Panics
    /// When it still runs.
    pub fn relaunch(&mut self, options: &Options) {
        let ended = self.child.try_wait().expect("the state of a child");
        assert!(ended.is_some(), "it still runs");
        self.child = up(&self.place, options);
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a process that can be killed");
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Sends it a signal, if it still runs.
    pub fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended by itself just now.
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    pub async fn exit(&mut self, limit: Duration) -> ExitStatus {
        let Ok(status) = tokio::time::timeout(limit, self.child.wait()).await else {
            panic!("it did not end within {limit:?}; running: {:#?}", processes::of(&self.data()));
        };
        status.expect("the state of a child")
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the state of a child")
    }

    /// Waits until no process of it is left.
    ///
    /// # Panics
    /// When one lives on.
    pub async fn no_orphans(&self) {
        let began = Instant::now();
        loop {
            let left: Vec<Running> = processes::of(&self.data());
            if left.is_empty() {
                return;
            }
            assert!(began.elapsed() < LAST_BREATH, "still running: {left:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The end of every test: nothing waits, the product ends well on Ctrl-C, and no process is left. A build of
    /// the site may still run: Ctrl-C ends that, too.
    ///
    /// # Panics
    /// When any of that is not so.
    pub async fn finish(mut self) {
        self.until_calm(&["waitingPairs"]).await;
        self.interrupt();
        let status = self.exit(GRACE).await;
        assert!(status.success(), "it ended with {status}:\n{}", self.log());
        self.no_orphans().await;
        assert!(!self.data().join("ready.json").exists(), "ready.json was left behind");
    }

    /// Waits until nothing waits, nothing is built and all queues are empty.
    ///
    /// # Panics
    /// When something stays.
    pub async fn settled(&self) {
        self.until_calm(&["waitingPairs", "openOrders"]).await;
    }

    /// Waits until every container has let go of its claim.
    ///
    /// # Panics
    /// When one keeps it.
    pub async fn asleep(&self) {
        let idle = async || self.status().await["claims"].as_array()?.is_empty().then_some(());
        until("the containers' sleep", Duration::from_mins(1), idle).await;
    }

    /// Waits until these lists of the status, and all queues, are empty.
    async fn until_calm(&self, lists: &[&str]) {
        let mut last = Value::Null;
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(1) {
            last = self.status().await;
            let calm = |name: &&str| last[name].as_array().is_some_and(Vec::is_empty);
            let depths = last["queues"].as_object();
            let empty = depths.is_some_and(|all| all.values().all(|q| q["ready"] == 0 && q["inFlight"] == 0));
            if lists.iter().all(calm) && empty {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("something still waits: {last:#}");
    }

    /// Sends `raw` by SMTP; what the server said.
    pub async fn post(&self, from: &str, to: &str, raw: &[u8]) -> Result<String, SendError> {
        let door: RelayUrl = format!("smtp://{}", self.ready.smtp).parse().expect("the mail door's address");
        smtp::send(&door, from, to, raw).await.map(|sent| sent.says)
    }

    /// Sends a letter.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn send(&self, letter: &Letter) {
        let sent = self.post(&letter.from, &letter.to, &letter.raw()).await;
        sent.unwrap_or_else(|says| panic!("{:?} was refused: {says}", letter.text));
    }

    /// Sends a letter and waits for its result.
    ///
    /// # Panics
    /// When it is refused or not answered.
    pub async fn ask(&self, letter: &Letter) -> Received {
        self.send(letter).await;
        self.outbox.result_of(&letter.id).await
    }

    /// Runs a command of the program on this data directory; what it printed, or why it failed.
    pub async fn command(&self, words: &[&str]) -> Result<String, String> {
        let mut command = command();
        let output = command.arg("--data").arg(self.data()).args(words).output().await.expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.place.data()
    }

    /// Waits until the production site of a project holds `text` at `path`.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn shows(&self, project: &str, path: &str, text: &str) {
        let there = async || self.live(project, path).await.text.contains(text).then_some(());
        until(&format!("{text:?} on the live page {path}"), Duration::from_mins(1), there).await;
    }

    /// The token of this machine's operator.
    ///
    /// # Panics
    /// When there is none.
    pub fn operator_token(&self) -> String {
        fs::read_to_string(self.data().join("secrets/operator")).expect("the operator's token")
    }

    /// The end of what the product said on its terminal.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.place.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let subjects: Vec<String> =
                self.outbox.mails().iter().map(|m| format!("{}\n{}", m.id(), m.text())).collect();
            eprintln!("what it said:\n{}\nsent mail:\n{}", self.log(), subjects.join("\n--\n"));
        }
    }
}

impl Ready {
    fn of(json: &Value) -> Self {
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self {
            http: text("http"),
            preview: text("preview"),
            smtp: text("smtp"),
            site: text("site"),
            ecs: text("ecs"),
            sign_in: text("signIn"),
        }
    }
}

/// The program, with nothing in its environment that would change what it does.
pub fn command() -> Command {
    let mut command = Command::new(program());
    let ours = |name: &str| name.starts_with("ANTHROPIC_") || name.starts_with("WEBORDINARY_");
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn up(place: &Place, options: &Options) -> Child {
    // What an earlier run left must not be taken for this one's.
    let _ = fs::remove_file(place.data().join("ready.json"));
    let log = File::options().create(true).append(true).open(place.log()).expect("a file for the log");
    let free = ["--http", "--smtp", "--site", "--ecs"]
        .into_iter()
        .filter(|name| !options.args.iter().any(|a| a == name));
    let ports = free.flat_map(|name| [name, "127.0.0.1:0"]);
    command()
        .arg("up")
        .arg("--data")
        .arg(place.data())
        .args(ports)
        .args(&options.args)
        .envs(options.env.iter().map(|(name, value)| (name, value)))
        .stdout(log.try_clone().expect("a file for the log"))
        .stderr(log)
        .spawn()
        .expect("the program starts")
}

/// The built program. Built once when only this test was asked for.
///
/// # Panics
/// When it cannot be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // target/PROFILE/deps/TEST-HASH
        let test = std::env::current_exe().expect("the path of this test");
        let profile = test.ancestors().nth(2).expect("a build directory");
        let program = profile.join("webordinary");
        if !program.exists() {
            let cargo = option_env!("CARGO").unwrap_or("cargo");
            let mut build = std::process::Command::new(cargo);
            build.args(["build", "--quiet", "--package", "webordinary"]);
            if profile.ends_with("release") {
                build.arg("--release");
            }
            let built = build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status();
            assert!(built.is_ok_and(|status| status.success()), "cargo could not build the product");
        }
        program
    })
}
