//! The packages from npm that this product pins, each with its own lock file.

use crate::error::ToolchainError;
use crate::paths::ToolPaths;
use crate::progress::Progress;
use crate::runner::{Failure, Runner};
use crate::store::{Slot, slot};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// One pinned package.
pub(crate) struct Pinned {
    name: &'static str,
    says: &'static str,
    manifest: &'static str,
    lock: &'static str,
}

macro_rules! pinned {
    ($name:literal, $says:literal) => {
        Pinned {
            name: $name,
            says: $says,
            manifest: include_str!(concat!("../npm/", $name, "/package.json")),
            lock: include_str!(concat!("../npm/", $name, "/package-lock.json")),
        }
    };
}

pub(crate) const CLAUDE: Pinned = pinned!("claude", "Claude Code 2.1.330");
pub(crate) const NODE_X64: Pinned = pinned!("node-x64", "Node 24.9.0");
pub(crate) const NODE_ARM64: Pinned = pinned!("node-arm64", "Node 24.22.0");
pub(crate) const PNPM: Pinned = pinned!("pnpm", "pnpm 10.34.8");
pub(crate) const YARN: Pinned = pinned!("yarn", "Yarn 1.22.22");
pub(crate) const YARN_BERRY: Pinned = pinned!("yarn-berry", "Yarn 4.18.1");

impl Pinned {
    /// Its short name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Where this version is installed, once it is.
    pub(crate) fn place(&self, paths: &ToolPaths) -> PathBuf {
        let digest = Sha256::new().chain_update(self.manifest).chain_update(self.lock).finalize();
        let key = data_encoding::HEXLOWER.encode(&digest);
        paths.tool(&format!("{}-{}", self.name, key.get(..12).unwrap_or(&key)))
    }

    /// The installed package's node_modules; installs it when it is not there yet.
    pub(crate) async fn ensure(
        &self,
        paths: &ToolPaths,
        npm: &Npm,
        progress: &dyn Progress,
    ) -> Result<PathBuf, ToolchainError> {
        let place = match slot(self.place(paths)).await? {
            Slot::Ready(place) => place,
            Slot::Open(claim) => {
                progress.step(&format!("Installing {} from npm", self.says));
                let write = |name: &str, text: &str| std::fs::write(claim.draft().join(name), text);
                write("package.json", self.manifest)
                    .and_then(|()| write("package-lock.json", self.lock))
                    .map_err(ToolchainError::io(format!("cannot write {}", claim.draft().display())))?;
                npm.install(self.says, &["ci", "--ignore-scripts"], claim.draft(), progress).await?;
                claim.publish()?
            }
        };
        Ok(place.join("node_modules"))
    }
}

/// npm, which the machine has to bring.
#[derive(Clone, Debug)]
pub(crate) struct Npm {
    program: PathBuf,
    runner: Runner,
    paths: ToolPaths,
    /// The runner that knows the registry; asked for only when something is installed, as npm is slow to tell.
    ready: Arc<OnceCell<Runner>>,
}

impl Npm {
    pub(crate) fn new(program: PathBuf, runner: Runner, paths: &ToolPaths) -> Self {
        Self { program, runner, paths: paths.clone(), ready: Arc::default() }
    }

    /// The runner for whatever fetches packages.
    pub(crate) async fn ready(&self) -> Runner {
        let ask = || with_registry(self.runner.clone(), &self.paths, &self.program);
        self.ready.get_or_init(ask).await.clone()
    }

    /// Runs npm with `args` in `cwd`.
    pub(crate) async fn install(
        &self,
        what: &str,
        args: &[&str],
        cwd: &Path,
        progress: &dyn Progress,
    ) -> Result<(), ToolchainError> {
        let ran = self.ready().await.run(&self.program, args, cwd, progress).await;
        ran.map_err(|failure| failed(what, "npm", failure))
    }
}

/// Tells the runner the registry which the user's own npm settings name. Their credentials stay where they are.
pub(crate) async fn with_registry(runner: Runner, paths: &ToolPaths, npm: &Path) -> Runner {
    let known = paths.network.iter().any(|(name, _)| name == "npm_config_registry");
    let Some(home) = paths.user_home.as_ref().filter(|home| !known && home.join(".npmrc").exists()) else {
        return runner;
    };
    let asking = runner.clone().with("HOME", home.as_os_str());
    match asking.ask(npm, &["config", "get", "registry"]).await {
        Ok(url) if url.starts_with("http") && !url.contains('@') => runner.with_registry(url),
        Ok(_) => runner,
        Err(err) => {
            tracing::warn!(error = %err, "npm does not tell its registry; taking its default");
            runner
        }
    }
}

/// What a package manager's failure means, in words.
pub(crate) fn failed(what: &str, manager: &'static str, failure: Failure) -> ToolchainError {
    match failure {
        Failure::Io(source) => ToolchainError::Io { what: format!("cannot install {what}"), source },
        Failure::Said(lines) => {
            let says = lines.join("\n");
            ToolchainError::Install { what: what.to_owned(), manager, hint: hint(&says), says }
        }
    }
}

fn hint(says: &str) -> &'static str {
    const NO_NETWORK: [&str; 6] =
        ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "network request"];
    let any = |words: &[&str]| words.iter().any(|word| says.contains(word));
    if any(&NO_NETWORK) {
        " (is the network up? a proxy or mirror goes into https_proxy or npm_config_registry)"
    } else if any(&["ENOSPC", "no space left"]) {
        " (the disk is full)"
    } else if any(&["npm error code EUSAGE", "ERR_PNPM_OUTDATED_LOCKFILE", "needs to be updated"]) {
        " (package.json and the lock file do not match)"
    } else {
        ""
    }
}
