//! App and previews are hosts of their own; each answers only for itself.

use crate::session_router::SessionRouter;
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ThreadId;
use http::{StatusCode, header};
use tower::ServiceExt;

/// The hosts that share Hermes' port, as they stand in the Host header.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The app's.
    pub app: String,
    /// The app's whole address.
    pub app_origin: String,
    /// The previews'.
    pub preview: String,
    /// What follows `t-{threadId}.` where each preview has a host of its own.
    pub preview_suffix: Option<String>,
}

impl Hosts {
    /// The hosts of these origins.
    pub fn of(app_origin: &str, preview_origin: &str, preview_suffix: Option<String>) -> Self {
        Self {
            app: host_of(app_origin),
            app_origin: app_origin.to_owned(),
            preview: host_of(preview_origin),
            preview_suffix,
        }
    }

    /// Sends a request to the host it names: the app, or a preview.
    pub async fn answer(&self, app: Router, sessions: &SessionRouter, request: Request) -> Response {
        let host = named(&request);
        if host.eq_ignore_ascii_case(&self.app) {
            to(app, request).await
        } else if let Some(thread) = self.thread(host) {
            sessions.serve_thread(thread, request).await
        } else if host.eq_ignore_ascii_case(&self.preview) {
            // Who types the preview host's bare address means the chat.
            let typed = request.uri().path() == "/" && !request.headers().contains_key(header::REFERER);
            if typed {
                Redirect::to(&format!("{}/", self.app_origin)).into_response()
            } else {
                sessions.serve(request).await
            }
        } else {
            let says = format!("This is not the host {host:?}. The chat is at {}/.\n", self.app_origin);
            (StatusCode::MISDIRECTED_REQUEST, says).into_response()
        }
    }

    /// The thread whose own host this is.
    fn thread(&self, host: &str) -> Option<ThreadId> {
        let label = host.strip_suffix(self.preview_suffix.as_deref()?)?.strip_suffix('.')?;
        label.strip_prefix("t-")?.parse().ok()
    }
}

/// A router's answer.
pub async fn to(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The host that a request names.
pub fn named(request: &Request) -> &str {
    request.headers().get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// What stands in the Host header for an origin.
fn host_of(origin: &str) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    host.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_s_own_host_names_its_thread() {
        let hosts = Hosts::of("https://app.x.org", "https://edit.x.org/", Some("edit.x.org".to_owned()));
        assert_eq!((hosts.app.as_str(), hosts.preview.as_str()), ("app.x.org", "edit.x.org"));
        let thread = ThreadId::from_entropy([7; 8]);
        assert_eq!(hosts.thread(&format!("t-{}.edit.x.org", thread.as_str())), Some(thread));
        assert_eq!(hosts.thread("t-no.edit.x.org"), None);
        assert_eq!(hosts.thread("edit.x.org"), None);
    }
}
