//! Passing a request for a preview on to the container that serves it, as it is, and the answer back; with upgrades.

use crate::headers;
use crate::proxy::{Body, Tunnel, empty};
use crate::rewrite::body::BoxError;
use bytes::Bytes;
use domain::ThreadId;
use http::header::{HeaderName, HeaderValue};
use http::{Request, Response, Uri, uri};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::{self, Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Names the thread to the container: where each preview has a host of its own, the path does not. Whoever speaks to
/// a container has been let in by the network, and the thread's id is a capability.
pub const THREAD: HeaderName = HeaderName::from_static("x-webordinary-thread");

/// Idle connections to a container are kept this long.
const IDLE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(3);

/// The way to containers elsewhere. Clones share connections.
#[derive(Clone)]
pub struct Relay {
    client: Client<HttpConnector, Body>,
    tunnels: TaskTracker,
    end: CancellationToken,
}

/// The container does not answer at its address.
#[derive(Debug, thiserror::Error)]
#[error("the container at {address} does not answer: {source}")]
pub struct Unreachable {
    address: String,
    source: legacy::Error,
}

impl Relay {
    /// A relay whose upgraded connections end with `end`.
    pub fn new(end: &CancellationToken) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(connector);
        Self { client, tunnels: TaskTracker::new(), end: end.clone() }
    }

    /// Passes a request of `thread` to the container at `address` (`host:port`) and gives its answer, headers and body
    /// as they are.
    pub async fn pass<B>(
        &self,
        address: &str,
        thread: &ThreadId,
        request: Request<B>,
    ) -> Result<Response<Body>, Unreachable>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (mut parts, body) = request.into_parts();
        let upgrade =
            headers::wants_upgrade(&parts.headers).then(|| parts.extensions.remove::<OnUpgrade>()).flatten();
        headers::relayed(&mut parts.headers);
        if let Ok(value) = HeaderValue::from_str(thread.as_str()) {
            parts.headers.insert(THREAD, value);
        }
        parts.uri = target(&parts.uri, address);
        parts.version = http::Version::HTTP_11;
        let request = Request::from_parts(parts, body.map_err(Into::into).boxed_unsync());
        let mut response = self
            .client
            .request(request)
            .await
            .map_err(|source| Unreachable { address: address.to_owned(), source })?;
        if response.status() == http::StatusCode::SWITCHING_PROTOCOLS {
            let tunnel = Tunnel { tunnels: &self.tunnels, end: &self.end };
            if let Some(refused) = tunnel.open(upgrade, &mut response) {
                return Ok(refused);
            }
            return Ok(response.map(|_| empty()));
        }
        headers::relayed(response.headers_mut());
        Ok(response.map(|body| body.map_err(BoxError::from).boxed_unsync()))
    }
}

fn target(uri: &Uri, address: &str) -> Uri {
    let mut parts = uri::Parts::default();
    parts.scheme = Some(uri::Scheme::HTTP);
    parts.authority = address.parse().ok();
    parts.path_and_query =
        Some(uri.path_and_query().cloned().unwrap_or_else(|| uri::PathAndQuery::from_static("/")));
    Uri::from_parts(parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_container_keeps_path_and_query() {
        let uri: Uri = "/session/a/b?token=x".parse().unwrap();
        assert_eq!(target(&uri, "10.0.0.1:4321").to_string(), "http://10.0.0.1:4321/session/a/b?token=x");
    }
}
