//! Headers on their way to the dev server and back. Pure.

use crate::prefix::Prefix;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request;

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that concern one connection and never the next one.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Whether the client wants to go on in another protocol: WebSocket, with Vite.
pub(crate) fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
        && headers
            .get_all(header::CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
}

/// Whether a browser asks for a page to show in a window or frame.
pub(crate) fn is_navigation(request: &request::Parts) -> bool {
    let is_one_of = |name: &str, values: &[&str]| {
        request.headers.get(name).is_none_or(|found| values.iter().any(|value| found == value))
    };
    request.method == http::Method::GET
        && accepts_html(&request.headers)
        && is_one_of("sec-fetch-dest", &["document", "iframe", "frame"])
        && is_one_of("sec-fetch-mode", &["navigate"])
}

/// Whether HTML that answers this will be a page, and not a part that a script inserts into one. Browsers tell the
/// destination only to hosts they trust (TLS, or this machine).
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    accepts_html(headers) && headers.get("sec-fetch-dest").is_none_or(|to| to != "empty")
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|v| v.contains("text/html"))
}

/// Takes off what concerns one connection only.
fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if let Some(value) = headers.get(header::CONNECTION) {
        let named: Vec<HeaderName> = value
            .to_str()
            .unwrap_or_default()
            .split(',')
            .filter_map(|token| token.trim().parse().ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
        headers.remove(header::CONNECTION);
    }
    for name in &HOP_BY_HOP[1..] {
        headers.remove(name);
    }
}

/// Takes off what concerns one connection only, but for the wish to upgrade it.
pub(crate) fn relayed(headers: &mut HeaderMap) {
    let upgrade = if wants_upgrade(headers) { headers.get(header::UPGRADE).cloned() } else { None };
    strip_hop_by_hop(headers);
    if let Some(protocol) = upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, protocol);
    }
}

/// Prepares a request for the dev server.
pub(crate) fn forwarded(headers: &mut HeaderMap, prefix: &Prefix) {
    relayed(headers);
    if !prefix.is_root() {
        // A page can only be rewritten when it comes as it is.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    headers.remove(header::FORWARDED);
    if let Some(host) = headers.get(header::HOST).cloned() {
        headers.insert(X_FORWARDED_HOST, host);
    }
    let https = prefix.origin().starts_with("https:");
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(if https { "https" } else { "http" }));
}

/// The charset of HTML without one.
const CHARSET: &str = "utf-8";

/// The charset when the content is HTML, and `None` when it is anything else.
pub(crate) fn html_charset(headers: &HeaderMap) -> Option<&str> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("text/html") {
        return None;
    }
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    Some(charset.unwrap_or(CHARSET))
}

