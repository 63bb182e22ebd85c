//! The preview host: sends a request under `/session/{threadId}/` to whoever serves that thread, and wakes it if
//! nobody does.

use crate::desk::Hermes;
use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use domain::ThreadId;
use http::{StatusCode, header};
use ports::{Backends, ErrorKind, PortError};
use preview::prefix::Prefix;
use preview::waking::{self, Arrival, unavailable};
use preview::{PreviewHost, Relay, Saved};
use publish::ThreadSnapshots;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tracing::warn;

/// How long a request other than a page is held while the thread wakes.
const HOLD: Duration = Duration::from_secs(20);
/// A thread is not woken again within this time, however many look at it.
const WAKE_AGAIN: Duration = Duration::from_secs(2);

/// How a thread's preview stands.
#[derive(Clone)]
pub enum Standing {
    /// This host, in this process, serves it.
    Here(Arc<PreviewHost>),
    /// The container at this address (`host:port`) serves it.
    There(String),
    /// It could not be opened; the words are for whoever looks.
    Failed(String),
}

/// Finds who serves a thread.
#[async_trait]
pub trait PreviewHosts: Send + Sync {
    /// How the thread stands; `None` while nobody serves it.
    async fn standing(&self, thread: &ThreadId) -> Option<Standing>;
    /// Waits until somebody serves the thread or could not, but for at most `limit`.
    async fn arrival(&self, thread: &ThreadId, limit: Duration) -> Option<Standing>;
    /// The container at this address does not answer: it is not to be named again without another look.
    fn unreachable(&self, thread: &ThreadId, address: &str);
}

/// The router of preview requests.
pub struct SessionRouter {
    hermes: Arc<Hermes>,
    hosts: Arc<dyn PreviewHosts>,
    relay: Relay,
    saved: Arc<Saved>,
    /// When threads were last woken.
    woken: Mutex<HashMap<ThreadId, Instant>>,
}

/// Who can be asked for a page.
enum Server {
    Here(Arc<PreviewHost>),
    There(String),
}

impl From<Standing> for Arrival<Server> {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Here(host) => Self::Served(Server::Here(host)),
            Standing::There(address) => Self::Served(Server::There(address)),
            Standing::Failed(says) => Self::Failed(says),
        }
    }
}

impl SessionRouter {
    /// Routes to `hosts`, and wakes through `hermes`.
    pub fn new(hermes: Arc<Hermes>, hosts: Arc<dyn PreviewHosts>) -> Arc<Self> {
        let relay = Relay::new(&hermes.stop);
        let Backends { blobs, threads, clock, .. } = hermes.backends.clone();
        let saved = Saved::new(ThreadSnapshots::new(blobs, threads, clock), &hermes.config.app_origin);
        Arc::new(Self { hermes, hosts, relay, saved, woken: Mutex::default() })
    }

    /// Answers one request of the preview host.
    pub async fn serve(&self, request: Request) -> Response {
        let path = request.uri().path();
        let Some(thread) = thread_of(path) else {
            return self.astray(&request);
        };
        self.serve_thread(thread, request).await
    }

    /// Answers one request for a thread, which the path names, or the host where each thread has one of its own.
    pub async fn serve_thread(&self, thread: ThreadId, request: Request) -> Response {
        match self.hosts.standing(&thread).await {
            Some(Standing::Here(host)) => host.serve(&thread, request).await.map(Body::new),
            Some(Standing::There(address)) => self.pass(&thread, &address, request).await,
            Some(Standing::Failed(says)) => {
                self.wake(&thread, request, async { Some(Arrival::Failed(says)) }).await
            }
            None => self.wake_up(&thread, request).await,
        }
    }

