//! The preview host: sends a request under `/session/{threadId}/` to whoever serves that thread, and wakes it if
//! nobody does.

use crate::desk::Hermes;
use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use domain::ThreadId;
use http::{Method, StatusCode, header};
use ports::ErrorKind;
use preview::prefix::Prefix;
use preview::{PreviewHost, shim, waiting};
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

/// How long a request other than a page is held while the thread wakes.
const HOLD: Duration = Duration::from_secs(20);

/// How a thread's preview stands.
#[derive(Clone)]
pub enum Standing {
    /// This host serves it.
    Served(Arc<PreviewHost>),
    /// It could not be opened; the words are for whoever looks.
    Failed(String),
}

/// Finds who serves a thread.
#[async_trait]
pub trait PreviewHosts: Send + Sync {
    /// How the thread stands; `None` while nobody serves it.
    fn standing(&self, thread: &ThreadId) -> Option<Standing>;
    /// Waits until somebody serves the thread or could not, but for at most `limit`.
    async fn arrival(&self, thread: &ThreadId, limit: Duration) -> Option<Standing>;
}

/// The router of preview requests.
pub struct SessionRouter {
    hermes: Arc<Hermes>,
    hosts: Arc<dyn PreviewHosts>,
}

impl SessionRouter {
    /// Routes to `hosts`, and wakes through `hermes`.
    pub fn new(hermes: Arc<Hermes>, hosts: Arc<dyn PreviewHosts>) -> Arc<Self> {
        Arc::new(Self { hermes, hosts })
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
        match self.hosts.standing(&thread) {
            Some(Standing::Served(host)) => host.serve(&thread, request).await.map(Body::new),
            standing => self.wake(&thread, request, standing).await,
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

    async fn wake(&self, thread: &ThreadId, request: Request, standing: Option<Standing>) -> Response {
        let pair = match self.hermes.backends.threads.get(thread).await {
            Ok(thread) => thread.pair,
            Err(error) if error.kind() == ErrorKind::NotFound => return not_found(),
            Err(error) => {
                warn!(%error, "the store did not answer");
                return unavailable("This preview cannot be found just now. Please try again in a minute.");
            }
        };
        if standing.is_none()
            && let Err(error) = self.hermes.wake(&pair, thread).await
        {
            warn!(thread.id = %thread, %error, "a thread was not woken");
        }
        let prefix = self.prefix(thread);
        let inside = request.uri().path().strip_prefix(prefix.path()).unwrap_or_default().to_owned();
        if inside == format!("{}status", shim::OWN) {
            return self.status(thread).await;
        }
        if is_page(&request) {
            return waiting::page(&prefix).map(Body::new);
        }
        match self.hosts.arrival(thread, HOLD).await {
            Some(Standing::Served(host)) => host.serve(thread, request).await.map(Body::new),
            Some(Standing::Failed(says)) => unavailable(&says),
            None => unavailable("This preview is still waking."),
        }
    }

    /// Where the thread's preview begins: at a path, or at the root of a host of its own.
    fn prefix(&self, thread: &ThreadId) -> Prefix {
        let url = self.hermes.config.previews.url(thread);
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url.as_str()));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        Prefix::new(format!("/{path}"), format!("{scheme}://{host}"))
    }

    /// What the waiting page asks for.
    async fn status(&self, thread: &ThreadId) -> Response {
        let response = match self.hosts.arrival(thread, HOLD).await {
            Some(Standing::Failed(says)) => waiting::state("failed", &says, &[]),
            Some(Standing::Served(_)) | None => waiting::state("starting", "", &[]),
        };
        response.map(Body::new)
    }
}

fn thread_of(path: &str) -> Option<ThreadId> {
    path.strip_prefix("/session/")?.split('/').next()?.parse().ok()
}

fn is_page(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    request.method() == Method::GET && accepts.contains("text/html")
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "There is no such preview.\n")
        .into_response()
}

fn unavailable(says: &str) -> Response {
    let headers = [(header::RETRY_AFTER, "2"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, format!("{says}\n")).into_response()
}
