//! The listeners for browsers: app and previews on one port, each on its own host, and the production sites on another.

use crate::duty::{ASLEEP, Duty};
use async_trait::async_trait;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use domain::ThreadId;
use edit_container::{PreviewRegistry, registry};
use hermes::hosts::{self, Hosts};
use hermes::session_router::{PreviewHosts, Standing};
use http::{StatusCode, Uri, header};
use ports::{Blobs, Projects};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Sends each request to the host it names; no host answers for another. App and previews are Hermes': they answer while
/// it is at work, and `office` answers the operator always. `webhooks` are the build service's.
pub(crate) fn hosts(hosts: Hosts, duty: Duty, office: Router, webhooks: Router) -> Router {
    let office = office.fallback(asleep).method_not_allowed_fallback(asleep);
    Router::new().fallback(move |request: Request| {
        let (hosts, duty, office, webhooks) = (hosts.clone(), duty.clone(), office.clone(), webhooks.clone());
        async move {
            let path = request.uri().path();
            let is_app = hosts::named(&request).eq_ignore_ascii_case(&hosts.app);
            if path.starts_with("/webhooks/") {
                hosts::to(webhooks, request).await
            } else if is_app && path.starts_with("/operator/") {
                hosts::to(office, request).await
            } else if let Some(at_work) = duty.at_work() {
                hosts.answer(at_work.app.clone(), &at_work.sessions, request).await
            } else if is_app {
                hosts::to(office, request).await
            } else {
                asleep(request.uri().clone()).await
            }
        }
    })
}

/// What everybody hears while Hermes is not at work; programs hear it in JSON.
async fn asleep(uri: Uri) -> Response {
    let headers = [(header::RETRY_AFTER, "60"), (header::CACHE_CONTROL, "no-store")];
    if uri.path().starts_with("/hermes/api/") {
        let body = Json(json!({ "error": { "code": "asleep", "says": ASLEEP } }));
        (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, headers, format!("{ASLEEP}\n")).into_response()
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
