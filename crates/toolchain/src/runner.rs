//! Running package managers and short questions to programs, confined, with a known environment.

use crate::error::ToolchainError;
use crate::paths::ToolPaths;
use crate::progress::Progress;
use sandbox::{Launcher, Spec};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Longest installation.
const INSTALL: Duration = Duration::from_mins(15);
/// Longest answer to a short question.
const ANSWER: Duration = Duration::from_secs(30);
/// Lines that a failure quotes.
const QUOTED: usize = 20;
/// Longest line that is passed on, in bytes.
const LINE: usize = 2_000;

/// Starts programs with PATH, a HOME of their own and the npm cache, and nothing else from this process.
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    launcher: Launcher,
    env: Vec<(OsString, OsString)>,
}

/// How a run ended that was no success.
pub(crate) enum Failure {
    /// It could not be started or watched.
    Io(io::Error),
    /// It ended badly; its last lines.
    Said(Vec<String>),
}

impl Runner {
    pub(crate) fn new(launcher: &Launcher, paths: &ToolPaths) -> Result<Self, ToolchainError> {
        let home = paths.home();
        std::fs::create_dir_all(&home)
            .map_err(ToolchainError::io(format!("cannot make {}", home.display())))?;
        let mut env: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), paths.search.clone()),
            ("HOME".into(), home.into()),
            ("npm_config_cache".into(), paths.npm_cache().into()),
            ("npm_config_update_notifier".into(), "false".into()),
            ("npm_config_fund".into(), "false".into()),
            ("npm_config_audit".into(), "false".into()),
        ];
        env.extend(paths.network.iter().map(|(name, value)| (name.into(), value.clone())));
        Ok(Self { launcher: launcher.clone(), env })
    }

    /// The same with another variable.
    pub(crate) fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.into(), value.into()));
        self
    }

    /// What `program` prints, when it succeeds within 30 s.
    pub(crate) async fn ask(&self, program: &Path, args: &[&str]) -> io::Result<String> {
        let spec = self.spec(program, Path::new("/"), args);
        let output = self.launcher.spawn(&spec)?.output(ANSWER).await?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let says = String::from_utf8_lossy(&output.stderr);
        let line = says.lines().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
        Err(io::Error::other(format!("{} ended with {}: {line}", program.display(), output.status)))
    }

    /// Runs `program` in `cwd` and passes on what it writes.
    pub(crate) async fn run(
        &self,
        program: &Path,
        args: &[&str],
        cwd: &Path,
        progress: &dyn Progress,
    ) -> Result<(), Failure> {
        let mut child = self.launcher.spawn(&self.spec(program, cwd, args)).map_err(Failure::Io)?;
        let said = Mutex::new(VecDeque::new());
        let hear = |line: String| {
            progress.line(&line);
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.len() == QUOTED {
                said.pop_front();
            }
            said.push_back(line);
        };
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let all = async { tokio::try_join!(lines(stdout, &hear), lines(stderr, &hear), child.wait()) };
        let ended = tokio::time::timeout(INSTALL, all).await;
        let said = || said.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        match ended {
            Ok(Ok(((), (), status))) if status.success() => Ok(()),
            Ok(Ok(_)) => Err(Failure::Said(said())),
            Ok(Err(err)) => Err(Failure::Io(err)),
            Err(_) => Err(Failure::Io(io::Error::new(io::ErrorKind::TimedOut, "not done within 15 minutes"))),
        }
    }

    fn spec(&self, program: &Path, cwd: &Path, args: &[&str]) -> Spec {
        let mut spec = Spec::new(program, cwd).args(args.iter().copied());
        spec.env.clone_from(&self.env);
        spec
    }
}

async fn lines(stream: Option<impl AsyncRead + Unpin>, hear: &(dyn Fn(String) + Sync)) -> io::Result<()> {
    let Some(stream) = stream else { return Ok(()) };
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await? > 0 {
        line.truncate(LINE);
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if !text.is_empty() {
            hear(text);
        }
        line.clear();
    }
    Ok(())
}

/// The program called `name` on the search path `search`.
pub(crate) fn find(name: &str, search: &OsString) -> Option<PathBuf> {
    std::env::split_paths(search).map(|dir| dir.join(name)).find(|path| {
        path.is_absolute() && path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    })
}
