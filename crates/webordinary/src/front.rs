//! The listeners for browsers: app and previews on one port, each on its own host, and the production sites on another.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ThreadId;
use edit_container::{PreviewRegistry, registry};
use hermes::session_router::{PreviewHosts, SessionRouter, Standing};
use http::{StatusCode, header};
use ports::{Blobs, Projects};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// The hosts that share the HTTP port, as they stand in the Host header.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    pub(crate) app: String,
    /// The app's whole address.
    pub(crate) app_origin: String,
    pub(crate) preview: String,
    /// What follows `t-{threadId}.` where each preview has a host of its own.
    pub(crate) preview_suffix: Option<String>,
}

impl Hosts {
    /// The thread whose own host this is.
    fn thread(&self, host: &str) -> Option<ThreadId> {
        let label = host.strip_suffix(self.preview_suffix.as_deref()?)?.strip_suffix('.')?;
        label.strip_prefix("t-")?.parse().ok()
    }
}

/// Sends each request to the host it names; no host answers for another.
pub(crate) fn hosts(hosts: Hosts, app: Router, webhooks: Router, sessions: Arc<SessionRouter>) -> Router {
    Router::new().fallback(move |request: Request| {
        let (hosts, app, webhooks, sessions) =
            (hosts.clone(), app.clone(), webhooks.clone(), sessions.clone());
        async move {
            let host = request.headers().get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let is_app = host.eq_ignore_ascii_case(&hosts.app);
            if request.uri().path().starts_with("/webhooks/") {
                into_response(webhooks.oneshot(request).await)
            } else if is_app {
                into_response(app.oneshot(request).await)
            } else if let Some(thread) = hosts.thread(host) {
                sessions.serve_thread(thread, request).await
            } else if host.eq_ignore_ascii_case(&hosts.preview) {
                // Who types the preview host's bare address means the chat.
                let typed = request.uri().path() == "/" && !request.headers().contains_key(header::REFERER);
                if typed {
                    Redirect::to(&format!("{}/", hosts.app_origin)).into_response()
                } else {
                    sessions.serve(request).await
                }
            } else {
                let says = format!("This is not the host {host:?}. The chat is at http://{}/.\n", hosts.app);
                (StatusCode::MISDIRECTED_REQUEST, says).into_response()
            }
        }
    })
}

fn into_response(answer: Result<Response, std::convert::Infallible>) -> Response {
    match answer {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The production sites, told apart by Host.
pub(crate) fn sites(projects: Arc<dyn Projects>, blobs: Arc<dyn Blobs>) -> Router {
    Router::new().fallback(move |request: Request| {
        let (projects, blobs) = (Arc::clone(&projects), Arc::clone(&blobs));
        async move {
            let Ok(projects) = projects.list().await else {
                return (StatusCode::SERVICE_UNAVAILABLE, "Please try again in a minute.\n").into_response();
            };
            let host = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
            let Some(project) = publish::site::project_of_host(&projects, host) else {
                return (StatusCode::NOT_FOUND, "There is no site at this address.\n").into_response();
            };
            let (parts, _) = request.into_parts();
            publish::site::answer(&*blobs, &project.project_id, &parts).await.map(Body::from)
        }
    })
}

/// The containers of this process, as the session router sees them.
pub(crate) struct LocalPreviews(pub(crate) Arc<PreviewRegistry>);

#[async_trait]
impl PreviewHosts for LocalPreviews {
    async fn standing(&self, thread: &ThreadId) -> Option<Standing> {
        self.0.standing(thread).map(standing)
    }

    async fn arrival(&self, thread: &ThreadId, limit: Duration) -> Option<Standing> {
        self.0.arrival(thread, limit).await.map(standing)
    }

    // Nobody here has an address.
    fn unreachable(&self, _: &ThreadId, _: &str) {}
}

fn standing(standing: registry::Standing) -> Standing {
    match standing {
        registry::Standing::Served(host) => Standing::Here(host),
        registry::Standing::Failed(says) => Standing::Failed(says),
    }
}
