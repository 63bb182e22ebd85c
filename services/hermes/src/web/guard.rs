//! What holds for every request: where it may come from, and what a browser may do with the answer.

use super::config::CookieMode;
use super::fault::{ApiFault, Fault, PageFault};
use super::state::App;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, ORIGIN, REFERER, STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Refuses a state-changing request that another site's page sends.
pub(crate) async fn same_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if acts && !comes_from(request.headers(), &app.config.app_origin) {
        let fault =
            Fault::Forbidden("This came from another site's page, so it was not carried out.".to_owned());
        return if request.uri().path().starts_with("/hermes/api/") {
            ApiFault(fault).into_response()
        } else {
            PageFault(fault).into_response()
        };
    }
    next.run(request).await
}

/// A browser says where a request comes from; a program with a bearer token need not: no browser adds one by itself.
fn comes_from(headers: &HeaderMap, origin: &str) -> bool {
    if let Some(from) = headers.get(ORIGIN) {
        return from.as_bytes() == origin.as_bytes();
    }
    if let Some(from) = headers.get(REFERER) {
        let from = from.to_str().ok().and_then(|text| url::Url::parse(text).ok());
        return from.is_some_and(|url| url.origin().ascii_serialization() == origin);
    }
    headers.contains_key(AUTHORIZATION)
}

/// Sets the headers that keep the answer in its place, unless the handler has set a stricter one of its own.
pub(crate) async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         frame-src {}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        app.config.previews.frame_source()
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    if app.config.secure_cookies == CookieMode::Secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        // Not `no-referrer`: under it browsers send `Origin: null` with our own forms. To other sites neither says a word.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Keeps pages out of caches, unless the handler says otherwise.
pub(crate) async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "http://localhost:8080";

    fn asked(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        comes_from(&headers, APP)
    }

    #[test]
    fn only_our_own_pages_and_programs_with_a_token_may_act() {
        for (headers, want) in [
            (&[("origin", APP)][..], true),
            (&[("origin", "http://127.0.0.1:8080")], false),
            (&[("origin", "null")], false),
            (&[("origin", "http://localhost:80801")], false),
            (&[("referer", "http://localhost:8080/threads/x")], true),
            (&[("referer", "http://localhost:8080.evil.org/")], false),
            (&[("referer", "about:blank")], false),
            (&[], false),
            (&[("cookie", "webordinary=x")], false),
            (&[("authorization", "Bearer x")], true),
            (&[("authorization", "Bearer x"), ("origin", "http://evil.org")], false),
        ] {
            assert_eq!(asked(headers), want, "{headers:?}");
        }
    }
}
