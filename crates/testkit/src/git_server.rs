//! git's own server on loopback, behind a door that wants a token, as a private repository on a code host is.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::AbortHandle;

/// Longest body of a request, in bytes.
const BODY_MAX: usize = 16 << 20;

/// A running server. Ends when dropped.
pub struct GitServer {
    endpoint: String,
    serving: AbortHandle,
}

struct Guarded {
    root: PathBuf,
    /// What Authorization must say.
    wanted: String,
}

impl GitServer {
    /// Serves the bare repositories below `root`, for fetching and pushing, to who knows `token`.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(root: &Path, token: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.unwrap_or_else(|error| panic!("no port for git's server: {error}"));
        let port = listener.local_addr().map_or(0, |address| address.port());
        let wanted = format!("Basic {}", BASE64.encode(format!("x-access-token:{token}").as_bytes()));
        let guarded = Arc::new(Guarded { root: root.to_owned(), wanted });
        let router = Router::new().fallback(answer).with_state(guarded);
        let serving = tokio::spawn(axum::serve(listener, router).into_future()).abort_handle();
        Self { endpoint: format!("http://127.0.0.1:{port}"), serving }
    }

    /// Its address, which a repository's path below the root is added to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// <https://git-scm.com/docs/git-http-backend>
async fn answer(State(guarded): State<Arc<Guarded>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text =
        |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    if text("authorization") != guarded.wanted {
        let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")];
        return (StatusCode::UNAUTHORIZED, ask, "A token is needed.").into_response();
    }
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &guarded.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("REMOTE_USER", "somebody")
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", text("content-type"))
        .env("HTTP_CONTENT_ENCODING", text("content-encoding"))
        .env("GIT_PROTOCOL", text("git-protocol"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("git http-backend: {error}"));
    if let Some(mut input) = child.stdin.take() {
        // A backend that reads no body has ended, and says why.
        let _ = input.write_all(&body).await;
    }
    let output = child.wait_with_output().await.unwrap_or_else(|error| panic!("git http-backend: {error}"));
    from_cgi(&output.stdout)
}

fn from_cgi(output: &[u8]) -> Response {
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(output.len());
    let mut response = Response::builder();
    for (name, value) in String::from_utf8_lossy(&output[..end]).lines().filter_map(|l| l.split_once(": ")) {
        response = match name {
            "Status" => response.status(&value[..3]),
            name => response.header(name, value),
        };
    }
    let body = Body::from(output.get(end + 4..).unwrap_or_default().to_vec());
    response.body(body).unwrap_or_else(|error| panic!("git http-backend said something odd: {error}"))
}
