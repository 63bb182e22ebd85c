//! What a request is answered while its thread wakes: a page to wait on for those who look, patience for everything else.

use crate::prefix::Prefix;
use crate::proxy::{Body, full};
use crate::scripts::{self, OWN};
use crate::waiting;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};

/// What has become of a thread that was waited for.
pub enum Arrival<T> {
    /// This serves it now.
    Served(T),
    /// It cannot be served; the words are for whoever looks.
    Failed(String),
}

/// Answers a page at once, and holds everything else until `arrival`, which gives `None` when it took too long.
/// `Ok` is who serves it, to be asked now.
pub async fn held<T>(
    prefix: &Prefix,
    request: &Parts,
    arrival: impl Future<Output = Option<Arrival<T>>>,
) -> Result<T, Response<Body>> {
    let inside = request.uri.path().strip_prefix(prefix.path()).unwrap_or_default();
    let own = inside.strip_prefix(OWN);
    if let Some(script) = own.and_then(scripts::answer) {
        return Err(script);
    }
    if own == Some("status") {
        return Err(match arrival.await {
            Some(Arrival::Failed(says)) => waiting::state("failed", &says, &[]),
            Some(Arrival::Served(_)) | None => waiting::state("starting", "", &[]),
        });
    }
    if is_page(request) {
        return Err(waiting::page(prefix));
    }
    match arrival.await {
        Some(Arrival::Served(by)) => Ok(by),
        Some(Arrival::Failed(says)) => Err(unavailable(&says)),
        None => Err(unavailable("This preview is still waking.")),
    }
}

fn is_page(request: &Parts) -> bool {
    let accepts = request.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    request.method == Method::GET && accepts.contains("text/html")
}

/// 503 in words, to be tried again in two seconds.
pub fn unavailable(says: &str) -> Response<Body> {
    let mut response = Response::new(full(format!("{says}\n")));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
