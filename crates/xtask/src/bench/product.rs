//! The whole product, started as its user starts it.

use super::process::Running;
use super::{folder, program};
use anyhow::{Context, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The first start fetches tools from npm.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running product.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) running: Running,
    pub(crate) data: PathBuf,
    pub(crate) ready: Value,
    /// From the start of the process to its ready.json.
    pub(crate) took: Duration,
}

impl Product {
    /// Starts it on free ports in a data directory that is kept between benches.
    pub(crate) fn start(environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let data = folder().join("data");
        fs::create_dir_all(&data)?;
        let ready = data.join("ready.json");
        let _ = fs::remove_file(&ready);
        let log = folder().join("product.log");
        let began = Instant::now();
        let child = Command::new(program("webordinary"))
            .arg("up")
            .arg("--data")
            .arg(&data)
            .args(["--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--site", "127.0.0.1:0"])
            .args(["--ecs", "127.0.0.1:0"])
            .env_remove("ANTHROPIC_API_KEY")
            .env_remove("ANTHROPIC_AUTH_TOKEN")
            .env_remove("ANTHROPIC_BASE_URL")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()
            .context("the product cannot be started")?;
        let mut running = Running(child);
        loop {
            if let Ok(ready) = fs::read(&ready)
                && let Ok(ready) = serde_json::from_slice(&ready)
            {
                return Ok(Self { running, data, ready, took: began.elapsed() });
            }
            if let Some(status) = running.0.try_wait()? {
                bail!("the product ended ({status}): {}", fs::read_to_string(&log)?);
            }
            if began.elapsed() > PATIENCE {
                bail!(
                    "the product is not ready after {} s: {}",
                    PATIENCE.as_secs(),
                    fs::read_to_string(&log)?
                );
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// The address of the mail door.
    pub(crate) fn smtp(&self) -> &str {
        self.ready["smtp"].as_str().unwrap_or_default()
    }

    /// The newest file below the worktrees whose path ends with `ending`.
    pub(crate) fn find(&self, ending: &str) -> anyhow::Result<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        walk(&self.data.join("local"), &mut |path| {
            if path.to_string_lossy().ends_with(ending) {
                found.push(path.to_path_buf());
            }
        });
        found.sort_by_key(|path| path.metadata().and_then(|meta| meta.modified()).ok());
        found.pop().with_context(|| format!("no worktree has {ending}"))
    }

    /// Claude Code, as it installed it.
    pub(crate) fn claude(&self) -> anyhow::Result<PathBuf> {
        self.tool(&format!("-linux-{}/claude", architecture()))
    }

    /// A tool that it installed, such as `node`.
    pub(crate) fn tool(&self, ending: &str) -> anyhow::Result<PathBuf> {
        let mut found = None;
        walk(&self.data.join("tools"), &mut |path| {
            if path.to_string_lossy().ends_with(ending) {
                found = Some(path.to_path_buf());
            }
        });
        found.with_context(|| format!("there is no tool {ending}"))
    }
}

/// As npm calls it.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" }
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&path, see),
            _ => see(&path),
        }
    }
}
