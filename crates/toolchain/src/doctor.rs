//! Checks whether a machine has what the product needs, and says what to do where it has not.

use crate::paths::ToolPaths;
use crate::pinned::{CLAUDE, with_registry};
use crate::runner::{Runner, find};
use crate::tools::{OLDEST_NODE, native_claude};
use crate::version::Version;
use sandbox::Launcher;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// Least free space in the data directory, in bytes.
const LEAST_FREE: u64 = 2 << 30;
/// Oldest git whose options the product uses.
const OLDEST_GIT: Version = Version(2, 30, 0);

/// One check's outcome.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// What was checked.
    pub name: String,
    /// Whether the product can work with it.
    pub ok: bool,
    /// What was found.
    pub says: String,
    /// What to do; empty when nothing is to be done.
    pub fix: String,
}

impl Finding {
    fn good(name: &str, says: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok: true, says: says.into(), fix: String::new() }
    }

    fn bad(name: &str, says: impl Into<String>, fix: &str) -> Self {
        Self { name: name.to_owned(), ok: false, says: says.into(), fix: fix.to_owned() }
    }
}

/// Makes every check, none of which installs anything. `ports` are to be free; takes a few seconds at most
/// where the network answers, else up to 30.
pub async fn examine(paths: &ToolPaths, launcher: &Launcher, ports: &[SocketAddr]) -> Vec<Finding> {
    let mut all = vec![writable(&paths.data), space(&paths.data)];
    match Runner::new(launcher, paths) {
        Ok(runner) => {
            let ask = Asking { paths, runner };
            let (git, node, npm, registry, claude) =
                tokio::join!(ask.git(), ask.node(), ask.npm(), ask.registry(), ask.claude());
            all.extend([git, node, npm, registry, claude]);
        }
        Err(err) => all.push(Finding::bad("children", err.to_string(), "make the data directory writable")),
    }
    all.extend(ports.iter().map(|port| free(*port)));
    all
}

struct Asking<'a> {
    paths: &'a ToolPaths,
    runner: Runner,
}

impl Asking<'_> {
    async fn version(&self, name: &str) -> Result<Version, String> {
        let program = find(name, &self.paths.search).ok_or("not found in PATH")?;
        let says = self.runner.ask(&program, &["--version"]).await.map_err(|err| err.to_string())?;
        Version::find(&says).ok_or_else(|| format!("says {says:?} of its version"))
    }

    async fn git(&self) -> Finding {
        let fix = "install git 2.30 or newer (Debian: `apt-get install git`)";
        match self.version("git").await {
            Ok(version) if version >= OLDEST_GIT => Finding::good("git", version.to_string()),
            Ok(version) => Finding::bad("git", format!("{version} is too old"), fix),
            Err(says) => Finding::bad("git", says, fix),
        }
    }

    async fn node(&self) -> Finding {
        match self.version("node").await {
            Ok(version) if version >= OLDEST_NODE => Finding::good("node", version.to_string()),
            Ok(version) => Finding::good("node", format!("{version}; Node 24 from npm is used for sites")),
            Err(says) => Finding::bad("node", says, "install Node (Debian: `apt-get install nodejs npm`)"),
        }
    }

    async fn npm(&self) -> Finding {
        match self.version("npm").await {
            Ok(version) => Finding::good("npm", version.to_string()),
            Err(says) => Finding::bad("npm", says, "install npm (Debian: `apt-get install npm`)"),
        }
    }

    async fn registry(&self) -> Finding {
        let Some(npm) = find("npm", &self.paths.search) else {
            return Finding::bad("npm registry", "not asked: npm is missing", "install npm");
        };
        let runner = with_registry(self.runner.clone(), self.paths, &npm).await;
        match runner
            .with("npm_config_fetch_retries", "0")
            .ask(&npm, &["view", "pnpm@10.34.8", "version"])
            .await
        {
            Ok(_) => Finding::good("npm registry", "answers"),
            Err(err) => Finding::bad(
                "npm registry",
                err.to_string(),
                "check the network; set https_proxy or npm_config_registry where they are needed",
            ),
        }
    }

    async fn claude(&self) -> Finding {
        const FIX: &str = "run `webordinary up` with a network: it installs it";
        let Ok(program) = native_claude(&CLAUDE.place(self.paths).join("node_modules")) else {
            return Finding::bad("Claude Code", "not installed yet", FIX);
        };
        match self.runner.ask(&program, &["--version"]).await {
            Ok(says) => Finding::good("Claude Code", says),
            Err(err) => {
                Finding::bad("Claude Code", err.to_string(), "remove DATA/tools/npm and run it again")
            }
        }
    }
}

fn writable(data: &Path) -> Finding {
    let probe = data.join(format!(".probe-{}", std::process::id()));
    let tried = std::fs::create_dir_all(data)
        .and_then(|()| std::fs::write(&probe, b"x"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::good("data directory", data.display().to_string()),
        Err(err) => {
            let says = format!("{}: {err}", data.display());
            Finding::bad("data directory", says, "choose a directory that you may write to with --data")
        }
    }
}

fn space(data: &Path) -> Finding {
    let there = data.ancestors().find(|dir| dir.exists()).map_or_else(|| PathBuf::from("/"), Path::to_owned);
    match rustix::fs::statvfs(&there) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let says = format!("{} MiB free", free >> 20);
            if free >= LEAST_FREE {
                return Finding::good("disk", says);
            }
            Finding::bad("disk", says, "free 2 GiB, or choose another place with --data")
        }
        Err(err) => Finding::bad("disk", err.to_string(), "choose another place with --data"),
    }
}

fn free(port: SocketAddr) -> Finding {
    let name = format!("port {port}");
    match TcpListener::bind(port) {
        Ok(_) => Finding::good(&name, "free"),
        Err(err) if err.kind() == io::ErrorKind::AddrInUse => {
            Finding::bad(&name, "in use", "end what listens there, or choose another port")
        }
        Err(err) => Finding::bad(&name, err.to_string(), "choose another address"),
    }
}
