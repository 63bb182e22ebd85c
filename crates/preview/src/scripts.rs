//! Scripts of our own that pages of a preview load, below a path that no site is asked for.

use crate::proxy::{Body, full};
use http::Response;
use http::header::{self, HeaderValue};

/// Paths below this one, under the prefix, are answered here and never by the site.
pub(crate) const OWN: &str = "__webordinary/";

/// One of them. A file, and not text in the page, because a site's own policy usually allows that.
pub(crate) struct Script {
    name: &'static str,
    text: &'static str,
    /// Changes with the text, so that browsers may keep it for ever.
    version: u64,
}

impl Script {
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, version: fingerprint(text.as_bytes()) }
    }

    /// The tag that loads it, with what the script reads from it.
    pub(crate) fn tag(&self, prefix: &str, data: (&str, &str)) -> String {
        let Self { name, version, .. } = self;
        format!(
            r#"<script src="{prefix}{OWN}{name}?v={version:016x}" data-{}="{}"></script>"#,
            data.0, data.1
        )
    }
}

/// Answers a path below [`OWN`], if it is that of a script.
pub(crate) fn answer(path: &str) -> Option<Response<Body>> {
    let script = [&crate::shim::SHIM, &crate::saved::NOTE].into_iter().find(|script| script.name == path)?;
    let mut response = Response::new(full(script.text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Some(response)
}

/// FNV-1a, 64 bits.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}
