//! One request passed on to a dev server, and its answer passed back, streaming both ways.

use crate::headers;
use crate::prefix::Prefix;
use crate::rewrite::body::{BoxError, Rewritten};
use crate::rewrite::{Document, Rewriter};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode, Uri, uri};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::{self, Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A body that streams.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// Idle connections to a dev server are kept this long. The wrapper never closes one first.
const IDLE: Duration = Duration::from_secs(30);

/// Where a dev server listens.
#[derive(Clone, Debug)]
pub(crate) struct Upstream(Arc<Target>);

#[derive(Debug)]
struct Target {
    authority: uri::Authority,
    base: String,
    client: Client<HttpConnector, Body>,
}

impl Upstream {
    /// The server at `addr`, whose site begins at `base`.
    pub(crate) fn new(addr: SocketAddr, base: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(connector);
        // An address is always an authority.
        let authority = uri::Authority::try_from(addr.to_string())
            .unwrap_or_else(|_| uri::Authority::from_static("127.0.0.1:0"));
        Self(Arc::new(Target { authority, base, client }))
    }

    /// The site's own base, beginning with `/`.
    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    /// Asks for one page, as a browser at `host` would.
    pub(crate) async fn probe(&self, target: &str, host: &str) -> Result<StatusCode, BoxError> {
        let request = Request::get(target)
            .header(header::HOST, host)
            .header(header::ACCEPT, "text/html")
            .body(empty())?;
        let response = self.send(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        Ok(status)
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<hyper::body::Incoming>, legacy::Error> {
        let (mut parts, body) = request.into_parts();
        let mut uri = parts.uri.into_parts();
        uri.scheme = Some(uri::Scheme::HTTP);
        uri.authority = Some(self.0.authority.clone());
        if uri.path_and_query.is_none() {
            uri.path_and_query = Some(uri::PathAndQuery::from_static("/"));
        }
        parts.uri = Uri::from_parts(uri).unwrap_or_default();
        parts.version = http::Version::HTTP_11;
        self.0.client.request(Request::from_parts(parts, body)).await
    }
}

/// What all requests to one server share.
pub(crate) struct Passage<'a> {
    pub(crate) prefix: &'a Arc<Prefix>,
    pub(crate) tunnels: &'a TaskTracker,
    /// Ends tunnels.
    pub(crate) end: &'a CancellationToken,
}

impl Passage<'_> {
    /// Passes `request` on, and gives the answer.
    pub(crate) async fn pass(
        &self,
        upstream: &Upstream,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, legacy::Error> {
        let upgrade = headers::wants_upgrade(request.headers())
            .then(|| request.extensions_mut().remove::<OnUpgrade>())
            .flatten();
        let document = if headers::wants_page(request.headers()) { Document::Page } else { Document::Part };
        headers::forwarded(request.headers_mut(), self.prefix);
        let response = upstream.send(request).await?;

        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let mut response = response;
            let tunnel = Tunnel { tunnels: self.tunnels, end: self.end };
            let refused = tunnel.open(upgrade, &mut response);
            return Ok(refused.unwrap_or_else(|| response.map(|_| empty())));
        }
        Ok(self.answer(response, document))
    }

    fn answer(&self, response: Response<hyper::body::Incoming>, document: Document) -> Response<Body> {
        let (mut parts, body) = response.into_parts();
        headers::returned(&mut parts.headers, self.prefix);
        let Some(charset) = headers::html_charset(&parts.headers) else {
            return Response::from_parts(parts, body.map_err(BoxError::from).boxed_unsync());
        };
        let encoded = parts.headers.get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
        let rewriter = if self.prefix.is_root() || encoded || body.is_end_stream() {
            None
        } else {
            Rewriter::new(self.prefix, document, charset)
        };
        parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let body = match rewriter {
            None => body.map_err(BoxError::from).boxed_unsync(),
            Some(rewriter) => {
                headers::rewritten(&mut parts.headers);
                Rewritten::new(body, rewriter).boxed_unsync()
            }
        };
        Response::from_parts(parts, body)
    }
}

/// Where upgraded connections go on.
pub(crate) struct Tunnel<'a> {
    pub(crate) tunnels: &'a TaskTracker,
    pub(crate) end: &'a CancellationToken,
}

impl Tunnel<'_> {
    /// Joins the two upgraded connections until either ends. An answer when the client's cannot be upgraded.
    pub(crate) fn open(
        &self,
        upgrade: Option<OnUpgrade>,
        response: &mut Response<hyper::body::Incoming>,
    ) -> Option<Response<Body>> {
        let Some(client) = upgrade else {
            return Some(text(StatusCode::BAD_GATEWAY, "This connection cannot be upgraded."));
        };
        let server = hyper::upgrade::on(response);
        let end = self.end.clone();
        self.tunnels.spawn(async move {
            let joined = async {
                let (client, server) = tokio::try_join!(client, server).ok()?;
                let (mut client, mut server) = (TokioIo::new(client), TokioIo::new(server));
                tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()
            };
            end.run_until_cancelled(joined).await;
        });
        None
    }
}

/// A body of nothing.
pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body of `content`.
pub(crate) fn full(content: impl Into<Bytes>) -> Body {
    Full::new(content.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A short answer in words.
pub(crate) fn text(status: StatusCode, says: &'static str) -> Response<Body> {
    let mut response = Response::new(full(says));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