    /// Asks the container; when it is gone, the thread wakes elsewhere.
    async fn pass(&self, thread: &ThreadId, address: &str, request: Request) -> Response {
        let again = repeatable(&request);
        match self.relay.pass(address, thread, request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                warn!(thread.id = %thread, %error, "a preview's container is gone");
                self.hosts.unreachable(thread, address);
                match again {
                    Some(request) => self.wake_up(thread, request).await,
                    None => {
                        unavailable("This preview is moving. Please try again in a moment.").map(Body::new)
                    }
                }
            }
        }
    }

    /// An address that left the prefix, made by a script: its Referer tells where it belongs.
    fn astray(&self, request: &Request) -> Response {
        let referer = request.headers().get(header::REFERER).and_then(|v| v.to_str().ok());
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        let origin = self.hermes.config.previews.origin.as_str();
        let own =
            referer.filter(|referer| referer.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/')));
        match own.and_then(|referer| preview::escaped(path, referer)) {
            Some(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
            None => not_found(),
        }
    }

    /// Nobody serves the thread: somebody is to, if there is such a thread. Until then there is its saved version.
    async fn wake_up(&self, thread: &ThreadId, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        if let Some(saved) = self.saved.answer(thread, &Arc::new(self.prefix(thread)), &parts).await {
            if self.is_due(thread) {
                let (hermes, thread) = (Arc::clone(&self.hermes), thread.clone());
                self.hermes.tasks.spawn(async move { drop(want(&hermes, &thread).await) });
            }
            return saved.map(Body::new);
        }
        match want(&self.hermes, thread).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return not_found(),
            Err(_) => {
                let says = "This preview cannot be found just now. Please try again in a minute.";
                return unavailable(says).map(Body::new);
            }
            Ok(()) => {}
        }
        let arrival = async { self.hosts.arrival(thread, HOLD).await.map(Arrival::from) };
        self.wake(thread, Request::from_parts(parts, body), arrival).await
    }

    /// Whether the thread is to be woken now; then it counts as woken.
    fn is_due(&self, thread: &ThreadId) -> bool {
        let (mut woken, now) = (self.woken(), Instant::now());
        woken.retain(|_, at| now.duration_since(*at) < WAKE_AGAIN);
        if woken.contains_key(thread) {
            return false;
        }
        woken.insert(thread.clone(), now);
        true
    }

    fn woken(&self) -> MutexGuard<'_, HashMap<ThreadId, Instant>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wake(
        &self,
        thread: &ThreadId,
        request: Request,
        arrival: impl Future<Output = Option<Arrival<Server>>>,
    ) -> Response {
        let (parts, body) = request.into_parts();
        let request = match waking::held(&self.prefix(thread), &parts, arrival).await {
            Err(answer) => return answer.map(Body::new),
            Ok(server) => (server, Request::from_parts(parts, body)),
        };
        match request {
            (Server::Here(host), request) => host.serve(thread, request).await.map(Body::new),
            (Server::There(address), request) => match self.relay.pass(&address, thread, request).await {
                Ok(response) => response.map(Body::new),
                Err(error) => {
                    warn!(thread.id = %thread, %error, "a woken container is gone again");
                    self.hosts.unreachable(thread, &address);
                    unavailable("This preview is still waking.").map(Body::new)
                }
            },
        }
    }

    /// Where the thread's preview begins: at a path, or at the root of a host of its own.
    fn prefix(&self, thread: &ThreadId) -> Prefix {
        let url = self.hermes.config.previews.url(thread);
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url.as_str()));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        Prefix::new(format!("/{path}"), format!("{scheme}://{host}"))
    }
}

/// Sees to it that the thread is served. `NotFound` when there is none.
async fn want(hermes: &Arc<Hermes>, thread: &ThreadId) -> Result<(), PortError> {
    let wanted = async {
        let pair = hermes.backends.threads.get(thread).await?.pair;
        hermes.wake(&pair, thread).await
    };
    wanted.await.inspect_err(|error| {
        if error.kind() != ErrorKind::NotFound {
            warn!(thread.id = %thread, %error, "a thread was not woken");
        }
    })
}

fn thread_of(path: &str) -> Option<ThreadId> {
    path.strip_prefix("/session/")?.split('/').next()?.parse().ok()
}

/// The request once more, where nothing is lost by asking twice.
fn repeatable(request: &Request) -> Option<Request> {
    if !matches!(*request.method(), http::Method::GET | http::Method::HEAD) {
        return None;
    }
    let mut again = Request::new(Body::empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    Some(again)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "There is no such preview.\n")
        .into_response()
}