/// Changes the answer's headers for the browser: addresses move under the prefix, connection headers go.
pub(crate) fn returned(headers: &mut HeaderMap, prefix: &Prefix) {
    strip_hop_by_hop(headers);
    headers.remove("service-worker-allowed");
    for (name, moved) in [
        (header::LOCATION, Prefix::url as fn(&Prefix, &str) -> Option<String>),
        (header::CONTENT_LOCATION, Prefix::url),
        (header::REFRESH, Prefix::refresh),
    ] {
        let value = headers.get(&name).and_then(|value| value.to_str().ok()).and_then(|v| moved(prefix, v));
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    if headers.contains_key(header::SET_COOKIE) {
        let cookies: Vec<HeaderValue> =
            headers.get_all(header::SET_COOKIE).iter().filter_map(|value| cookie(value, prefix)).collect();
        headers.remove(header::SET_COOKIE);
        for value in cookies {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// A cookie that stays with this preview: its path within the prefix, and no other host.
fn cookie(value: &HeaderValue, prefix: &Prefix) -> Option<HeaderValue> {
    let text = std::str::from_utf8(value.as_bytes()).ok()?;
    let mut out = String::with_capacity(text.len() + 40);
    for (index, part) in text.split(';').enumerate() {
        let (name, content) = part.split_once('=').unwrap_or((part, ""));
        match name.trim() {
            _ if index == 0 => out.push_str(part),
            name if name.eq_ignore_ascii_case("domain") => {}
            name if name.eq_ignore_ascii_case("path") => {
                out.push_str("; Path=");
                out.push_str(&prefix.cookie_path(content.trim()));
            }
            _ => {
                out.push(';');
                out.push_str(part);
            }
        }
    }
    HeaderValue::try_from(out).ok()
}

/// Adds what every answer of a preview carries: nobody but the app may frame it, and its address, which is a
/// capability, goes to no other site. Within the site the referrer stays: escaped requests are known by it.
pub(crate) fn protect(headers: &mut HeaderMap, frame_ancestors: &HeaderValue) {
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.remove(header::X_FRAME_OPTIONS);
    if headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let own: Vec<HeaderValue> = headers
            .get_all(header::CONTENT_SECURITY_POLICY)
            .iter()
            .filter_map(|value| without_frame_ancestors(value.to_str().ok()?))
            .collect();
        headers.remove(header::CONTENT_SECURITY_POLICY);
        for value in own {
            headers.append(header::CONTENT_SECURITY_POLICY, value);
        }
    }
    headers.append(header::CONTENT_SECURITY_POLICY, frame_ancestors.clone());
}

/// The value that [`protect`] adds.
pub(crate) fn frame_ancestors(app_origin: &str) -> HeaderValue {
    HeaderValue::try_from(format!("frame-ancestors 'self' {app_origin}"))
        .unwrap_or(HeaderValue::from_static("frame-ancestors 'self'"))
}

/// A site's own policy, less its word on frames, which would keep the app from showing it.
fn without_frame_ancestors(policy: &str) -> Option<HeaderValue> {
    let kept: Vec<&str> = policy
        .split(';')
        .filter(|directive| {
            let name = directive.split_whitespace().next().unwrap_or_default();
            !name.is_empty() && !name.eq_ignore_ascii_case("frame-ancestors")
        })
        .collect();
    HeaderValue::try_from(kept.join(";").trim()).ok().filter(|value| !value.is_empty())
}

/// What a page must not keep once it is rewritten: it is no longer the bytes these describe.
pub(crate) fn rewritten(headers: &mut HeaderMap) {
    for name in [header::CONTENT_LENGTH, header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix() -> Prefix {
        Prefix::new("/session/abcdefghijkl/", "https://edit.example.com")
    }

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn connection_headers_stop_here_and_a_websocket_goes_on() {
        let mut headers = map(&[
            ("connection", "Upgrade, X-Hop"),
            ("upgrade", "websocket"),
            ("x-hop", "1"),
            ("host", "edit.example.com"),
            ("forwarded", "for=1.2.3.4"),
            ("x-forwarded-proto", "ftp"),
            ("transfer-encoding", "chunked"),
        ]);
        forwarded(&mut headers, &prefix());
        assert_eq!(all(&headers, "connection"), ["upgrade"]);
        assert_eq!(all(&headers, "upgrade"), ["websocket"]);
        assert_eq!(all(&headers, "x-forwarded-host"), ["edit.example.com"]);
        assert_eq!(all(&headers, "x-forwarded-proto"), ["https"]);
        for gone in ["x-hop", "forwarded", "transfer-encoding"] {
            assert!(!headers.contains_key(gone), "{gone}");
        }
        let mut plain = map(&[("connection", "keep-alive"), ("upgrade", "h2c")]);
        forwarded(&mut plain, &prefix());
        assert!(!plain.contains_key("upgrade"));
    }

    #[test]
    fn answers_stay_under_the_prefix() {
        let mut headers = map(&[
            ("location", "/thanks?x=1"),
            ("refresh", "0; url=/en/"),
            ("set-cookie", "a=b; Path=/; HttpOnly"),
            ("set-cookie", "c=d=e; Domain=example.com; path=/admin"),
            ("set-cookie", "f=g"),
        ]);
        returned(&mut headers, &prefix());
        assert_eq!(all(&headers, "location"), ["/session/abcdefghijkl/thanks?x=1"]);
        assert_eq!(all(&headers, "refresh"), ["0; url=/session/abcdefghijkl/en/"]);
        assert_eq!(
            all(&headers, "set-cookie"),
            ["a=b; Path=/session/abcdefghijkl/; HttpOnly", "c=d=e; Path=/session/abcdefghijkl/admin", "f=g"]
        );
    }

    #[test]
    fn only_the_app_may_frame_it() {
        let mut headers = map(&[
            ("x-frame-options", "DENY"),
            ("content-security-policy", "default-src 'self'; frame-ancestors 'none'"),
            ("referrer-policy", "unsafe-url"),
        ]);
        protect(&mut headers, &frame_ancestors("https://app.example.com"));
        assert_eq!(
            all(&headers, "content-security-policy"),
            ["default-src 'self'", "frame-ancestors 'self' https://app.example.com"]
        );
        assert!(!headers.contains_key("x-frame-options"));
        assert_eq!(all(&headers, "referrer-policy"), ["same-origin"]);
    }

    #[test]
    fn html_is_known_by_its_type() {
        for (value, charset) in [
            ("text/html", Some("utf-8")),
            ("Text/HTML; Charset=\"ISO-8859-1\"", Some("ISO-8859-1")),
            ("text/html;charset=utf-8", Some("utf-8")),
            ("text/css", None),
            ("application/xhtml+xml", None),
        ] {
            assert_eq!(html_charset(&map(&[("content-type", value)])), charset, "{value}");
        }
    }
}
