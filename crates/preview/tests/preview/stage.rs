//! What a test needs: copies of sites, a host of previews behind a server, and the same sites at `/`.

use async_trait::async_trait;
use bytes::Bytes;
use domain::ThreadId;
use futures_util::StreamExt;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use preview::{Body, Mode, PreviewConfig, PreviewHost, Site, Sites, escaped};
use sandbox::{Confined, Spec};
use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use testkit::node::{cache_dir, node, node_path, packages};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const APP: &str = "http://app.localhost:1";

/// Dev servers are heavy: at most two at once in all tests of this process.
static SERVERS: Semaphore = Semaphore::const_new(2);

pub(crate) async fn room_for(servers: u32) -> SemaphorePermit<'static> {
    SERVERS.acquire_many(servers).await.unwrap()
}

/// The sites by thread.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<ThreadId, Site>>);

#[async_trait]
impl Sites for Known {
    async fn locate(&self, thread: &ThreadId) -> Option<Site> {
        self.0.lock().unwrap().get(thread).cloned()
    }
}

/// A host of previews behind a server that routes to it as Hermes does.
pub(crate) struct Stage {
    pub(crate) host: Arc<PreviewHost>,
    pub(crate) origin: String,
    known: Arc<Known>,
    dir: TempDir,
    _server: AbortOnDropHandle<()>,
}

impl Stage {
    pub(crate) async fn new(max_servers: usize) -> Self {
        Self::with(|config| config.max_servers = max_servers).await
    }

    /// A stage whose settings are changed by `change`.
    pub(crate) async fn with(change: impl FnOnce(&mut PreviewConfig)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let work = cache_dir().join("preview-work");
        fs::create_dir_all(&work).unwrap();
        let dir = tempfile::tempdir_in(work).unwrap();
        let mut config = PreviewConfig {
            node: node(),
            path_env: node_path(),
            launcher: testkit::launcher(),
            tools_dir: dir.path().join("tools"),
            max_servers: 1,
            mode: Mode::Path,
            app_origin: APP.to_owned(),
            preview_origin: origin.clone(),
        };
        change(&mut config);
        let known = Arc::new(Known::default());
        let host = PreviewHost::new(config, Arc::clone(&known) as Arc<dyn Sites>, &CancellationToken::new())
            .unwrap();
        let server = AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::clone(&host))));
        Self { host, origin, known, dir, _server: server }
    }

    /// A copy of the site `name`, known as the site of a new thread.
    pub(crate) fn add(&self, name: &str) -> Site {
        let mut entropy = [0; 8];
        entropy[..8].copy_from_slice(&(fingerprint(name) ^ u64::from(std::process::id())).to_le_bytes());
        let thread = ThreadId::from_entropy(entropy);
        let root = self.dir.path().join("worktrees").join(name);
        copy(&source(name), &root);
        let node_modules = packages("preview-sites", &source(""));
        symlink(&node_modules, root.join("node_modules")).unwrap();
        let site = Site {
            thread: thread.clone(),
            root,
            node_modules,
            cache_dir: self.dir.path().join("caches").join(name),
        };
        self.known.0.lock().unwrap().insert(thread, site.clone());
        site
    }

    /// The address of `path` (which begins with `/`) in the preview of `site`.
    pub(crate) fn url(&self, site: &Site, path: &str) -> String {
        format!("{}{}{}", self.origin, site.thread.preview_path(), &path[1..])
    }

    /// The same site at `/`, by plain `astro dev`.
    pub(crate) async fn at_root(&self, name: &str) -> Root {
        let root = self.dir.path().join("plain").join(name);
        copy(&source(name), &root);
        // Plain Vite serves files of the workspace only; ours spans the site and the packages it borrows.
        fs::write(cache_dir().join("pnpm-workspace.yaml"), "packages: []\n").unwrap();
        borrow_packages(&packages("preview-sites", &source("")), &root.join("node_modules"));
        Root::start(&root).await
    }

    /// The process ids of running dev servers.
    pub(crate) fn processes(&self) -> Vec<String> {
        let wrapper = self.dir.path().join("tools/preview.mjs").display().to_string();
        let running = |entry: fs::DirEntry| {
            let command = fs::read_to_string(entry.path().join("cmdline")).ok()?;
            let mut words = command.split('\0');
            (words.next()?.ends_with("/bin/node") && words.any(|word| word == wrapper))
                .then(|| entry.file_name().to_string_lossy().into_owned())
        };
        fs::read_dir("/proc").unwrap().filter_map(|entry| running(entry.ok()?)).collect()
    }

    /// One request with the headers `headers`, whatever the answer.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response<String> {
        self.send(Method::GET, path, headers, "").await
    }

    /// One request, whatever the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Response<String> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = client.request(request.body(Full::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(parts, String::from_utf8_lossy(&body).into_owned())
    }

    pub(crate) async fn end(self) {
        self.host.drain().await;
        assert_eq!(self.host.running(), 0, "a dev server is left");
        assert_eq!(self.processes(), [""; 0], "a process is left");
    }
}

