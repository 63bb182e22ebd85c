//! One run of one thread's dev server, from its start to its end.

use crate::config::{PreviewConfig, Site};
use crate::output::Output;
use crate::prefix::Prefix;
use crate::proxy::Upstream;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use sandbox::{Confined, Protection, Spec, Way};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

/// Until a dev server must have answered its first request.
const START_LIMIT: Duration = Duration::from_secs(90);
/// For an end on its own, before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// Heap of a dev server, in MB: enough for most sites. Measured: with Node's own bound it takes 100 MB more in all.
const HEAP: u32 = 192;
/// Heap of a dev server that needed more.
const HEAP_LARGE: u32 = 1024;
/// Longest line that is read as one, in bytes.
const LINE_MAX: usize = 64 << 10;

/// Where a run stands.
#[derive(Clone, Debug)]
pub(crate) enum Status {
    /// Started, and has not answered yet.
    Starting,
    /// Has answered through its real route.
    Ready(Upstream),
    /// Is over; nothing of it is alive.
    Ended(Ended),
}

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was asked to.
    Asked,
    /// It ended by itself, or never came to answer: in plain words.
    Died(String),
}

/// One run.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) site: Option<Site>,
    pub(crate) prefix: Arc<Prefix>,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) output: Output,
    /// Ends the run.
    pub(crate) end: CancellationToken,
    pub(crate) since: Instant,
    heap_mb: u32,
    active: Mutex<Instant>,
}

impl Server {
    pub(crate) fn new(site: Option<Site>, prefix: Prefix, status: Status, end: CancellationToken) -> Self {
        let now = Instant::now();
        Self {
            site,
            prefix: Arc::new(prefix),
            status: watch::Sender::new(status),
            output: Output::default(),
            end,
            since: now,
            heap_mb: HEAP,
            active: Mutex::new(now),
        }
    }

    /// With as much memory as the run before it turned out to need.
    pub(crate) fn after(mut self, before: &Self) -> Self {
        let exhausted = before.output.last(200).iter().any(|line| line.contains("heap out of memory"));
        self.heap_mb = if exhausted { HEAP_LARGE } else { before.heap_mb };
        self
    }

