//! What happens to one request for a preview: passed on, held, or answered by a waiting page.

use crate::host::PreviewHost;
use crate::prefix::Prefix;
use crate::proxy::{Body, Passage, empty, text};
use crate::rewrite::body::BoxError;
use crate::scripts::{self, OWN};
use crate::server::{Ended, Server, Status};
use crate::{headers, waiting};
use bytes::Bytes;
use domain::ThreadId;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tracing::debug;

/// How long a request is held until the dev server answers.
const HOLD: Duration = Duration::from_mins(1);
/// How long a question for the state is held until the state changes.
const POLL: Duration = Duration::from_secs(20);
/// How long a server that refuses connections is believed to be about to say why.
const REFUSED: Duration = Duration::from_secs(1);
/// Lines of output shown with an error.
const LINES: usize = 40;

impl PreviewHost {
    /// Answers a request below the preview's path (in sub-domain mode: on its host). Starts the dev server when it
    /// does not run. The caller has made sure that there is such a thread; when [`crate::Sites`] knows none, the
    /// answer is 404 all the same. The answer carries its security headers.
    pub async fn serve<B>(self: &Arc<Self>, thread: &ThreadId, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let mut response = self.answer(thread, parts, body.map_err(Into::into).boxed_unsync()).await;
        headers::protect(response.headers_mut(), &self.frame_ancestors);
        response
    }

    async fn answer(self: &Arc<Self>, thread: &ThreadId, parts: Parts, body: Body) -> Response<Body> {
        // The way of nearly every request, so it comes first and takes nothing it does not need.
        let server = match self.server(thread) {
            Some(server) => server,
            None => match self.saved_or_woken(thread, &parts).await {
                Ok(server) => server,
                Err(response) => return response,
            },
        };
        if !server.is_over() {
            // A page left open asks for its server every second; that is nobody's activity.
            server.touch();
        }
        if let Some(response) = self.answered_here(thread, &server.prefix, &parts).await {
            return response;
        }
        let status = server.status.borrow().clone();
        match status {
            Status::Ready(upstream) => {
                if let Some(response) = opened_at_base(&server.prefix, upstream.base(), &parts) {
                    return response;
                }
                self.pass(thread, &server, Request::from_parts(parts, body)).await
            }
            _ => self.wait(thread, parts, body).await,
        }
    }

    /// Answers `request` from the thread's snapshot while its dev server is started, or starts that.
    async fn saved_or_woken(
        self: &Arc<Self>,
        thread: &ThreadId,
        request: &Parts,
    ) -> Result<Arc<Server>, Response<Body>> {
        let Some(saved) = self.saved(thread, request).await else { return self.woken(thread, request).await };
        let (host, thread) = (Arc::clone(self), thread.clone());
        self.tasks.spawn(async move {
            let stop = host.stop.clone();
            stop.run_until_cancelled(host.wake(&thread)).await;
        });
        Err(saved)
    }

    /// What the thread's snapshot has for `request`.
    async fn saved(&self, thread: &ThreadId, request: &Parts) -> Option<Response<Body>> {
        self.sites.saved()?.answer(thread, &Arc::new(self.config.prefix(thread)), request).await
    }

    /// Starts the dev server for `request`, or says why not.
    async fn woken(
        self: &Arc<Self>,
        thread: &ThreadId,
        request: &Parts,
    ) -> Result<Arc<Server>, Response<Body>> {
        // A page left open asks every second whether its server is back. That is no reason to bring it back.
        let asleep = self.server(thread).is_none_or(|server| server.is_over());
        if asleep && headers::wants_upgrade(&request.headers) {
            return Err(text(StatusCode::SERVICE_UNAVAILABLE, "This preview is asleep."));
        }
        self.wake(thread).await.ok_or_else(|| text(StatusCode::NOT_FOUND, "There is no such preview."))
    }

    /// What no dev server is asked for.
    async fn answered_here(
        self: &Arc<Self>,
        thread: &ThreadId,
        prefix: &Prefix,
        request: &Parts,
    ) -> Option<Response<Body>> {
        if request.headers.contains_key("service-worker") {
            // It would stay in the browser, in control of every preview on this host.
            return Some(text(StatusCode::FORBIDDEN, "A preview cannot install a service worker."));
        }
        if headers::wants_upgrade(&request.headers) && !self.may_connect(prefix, request) {
            return Some(text(StatusCode::FORBIDDEN, "Only the preview's own pages may connect."));
        }
        let path = request.uri.path();
        let Some(inside) = path.strip_prefix(prefix.path()) else {
            let slash_missing = path.len() + 1 == prefix.path().len() && prefix.path().starts_with(path);
            return Some(if slash_missing {
                redirect(StatusCode::PERMANENT_REDIRECT, prefix.path())
            } else {
                text(StatusCode::NOT_FOUND, "There is no such preview.")
            });
        };
        match inside.strip_prefix(OWN)? {
            "status" => Some(self.status(thread).await),
            own => Some(
                scripts::answer(own).unwrap_or_else(|| text(StatusCode::NOT_FOUND, "There is nothing here.")),
            ),
        }
    }