fn fingerprint(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites").join(name)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A `node_modules` of its own, so that caches in it are its own, with the packages of `from`.
fn borrow_packages(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != ".vite" && entry.file_name() != ".astro" {
            symlink(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A site served at `/`.
pub(crate) struct Root {
    pub(crate) origin: String,
    child: Confined,
    _output: AbortOnDropHandle<()>,
}

impl Root {
    async fn start(root: &Path) -> Self {
        let spec = Spec::new(node(), root)
            .arg(root.join("node_modules/astro/bin/astro.mjs"))
            .args(["dev", "--host", "127.0.0.1", "--port", "0"])
            .env("PATH", node_path())
            .env("HOME", root)
            .env("NO_COLOR", "1")
            .env("ASTRO_TELEMETRY_DISABLED", "1");
        let mut child = testkit::unconfined().spawn(&spec).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let origin = loop {
            let line = lines.next_line().await.unwrap().expect("astro dev ended");
            if let Some(at) = line.find("http://") {
                let rest = &line[at + "http://".len()..];
                break format!("http://{}", rest.split(['/', ' ']).next().unwrap());
            }
        };
        let output = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { origin, child, _output: AbortOnDropHandle::new(output) }
    }

    pub(crate) async fn end(mut self) {
        self.child.kill().await.unwrap();
    }
}

async fn serve(listener: TcpListener, host: Arc<PreviewHost>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let host = Arc::clone(&host);
        let service = service_fn(move |request| {
            let host = Arc::clone(&host);
            async move { Ok::<_, std::convert::Infallible>(route(&host, request).await) }
        });
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection.with_upgrades());
    }
}

async fn route(host: &Arc<PreviewHost>, request: Request<Incoming>) -> Response<Body> {
    let name = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let label = name.split('.').next().and_then(|label| label.strip_prefix("t-"));
    if let Some(thread) = label.and_then(|id| id.parse::<ThreadId>().ok()) {
        return host.serve(&thread, request).await;
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let id = path.strip_prefix("/session/").and_then(|rest| rest.split(['/', '?']).next());
    if let Some(thread) = id.and_then(|id| id.parse::<ThreadId>().ok()) {
        return host.serve(&thread, request).await;
    }
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let mut response = Response::new(Body::default());
    match referer.and_then(|referer| escaped(path, referer)) {
        Some(target) => {
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert(header::LOCATION, target.try_into().unwrap());
        }
        None => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

/// A server that tells what it receives: `/…/echo…` the request, `/…/page` a page; its WebSocket sends back.
pub(crate) async fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service_fn(async |request| Ok::<_, std::convert::Infallible>(told(request)));
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection.with_upgrades());
        }
    });
    address
}

fn told(mut request: Request<Incoming>) -> Response<String> {
    if let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY) {
        let accept = derive_accept_key(key.as_bytes());
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let io = TokioIo::new(upgrade.await.unwrap());
            let (sink, stream) = WebSocketStream::from_raw_socket(io, Role::Server, None).await.split();
            // Ends with the connection.
            let _ = stream.forward(sink).await;
        });
        return Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_ACCEPT, accept)
            .header(header::SEC_WEBSOCKET_PROTOCOL, "vite-hmr")
            .body(String::new())
            .unwrap();
    }
    if request.uri().path().ends_with("/page") {
        let page =
            Response::builder().header(header::CONTENT_TYPE, "text/html").header(header::ETAG, "\"1\"");
        return page.body(r#"<!doctype html><head></head><a href="/x">x</a>"#.to_owned()).unwrap();
    }
    let mut lines = vec![format!("{} {}", request.method(), request.uri())];
    lines
        .extend(request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
    Response::new(lines.join("\n"))
}
