//! A site of a few pages, its agents, and a model on loopback.

use agent::{AgentConfig, Agents, Progress, Turn, TurnLimits};
use domain::ThreadId;
use gateway::{Credential, Gateway, Upstream};
use rehearsal::Rehearsal;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A site, its agents, and a model on loopback.
pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) agents: Agents,
    pub(crate) gateway: Gateway,
    pub(crate) stop: CancellationToken,
}

pub(crate) const INDEX: &str = "---\nimport Base from '../layouts/BaseLayout.astro';\n---\n\n<Base title=\"Home\">\n  <h1>Hello</h1>\n  <p>We open\n    at 9.</p>\n</Base>\n";

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(TurnLimits::default(), 2).await
    }

    pub(crate) async fn with(limits: TurnLimits, max_warm: usize) -> Self {
        Self::at(tempfile::tempdir().unwrap(), limits, max_warm).await
    }

    /// Ends everything but what is on disk, and begins anew with it: agents, gateway and model.
    pub(crate) async fn restarted(self) -> Self {
        self.agents.drain().await;
        self.stop.cancel();
        Self::at(self.folder, TurnLimits::default(), 2).await
    }

    /// With a model of the test's own.
    pub(crate) async fn with_model(upstream: Upstream) -> Self {
        let stop = CancellationToken::new();
        Self::before(upstream, (tempfile::tempdir().unwrap(), stop), TurnLimits::default(), 2).await
    }

    async fn at(folder: TempDir, limits: TurnLimits, max_warm: usize) -> Self {
        let stop = CancellationToken::new();
        let rehearsal = Rehearsal::start(stop.clone()).await.unwrap();
        let upstream = Upstream { base_url: rehearsal.base_url(), credential: Credential::None };
        Self::before(upstream, (folder, stop), limits, max_warm).await
    }

    /// Agents before a model of the caller's, which ends with `stop`.
    pub(crate) async fn before(
        upstream: Upstream,
        (folder, stop): (TempDir, CancellationToken),
        limits: TurnLimits,
        max_warm: usize,
    ) -> Self {
        let gateway = Gateway::start(upstream, stop.clone()).await.unwrap();
        let agents = Agents::new(AgentConfig {
            claude: testkit::claude(),
            path_env: "/usr/local/bin:/usr/bin:/bin".into(),
            launcher: testkit::launcher(),
            packages: folder.path().join("packages"),
            shell: agent::Shell::default(),
            gateway: gateway.clone(),
            max_warm,
            model: None,
            limits,
        });
        Self { folder, agents, gateway, stop }
    }

    pub(crate) fn path(&self, n: u8, part: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(format!("t{n}")).join(part)
    }

    /// A turn of thread `n`, whose site is made when it is missing.
    pub(crate) fn turn(&self, n: u8, instruction: &str) -> Turn {
        let worktree = self.path(n, "site");
        if !worktree.exists() {
            fs::create_dir_all(worktree.join("src/pages")).unwrap();
            fs::create_dir_all(worktree.join("node_modules/x")).unwrap();
            fs::create_dir_all(self.path(n, "in")).unwrap();
            fs::write(worktree.join("src/pages/index.astro"), INDEX).unwrap();
            fs::write(worktree.join("src/pages/about.astro"), INDEX.replace("Hello", "About")).unwrap();
            fs::write(worktree.join("node_modules/x/a.js"), "Hello").unwrap();
        }
        Turn {
            thread: ThreadId::from_entropy([n; 8]),
            home: self.path(n, "home"),
            worktree,
            attachments_dir: self.path(n, "in"),
            instruction: instruction.to_owned(),
            material: Vec::new(),
            attachments: Vec::new(),
            note: None,
            history: String::new(),
            reach: agent::Reach::Anything,
            allowance: None,
            tools: None,
            system: String::new(),
        }
    }

    pub(crate) fn page(&self, n: u8, name: &str) -> String {
        fs::read_to_string(self.path(n, "site/src/pages").join(name)).unwrap()
    }

    pub(crate) async fn run(&self, turn: Turn) -> agent::TurnReport {
        self.agents.turn(turn, &|_| {}, &CancellationToken::new()).await.unwrap()
    }

    /// The process ids of Claude Code in thread `n`'s site.
    pub(crate) fn pids(&self, n: u8) -> Vec<String> {
        let (site, claude) = (self.path(n, "site"), testkit::claude().canonicalize().unwrap());
        let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        let ours = |process: &PathBuf| {
            fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == site)
                && fs::read_link(process.join("exe")).is_ok_and(|exe| exe == claude)
        };
        processes.filter(ours).map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    pub(crate) async fn end(self) {
        self.agents.drain().await;
        for n in 1..5 {
            assert!(self.pids(n).is_empty(), "a process is left");
        }
        self.stop.cancel();
    }
}

pub(crate) fn kill(pid: &str) {
    assert!(std::process::Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

/// Runs `turn`, and calls `act` once the model has begun to speak.
pub(crate) async fn acting(
    stage: &Stage,
    turn: Turn,
    act: impl Fn() + Send + Sync,
) -> Result<agent::TurnReport, agent::AgentError> {
    let acted = Mutex::new(false);
    let progress = |progress: Progress| {
        if matches!(progress, Progress::Text(_)) && !std::mem::replace(&mut *acted.lock().unwrap(), true) {
            act();
        }
    };
    stage.agents.turn(turn, &progress, &stage.stop.child_token()).await
}
