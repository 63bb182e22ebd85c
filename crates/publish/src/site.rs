//! The public site as a static server gives it: clean addresses, a 404 page of the site's own, entity tags.

use crate::manifest::{is_hashed, is_site_path};
use crate::store::public_key;
use async_trait::async_trait;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::ProjectId;
use domain::project::Project;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use ports::{Blobs, ErrorKind, Result};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// What the public site answers.
pub type SiteResponse = Response<Bytes>;

const NOT_FOUND_PAGE: &str = "404.html";
const PLAIN: &str = "text/plain; charset=utf-8";
/// Hashed files never change under their name; anything else is asked for again, which the entity tag makes cheap.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// A file's media type and bytes.
pub(crate) type File = (String, Bytes);

/// The files of one site. Paths are without a leading slash; one that no file can have names none.
#[async_trait]
pub(crate) trait Files: Send + Sync {
    /// A file, if there is one.
    async fn read(&self, path: &str) -> Result<Option<File>>;
    /// Whether there is one.
    async fn exists(&self, path: &str) -> Result<bool>;
}

/// What the public sees of a project.
struct Public<'a> {
    blobs: &'a dyn Blobs,
    project: &'a ProjectId,
}

#[async_trait]
impl Files for Public<'_> {
    async fn read(&self, path: &str) -> Result<Option<File>> {
        if !is_site_path(path) {
            return Ok(None);
        }
        match self.blobs.get(&public_key(self.project, path)).await {
            Ok((meta, bytes)) => Ok(Some((meta.media_type, bytes))),
            Err(err) if matches!(err.kind(), ErrorKind::NotFound | ErrorKind::Malformed) => Ok(None),
            Err(err) => Err(err),
        }
    }

    async fn exists(&self, path: &str) -> Result<bool> {
        Ok(is_site_path(path) && self.blobs.head(&public_key(self.project, path)).await?.is_some())
    }
}

/// Answers one request to a project's public site. `request` is a request without its body.
pub async fn answer(blobs: &dyn Blobs, project: &ProjectId, request: &Parts) -> SiteResponse {
    answer_from(&Public { blobs, project }, project, request).await
}

/// Answers one request with the site that `files` is.
pub(crate) async fn answer_from(files: &dyn Files, project: &ProjectId, request: &Parts) -> SiteResponse {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let mut response = match find(files, request).await {
        Ok(response) => response,
        Err(err) => {
            tracing::error!(project = %project, error = %err, "a site cannot be read");
            plain(StatusCode::SERVICE_UNAVAILABLE, "The site cannot be read right now. Please try again.\n")
        }
    };
    if request.method == Method::HEAD {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(CONTENT_LENGTH, length);
        *response.body_mut() = Bytes::new();
    }
    response
}

/// The project whose public site a `Host` header asks for: by the host of its `site_url`, else as `P.localhost`.
/// A bare address (`localhost`, an IP address, no host at all) asks for the first project.
pub fn project_of_host<'a>(projects: &'a [Project], host: Option<&str>) -> Option<&'a Project> {
    let name = host.map(host_name).unwrap_or_default();
    let by_url = |p: &&Project| p.site_url.split_once("://").is_some_and(|(_, rest)| host_name(rest) == name);
    let by_name = |p: &&Project| name.strip_suffix(".localhost") == Some(p.project_id.as_str());
    let bare = name.is_empty() || name == "localhost" || name.parse::<IpAddr>().is_ok();
    if bare {
        return projects.first();
    }
    projects.iter().find(by_url).or_else(|| projects.iter().find(by_name))
}

/// `host[:port]`, perhaps followed by a path, reduced to the host in lower case; without the brackets of IPv6.
fn host_name(text: &str) -> String {
    let authority = text.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.trim_end_matches('.').to_lowercase()
}

async fn find(files: &dyn Files, request: &Parts) -> Result<SiteResponse> {
    let asked = request.uri.path();
    let Some(path) = site_path(asked) else { return missing(files).await };
    if path.is_empty() || path.ends_with('/') {
        if let Some(file) = files.read(&format!("{path}index.html")).await? {
            return Ok(found(&file, &path, &request.headers));
        }
        // Built with `build.format: 'file'`: the page is there, without the slash.
        let bare = path.trim_end_matches('/');
        if !bare.is_empty() && files.exists(&format!("{bare}.html")).await? {
            return Ok(redirect(asked.trim_end_matches('/'), request.uri.query()));
        }
        return missing(files).await;
    }
    for candidate in [path.clone(), format!("{path}.html")] {
        if let Some(file) = files.read(&candidate).await? {
            return Ok(found(&file, &candidate, &request.headers));
        }
    }
    if files.exists(&format!("{path}/index.html")).await? {
        return Ok(redirect(&format!("{asked}/"), request.uri.query()));
    }
    missing(files).await
}

