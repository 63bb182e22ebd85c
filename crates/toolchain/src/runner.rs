//! Running package managers and short questions to programs, confined, with a known environment.

use crate::error::ToolchainError;
use crate::paths::ToolPaths;
use crate::progress::Progress;
use crate::registry::RegistryProxy;
use sandbox::{Launcher, Protection, Spec, Way};
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

/// Variables that name a file with certificates.
const CERTIFICATES: [&str; 3] = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "npm_config_cafile"];
/// Variables by which package managers are told of a proxy.
const PROXIES: [&str; 6] =
    ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "YARN_HTTP_PROXY", "YARN_HTTPS_PROXY"];

/// Starts programs with PATH, a HOME of their own and the npm cache, and nothing else from this process.
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    launcher: Launcher,
    /// The way to the network; none where children are not confined.
    proxy: Option<RegistryProxy>,
    /// What every program here may read, and change.
    reads: Vec<PathBuf>,
    writes: Vec<PathBuf>,
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
        let writes = vec![home.clone(), paths.npm_cache(), paths.cache("pnpm"), paths.cache("yarn")];
        for dir in &writes {
            std::fs::create_dir_all(dir)
                .map_err(ToolchainError::io(format!("cannot make {}", dir.display())))?;
        }
        let mut env: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), paths.search.clone()),
            ("HOME".into(), home.into()),
            ("npm_config_cache".into(), paths.npm_cache().into()),
            ("npm_config_update_notifier".into(), "false".into()),
            ("npm_config_fund".into(), "false".into()),
            ("npm_config_audit".into(), "false".into()),
        ];
        env.extend(paths.network.iter().map(|(name, value)| (name.into(), value.clone())));
        let certificates = paths.network.iter().filter(|(name, _)| CERTIFICATES.contains(&name.as_str()));
        let mut reads: Vec<PathBuf> = certificates.map(|(_, file)| file.into()).collect();
        reads.extend([paths.data.join("tools/npm"), "/etc/npmrc".into()]);
        // npm runs by the machine's own node, until there is another.
        reads.extend(find("node", &paths.search).iter().flat_map(|node| programs(node)));
        let runner = Self { launcher: launcher.clone(), proxy: None, reads, writes, env };
        if *launcher.protection() == Protection::Nothing {
            return Ok(runner);
        }
        let proxy = RegistryProxy::start(&paths.network, paths.registries.as_deref());
        Ok(runner.through(proxy.map_err(ToolchainError::io("cannot open a way to the registry"))?))
    }

    /// The same, with `proxy` as the only way to the network.
    fn through(self, proxy: RegistryProxy) -> Self {
        let address = format!("http://127.0.0.1:{}", proxy.port());
        let mut runner = PROXIES.iter().fold(self, |runner, name| runner.with(name, &address));
        runner.env.retain(|(name, _)| name != "no_proxy" && name != "NO_PROXY");
        runner.proxy = Some(proxy);
        runner
    }

    /// The same with npm's registry at `url`.
    pub(crate) fn with_registry(self, url: String) -> Self {
        if let Some(proxy) = &self.proxy {
            proxy.open(&url);
        }
        self.with("npm_config_registry", url)
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
        let spec = self.spec(program, cwd, args).writes(cwd);
        let mut child = self.launcher.spawn(&spec).map_err(Failure::Io)?;
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
        // A link's own place need not be there inside, and what the program looks for is beside the real one.
        let real = program.canonicalize().unwrap_or_else(|_| program.to_owned());
        let mut spec = Spec::new(real, cwd).args(args.iter().copied());
        spec.env.clone_from(&self.env);
        spec.reach.read.clone_from(&self.reads);
        spec.reach.read.extend(programs(program));
        spec.reach.write.clone_from(&self.writes);
        for (_, home) in self.env.iter().filter(|(name, _)| name == "HOME") {
            spec = spec.reads(Path::new(home).join(".npmrc"));
        }
        match &self.proxy {
            Some(proxy) => spec.way(Way::Out(proxy.port())),
            None => spec,
        }
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

/// What is to be read for `program` to run: the directory of programs that it is in, and the package.
pub(crate) fn programs(program: &Path) -> Vec<PathBuf> {
    let Ok(real) = program.canonicalize() else { return Vec::new() };
    let is_package = |dir: &&Path| dir.parent().is_some_and(|parent| parent.ends_with("node_modules"));
    let is_programs = |dir: &&Path| dir.ends_with("bin") && !dir.starts_with("/usr");
    let package = real.ancestors().find(is_package);
    let dirs = [program, &real].into_iter().filter_map(Path::parent).filter(is_programs);
    dirs.chain(package).map(Path::to_owned).collect()
}

/// The program called `name` on the search path `search`.
pub(crate) fn find(name: &str, search: &OsString) -> Option<PathBuf> {
    std::env::split_paths(search).map(|dir| dir.join(name)).find(|path| {
        path.is_absolute() && path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    })
}
