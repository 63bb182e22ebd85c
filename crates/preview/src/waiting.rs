//! The page shown while a dev server starts: it turns into the site by itself, or says what is wrong.

use crate::prefix::Prefix;
use crate::proxy::{Body, full};
use crate::scripts::OWN;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};

const PAGE: &str = include_str!("../wrapper/waiting.html");

/// The page. 503, so that nobody takes it for the site.
pub fn page(prefix: &Prefix) -> Response<Body> {
    let status = format!("{}{OWN}status", prefix.path());
    let mut response = Response::new(full(PAGE.replace("{status}", &status)));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:",
        ),
    );
    response
}

/// What the page's script asks for.
pub fn state(state: &str, says: &str, output: &[String]) -> Response<Body> {
    let body = serde_json::json!({ "state": state, "says": says, "output": output });
    let mut response = Response::new(full(body.to_string()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