/// The path of the file that is asked for, decoded, without the leading slash; a trailing slash is kept.
/// `None` when no file can have it, so that nothing outside of the site is ever named.
pub(crate) fn site_path(asked: &str) -> Option<String> {
    let encoded = asked.strip_prefix('/')?;
    let segments: Option<Vec<String>> = encoded.split('/').map(decode).collect();
    let segments = segments?;
    if segments.iter().any(|s| s.contains('/')) {
        return None;
    }
    let path = segments.join("/");
    let file = path.strip_suffix('/').unwrap_or(&path);
    (path.is_empty() || is_site_path(file)).then_some(path)
}

/// `%xx` decoded. `None` when that is not UTF-8, or no encoding.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn found((media_type, bytes): &File, path: &str, asked: &HeaderMap) -> SiteResponse {
    let tag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(bytes))[..32]);
    let cache = if is_hashed(path) { FOR_EVER } else { ASK_AGAIN };
    let mut response = if is_known(asked, &tag) {
        let mut same = Response::new(Bytes::new());
        *same.status_mut() = StatusCode::NOT_MODIFIED;
        same
    } else {
        with_type(StatusCode::OK, media_type, bytes.clone())
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let named =
        asked.get_all(IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    named.map(str::trim).any(|t| t == "*" || t.strip_prefix("W/").unwrap_or(t) == tag)
}

async fn missing(files: &dyn Files) -> Result<SiteResponse> {
    Ok(match files.read(NOT_FOUND_PAGE).await? {
        Some((media_type, bytes)) => with_type(StatusCode::NOT_FOUND, &media_type, bytes),
        None if files.exists("index.html").await? => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
        None => {
            plain(StatusCode::NOT_FOUND, "There is no such page. Nothing may have been published here yet.\n")
        }
    })
}

/// To the same site: `path` begins with exactly one slash, because no site path has an empty segment.
fn redirect(path: &str, query: Option<&str>) -> SiteResponse {
    let target = query.map_or_else(|| path.to_owned(), |q| format!("{path}?{q}"));
    match HeaderValue::from_str(&target) {
        Ok(location) => {
            let mut response = plain(StatusCode::MOVED_PERMANENTLY, "Moved.\n");
            response.headers_mut().insert(LOCATION, location);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN));
            response
        }
        Err(_) => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> SiteResponse {
    with_type(status, PLAIN, Bytes::from_static(text.as_bytes()))
}

fn with_type(status: StatusCode, media_type: &str, bytes: Bytes) -> SiteResponse {
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let fallback = HeaderValue::from_static("application/octet-stream");
    let media_type = HeaderValue::from_str(media_type).unwrap_or(fallback);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_paths_inside_the_site_or_nothing() {
        for (asked, want) in [
            ("/", Some("")),
            ("/about", Some("about")),
            ("/about/", Some("about/")),
            ("/a%20b/%C3%BC.png", Some("a b/ü.png")),
            ("/.well-known/x", Some(".well-known/x")),
            ("/../etc/passwd", None),
            ("/%2e%2e/x", None),
            ("/a/%2E%2E/%2e%2e/x", None),
            ("/a%2f..%2fb", None),
            ("/..%5cx", None),
            ("//evil.example/", None),
            ("//", None),
            ("/a//b", None),
            ("/%00", None),
            ("/%zz", None),
            ("/%+1", None),
            ("/%2", None),
            ("/%ff", None),
            ("", None),
        ] {
            assert_eq!(site_path(asked).as_deref(), want, "{asked}");
        }
    }

    #[test]
    fn a_host_names_its_project_and_a_bare_address_the_first() {
        let project = |id: &str, url: &str| Project {
            project_id: id.parse().unwrap(),
            client_id: "c".parse().unwrap(),
            mail_domain: format!("{id}.localhost"),
            repository: String::new(),
            default_branch: "main".to_owned(),
            site_url: url.to_owned(),
            editors: Vec::new(),
        };
        let projects =
            [project("demo", "http://127.0.0.1:8081"), project("stamps", "https://stamps.example")];
        let asked = |host: Option<&str>| project_of_host(&projects, host).map(|p| p.project_id.as_str());
        for first in
            [None, Some("localhost:8081"), Some("127.0.0.1:9"), Some("[::1]:80"), Some("Demo.localhost:8081")]
        {
            assert_eq!(asked(first), Some("demo"), "{first:?}");
        }
        assert_eq!(asked(Some("stamps.localhost:8081")), Some("stamps"));
        assert_eq!(asked(Some("STAMPS.example.")), Some("stamps"));
        assert_eq!(asked(Some("other.localhost")), None);
        assert_eq!(asked(Some("evil.example")), None);
        assert_eq!(project_of_host(&[], None), None);
    }

    #[test]
    fn entity_tags_compare_weakly() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(value));
            is_known(&headers, "\"x\"")
        };
        assert!(asks("\"x\"") && asks("W/\"x\"") && asks("\"y\", \"x\"") && asks("*"));
        assert!(!asks("\"y\"") && !asks("x"));
    }
}