    /// Vite believes a WebSocket without an Origin; here only pages of the preview and of the app may connect.
    fn may_connect(&self, prefix: &Prefix, request: &Parts) -> bool {
        let origin = request.headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        origin.is_some_and(|origin| {
            origin == prefix.origin().as_bytes() || origin == self.config.app_origin.as_bytes()
        })
    }

    async fn pass(
        self: &Arc<Self>,
        thread: &ThreadId,
        server: &Server,
        request: Request<Body>,
    ) -> Response<Body> {
        let Status::Ready(upstream) = server.status.borrow().clone() else {
            return text(StatusCode::SERVICE_UNAVAILABLE, "This preview is starting.");
        };
        let passage = Passage { prefix: &server.prefix, tunnels: &self.tasks, end: &server.end };
        let again = repeatable(&request);
        match passage.pass(&upstream, request).await {
            Ok(response) => response,
            Err(refused) => {
                debug!(thread.id = %thread, error = %refused, "dev server did not answer");
                let Some(parts) = again else {
                    return text(
                        StatusCode::BAD_GATEWAY,
                        "The preview did not answer. Please reload the page.",
                    );
                };
                // It is about to end, or to listen elsewhere, and says so in a moment.
                let mut status = server.status.subscribe();
                let changed = status.wait_for(|status| !matches!(status, Status::Ready(_)));
                let _ = timeout(REFUSED, changed).await;
                self.wait(thread, parts, empty()).await
            }
        }
    }

    /// The dev server is not ready: the saved version; else a page to wait on for those who look, and patience for everything else.
    async fn wait(self: &Arc<Self>, thread: &ThreadId, parts: Parts, body: Body) -> Response<Body> {
        let server = match self.saved_or_woken(thread, &parts).await {
            Ok(server) => server,
            Err(response) => return response,
        };
        if headers::is_navigation(&parts) && !matches!(*server.status.borrow(), Status::Ready(_)) {
            return waiting::page(&server.prefix);
        }
        let request = Request::from_parts(parts, body);
        if let Ok(Status::Ready(_)) = timeout(HOLD, server.settled()).await {
            return self.pass_once(thread, &server, request).await;
        }
        let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "The preview could not be started.");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        response
    }

    /// Passes a held request on, with no further patience.
    async fn pass_once(&self, thread: &ThreadId, server: &Server, request: Request<Body>) -> Response<Body> {
        let Status::Ready(upstream) = server.status.borrow().clone() else {
            return text(StatusCode::SERVICE_UNAVAILABLE, "The preview could not be started.");
        };
        let passage = Passage { prefix: &server.prefix, tunnels: &self.tasks, end: &server.end };
        match passage.pass(&upstream, request).await {
            Ok(response) => response,
            Err(refused) => {
                debug!(thread.id = %thread, error = %refused, "dev server did not answer");
                text(StatusCode::BAD_GATEWAY, "The preview did not answer. Please reload the page.")
            }
        }
    }

    /// What the waiting page asks for: answered when the dev server is ready or over, or after a while.
    async fn status(self: &Arc<Self>, thread: &ThreadId) -> Response<Body> {
        // Never starts one that died: who looks at its error would start it over and over.
        let server = match self.server(thread) {
            Some(server) if !matches!(*server.status.borrow(), Status::Ended(Ended::Asked)) => server,
            _ => match self.wake(thread).await {
                Some(server) => server,
                None => return text(StatusCode::NOT_FOUND, "There is no such preview."),
            },
        };
        let status = timeout(POLL, server.settled()).await.unwrap_or(Status::Starting);
        let (state, says) = match &status {
            Status::Ready(_) => ("ready", String::new()),
            Status::Starting | Status::Ended(Ended::Asked) => ("starting", String::new()),
            Status::Ended(Ended::Died(says)) => ("failed", says.clone()),
        };
        waiting::state(state, &says, &server.output.last(LINES))
    }
}

/// The request once more, when it has no body to lose.
fn repeatable(request: &Request<Body>) -> Option<Parts> {
    if request.method() != Method::GET || headers::wants_upgrade(request.headers()) {
        return None;
    }
    let mut again = Request::new(());
    again.method_mut().clone_from(request.method());
    again.uri_mut().clone_from(request.uri());
    again.headers_mut().clone_from(request.headers());
    Some(again.into_parts().0)
}

/// A site with a base of its own shows nothing at `/`: the preview opens at that base.
fn opened_at_base(prefix: &Prefix, base: &str, request: &Parts) -> Option<Response<Body>> {
    let base = base.trim_matches('/');
    // Vite's WebSocket is at the prefix itself, whatever the base.
    let upgrade = headers::wants_upgrade(&request.headers);
    if base.is_empty() || upgrade || request.uri.path() != prefix.path() || request.method != Method::GET {
        return None;
    }
    Some(redirect(StatusCode::FOUND, &format!("{}{base}/", prefix.path())))
}

fn redirect(status: StatusCode, to: &str) -> Response<Body> {
    let mut response = text(status, "");
    if let Ok(to) = HeaderValue::try_from(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}
