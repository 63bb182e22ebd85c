//! A thread's last saved version, shown while its live preview is not there.

use crate::headers;
use crate::prefix::Prefix;
use crate::proxy::{Body, full};
use crate::rewrite::{Document, rewrite};
use crate::scripts::{OWN, Script};
use domain::ThreadId;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use ports::ErrorKind;
use publish::ThreadSnapshots;
use publish::site::SiteResponse;
use std::sync::Arc;
use tracing::{debug, warn};

/// It says that the page is a saved one, and looks out for the live preview.
pub(crate) const NOTE: Script = Script::new("saved.js", include_str!("../wrapper/saved.js"));

/// Shows snapshots as previews.
pub struct Saved {
    snapshots: Arc<ThreadSnapshots>,
    frame_ancestors: HeaderValue,
}

impl Saved {
    /// Shows `snapshots`, in frames of `app_origin` (`scheme://host[:port]`) only.
    pub fn new(snapshots: Arc<ThreadSnapshots>, app_origin: &str) -> Arc<Self> {
        Arc::new(Self { snapshots, frame_ancestors: headers::frame_ancestors(app_origin) })
    }

    /// Answers a request below `prefix` with what the thread's snapshot has there, a page with a note in it. `None` when
    /// there is nothing to answer it with; then the live preview is needed.
    pub async fn answer(
        &self,
        thread: &ThreadId,
        prefix: &Arc<Prefix>,
        request: &Parts,
    ) -> Option<Response<Body>> {
        let inside = request.uri.path().strip_prefix(prefix.path())?;
        let reads = matches!(request.method, Method::GET | Method::HEAD);
        let for_worker = request.headers.contains_key("service-worker");
        if !reads || for_worker || inside.starts_with(OWN) || headers::wants_upgrade(&request.headers) {
            return None;
        }
        let answer = match self.snapshots.answer(thread, &within(inside, request)?).await {
            Ok(answer) => answer?,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => {
                warn!(thread.id = %thread, %error, "a snapshot cannot be read");
                return None;
            }
        };
        // What it does not have the live preview may have.
        if answer.status() == StatusCode::NOT_FOUND || answer.status().is_server_error() {
            return None;
        }
        Some(self.shown(answer, prefix, request))
    }

    fn shown(&self, answer: SiteResponse, prefix: &Arc<Prefix>, request: &Parts) -> Response<Body> {
        let (mut parts, mut body) = answer.into_parts();
        headers::returned(&mut parts.headers, prefix);
        if headers::html_charset(&parts.headers).is_some() {
            parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers::rewritten(&mut parts.headers);
            let page = headers::wants_page(&request.headers);
            let document = if page { Document::Page } else { Document::Part };
            match rewrite(&body, prefix, document) {
                Ok(rewritten) => body = rewritten,
                Err(error) => debug!(%error, "a saved page is shown as it is"),
            }
            if page && request.method == Method::GET && parts.status == StatusCode::OK {
                let status = format!("{}{OWN}status", prefix.path());
                body = [&body[..], NOTE.tag(prefix.path(), ("status", &status)).as_bytes()].concat().into();
            }
        }
        let mut response = Response::from_parts(parts, full(body));
        headers::protect(response.headers_mut(), &self.frame_ancestors);
        response
    }
}

/// The request as the site's own host would get it. Pages are asked for whole: how they are shown changes.
fn within(inside: &str, request: &Parts) -> Option<Parts> {
    let query = request.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut asked = Request::builder().method(request.method.clone()).uri(format!("/{inside}{query}"));
    if !headers::wants_page(&request.headers)
        && let Some(known) = request.headers.get(header::IF_NONE_MATCH)
    {
        asked = asked.header(header::IF_NONE_MATCH, known);
    }
    Some(asked.body(()).ok()?.into_parts().0)
}