    /// Notes that somebody uses it.
    pub(crate) fn touch(&self) {
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When somebody last used it. Somebody waits for it while it starts.
    pub(crate) fn last_activity(&self) -> Instant {
        if matches!(*self.status.borrow(), Status::Starting) {
            return Instant::now();
        }
        *self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(*self.status.borrow(), Status::Ended(_))
    }

    /// Waits until it is ready or over, and says which.
    pub(crate) async fn settled(&self) -> Status {
        let mut status = self.status.subscribe();
        let settled = status.wait_for(|status| !matches!(status, Status::Starting)).await;
        settled.map_or(Status::Ended(Ended::Asked), |status| status.clone())
    }

    /// Waits until nothing of it is alive.
    pub(crate) async fn over(&self) {
        // An error would mean that the sender is gone, and `self` holds it.
        let _ = self.status.subscribe().wait_for(|status| matches!(status, Status::Ended(_))).await;
    }

    /// Runs the dev server until it ends or is asked to.
    pub(crate) async fn run(&self, config: &PreviewConfig, wrapper: &Path) {
        let Some(site) = &self.site else { return };
        info!(thread.id = %site.thread, "dev server starts");
        let ended = match self.start(config, wrapper, site).await {
            Ok((child, tag)) => self.attend(child, &tag).await,
            Err(error) => Ended::Died(format!("The preview could not be started: {error}")),
        };
        match &ended {
            Ended::Asked => info!(thread.id = %site.thread, "dev server ended"),
            Ended::Died(why) => warn!(thread.id = %site.thread, %why, "dev server died"),
        }
        self.status.send_replace(Status::Ended(ended));
    }

    /// Starts the wrapper on `site`. Gives the child, and the tag that its messages begin with.
    async fn start(
        &self,
        config: &PreviewConfig,
        wrapper: &Path,
        site: &Site,
    ) -> io::Result<(Confined, String)> {
        tokio::fs::create_dir_all(&site.cache_dir).await?;
        // What the site prints by accident is not taken for the wrapper's word.
        let tag = format!(
            "@preview-{:016x} ",
            getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?
        );
        // With nothing between, any port will do, and then nobody else can have it.
        let port = match config.launcher.protection() {
            Protection::Nothing => 0,
            _ => sandbox::free_port()?,
        };
        let spec = Spec::new(&config.node, &site.root)
            .arg(format!("--max-old-space-size={}", self.heap_mb))
            .arg("--max-semi-space-size=2")
            .arg(wrapper)
            .env("MALLOC_ARENA_MAX", "2")
            .env("PATH", &config.path_env)
            .env("HOME", &site.cache_dir)
            .env("LANG", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("ASTRO_TELEMETRY_DISABLED", "1")
            .reads(wrapper)
            .reads(&site.node_modules)
            .reads(site.root.join(".git"))
            .writes(&site.root)
            .writes(&site.cache_dir)
            .way(Way::In(port))
            .piped_stdin();
        let mut child = config.launcher.spawn(&spec)?;
        let settings = serde_json::json!({
            "root": site.root,
            "nodeModules": site.node_modules,
            "cacheDir": site.cache_dir,
            "prefix": self.prefix.path(),
            "origin": self.prefix.origin(),
            "tag": tag,
            "port": port,
        });
        // By standard input, because a thread id must not be seen in the list of processes.
        if let Some(stdin) = &mut child.stdin {
            stdin.write_all(format!("{settings}\n").as_bytes()).await?;
        }
        Ok((child, tag))
    }

    /// Reads what the child says until it is over.
    async fn attend(&self, mut child: Confined, tag: &str) -> Ended {
        let mut stdout = lines(child.stdout.take());
        let mut stderr = lines(child.stderr.take());
        let mut probes = FuturesUnordered::new();
        let mut deadline = Instant::now() + START_LIMIT;
        loop {
            tokio::select! {
                Some(line) = stdout.next() => match line.as_deref().ok().and_then(|line| line.strip_prefix(tag)) {
                    Some(message) => match Said::parse(message) {
                        Some(Said::Ready { port, base }) => probes.push(self.probe(port, base)),
                        Some(Said::Starting) => {
                            deadline = Instant::now() + START_LIMIT;
                            self.status.send_replace(Status::Starting);
                        }
                        None => {}
                    },
                    None => self.output.push(&line.unwrap_or_default()),
                },
                Some(line) = stderr.next() => self.output.push(&line.unwrap_or_default()),
                Some(upstream) = probes.next() => match upstream {
                    Ok(upstream) => {
                        self.touch();
                        drop(self.status.send_replace(Status::Ready(upstream)));
                    }
                    Err(error) => self.output.push(&format!("no answer from the dev server: {error}")),
                },
                exit = child.wait() => {
                    drain(&mut stdout, &self.output, tag).await;
                    drain(&mut stderr, &self.output, tag).await;
                    let how = exit.map_or_else(|error| error.to_string(), |exit| exit.to_string());
                    return Ended::Died(format!("The site's dev server stopped by itself ({how})."));
                }
                () = self.end.cancelled() => {
                    if let Err(error) = child.stop(GRACE).await {
                        debug!(%error, "dev server was gone already");
                    }
                    return Ended::Asked;
                }
                () = sleep_until(deadline.into()), if matches!(*self.status.borrow(), Status::Starting) && probes.is_empty() => {
                    let _ = child.stop(GRACE).await;
                    return Ended::Died(format!("The site did not answer within {} seconds.", START_LIMIT.as_secs()));
                }
            }
        }
    }

    /// One request through the real route. Whatever the answer: the server answers.
    async fn probe(&self, port: u16, base: String) -> Result<Upstream, String> {
        let upstream = Upstream::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), base);
        let target = format!("{}{}", self.prefix.path(), upstream.base().trim_start_matches('/'));
        let host = self.prefix.origin().split("://").last().unwrap_or_default();
        match timeout(START_LIMIT, upstream.probe(&target, host)).await {
            Ok(Ok(status)) => {
                debug!(%status, "dev server answers");
                Ok(upstream)
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it took too long".to_owned()),
        }
    }
}

/// What the wrapper tells.
enum Said {
    Ready { port: u16, base: String },
    Starting,
}

impl Said {
    fn parse(text: &str) -> Option<Self> {
        let message: serde_json::Value = serde_json::from_str(text).ok()?;
        if message.get("starting").is_some() {
            return Some(Self::Starting);
        }
        let port = message.get("ready")?.as_u64()?;
        let base = message.get("base").and_then(serde_json::Value::as_str).unwrap_or("/");
        Some(Self::Ready { port: port.try_into().ok()?, base: base.to_owned() })
    }
}

type Lines = FramedRead<Box<dyn AsyncRead + Send + Unpin>, LinesCodec>;

/// The lines of one of the child's outputs.
fn lines(stream: Option<impl AsyncRead + Send + Unpin + 'static>) -> Lines {
    let stream: Box<dyn AsyncRead + Send + Unpin> = match stream {
        Some(stream) => Box::new(stream),
        None => Box::new(tokio::io::empty()),
    };
    FramedRead::new(stream, LinesCodec::new_with_max_length(LINE_MAX))
}

/// What is left in an output whose writer is gone.
async fn drain(lines: &mut Lines, output: &Output, tag: &str) {
    while let Some(Ok(line)) = lines.next().await {
        if !line.starts_with(tag) {
            output.push(&line);
        }
    }
}

/// Writes the wrapper into `dir`, whole or not at all, and says where it is.
pub(crate) fn install_wrapper(dir: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join("preview.mjs");
    let fresh = dir.join(format!("preview.{}.tmp", std::process::id()));
    std::fs::write(&fresh, include_str!("../wrapper/preview.mjs"))?;
    std::fs::rename(&fresh, &path)?;
    Ok(path)
}
