//! Passing one request on, and its answer back as it streams in.

use crate::bedrock;
use crate::fault::{Fault, stream_error};
use crate::meter::{Form, Meter, Tokens};
use crate::prices::Prices;
use crate::token::{Allowance, Register};
use crate::tools::{TOOLS_PATH, use_tools};
use crate::upstream::{Credential, Patience, Upstream};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use bytes::Bytes;
use domain::Money;
use futures_util::{Stream, StreamExt, stream};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::pin::Pin;
use std::sync::Arc;
use tracing::{debug, warn};

/// The largest request body, in bytes: the API's own limit.
const LARGEST_BODY: usize = 32 << 20;

/// What every request needs.
pub(crate) struct Relay {
    pub(crate) upstream: Upstream,
    pub(crate) patience: Patience,
    pub(crate) prices: Prices,
    pub(crate) small_model: String,
    pub(crate) register: Arc<Register>,
    pub(crate) client: reqwest::Client,
}

impl Relay {
    /// What a call has cost so far. `asked` is the model that was asked: Bedrock's names tell the place as well, and the
    /// API's own answer tells best who has answered.
    pub(crate) fn cost(&self, asked: &str, meter: &Meter) -> Money {
        let model = if asked.contains("anthropic.") { asked } else { meter.model().unwrap_or(asked) };
        self.prices.cost(model, &meter.seen())
    }
}

/// The paths that are passed on, and no other.
pub(crate) fn router(relay: Arc<Relay>) -> Router {
    let calls: &[&str] = match relay.upstream.role() {
        Some(_) => {
            &["/model/{id}/invoke", "/model/{id}/invoke-with-response-stream", "/model/{id}/count-tokens"]
        }
        None => &["/v1/messages", "/v1/messages/count_tokens"],
    };
    let router = calls.iter().fold(Router::new(), |router, path| router.route(path, post(model_call)));
    let router = if relay.upstream.role().is_none() { router.route("/", get(probe)) } else { router };
    router
        .route(TOOLS_PATH, any(use_tools))
        .fallback(async || Fault::NotPassed)
        .method_not_allowed_fallback(async || Fault::NotPassed)
        .with_state(relay)
}

/// A health probe carries no credential, whatever its sender shows.
async fn probe(State(relay): State<Arc<Relay>>, request: Request) -> Result<Response, Fault> {
    let method = request.method().clone();
    let answer = send(&relay, relay.client.request(method, relay.upstream.address("/"))).await?;
    Ok((answer.status(), passed_back(answer.headers())).into_response())
}

async fn model_call(State(relay): State<Arc<Relay>>, request: Request) -> Result<Response, Fault> {
    let allowance = shown(request.headers())
        .and_then(|token| relay.register.allowance(token))
        .ok_or(Fault::Unauthenticated)?;
    let (parts, body) = request.into_parts();
    let announced =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LARGEST_BODY as u64) {
        return Err(Fault::TooLarge);
    }
    if is_answered(parts.uri.path()) {
        allowance.called();
        if allowance.refuses() {
            return Err(Fault::UsedUp);
        }
    }
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|error| body_fault(&error))?;
    let asked = bedrock::model(parts.uri.path()).unwrap_or_default().to_owned();
    let outgoing = outgoing(&relay, &parts, body).await?;
    let answer = tokio::select! {
        answer = send(&relay, outgoing) => answer?,
        () = allowance.closed.cancelled() => return Err(Fault::Unauthenticated),
    };
    let (status, headers) = (answer.status(), passed_back(answer.headers()));
    let body = Body::from_stream(passing(answer, Call { asked, allowance, relay }));
    Ok((status, headers, body).into_response())
}

/// Whether the model itself answers at this path: it costs something then.
fn is_answered(path: &str) -> bool {
    path == "/v1/messages" || path.ends_with("/invoke") || path.ends_with("/invoke-with-response-stream")
}

async fn outgoing(relay: &Relay, parts: &Parts, body: Bytes) -> Result<reqwest::RequestBuilder, Fault> {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    if let Some(role) = relay.upstream.role() {
        // A query would be one more thing to sign, and there is none.
        return bedrock::outgoing(relay, role, parts.uri.path(), (&parts.headers, body)).await;
    }
    let request = relay
        .client
        .request(Method::POST, relay.upstream.address(target))
        .headers(passed_on(&parts.headers, &relay.upstream.credential));
    Ok(request.body(body))
}

fn body_fault(error: &axum::Error) -> Fault {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(now) = cause {
        // The limit's error type belongs to a crate that axum does not export.
        if now.to_string().contains("length limit exceeded") {
            return Fault::TooLarge;
        }
        cause = now.source();
    }
    Fault::Unreadable
}

async fn send(relay: &Relay, outgoing: reqwest::RequestBuilder) -> Result<reqwest::Response, Fault> {
    match tokio::time::timeout(relay.patience.headers, outgoing.send()).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            // The address may carry an account's name: it stays out of the log.
            warn!(error = %error.without_url(), "the model's server cannot be reached");
            Err(Fault::Unreachable)
        }
        Err(_) => {
            warn!(after = ?relay.patience.headers, "the model's server did not answer in time");
            Err(Fault::Late)
        }
    }
}

/// A call under way.
struct Call {
    /// The model that was asked, where the path names it.
    asked: String,
    allowance: Arc<Allowance>,
    relay: Arc<Relay>,
}

struct Passing {
    pieces: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    meter: Meter,
    form: Form,
    call: Call,
    /// What of the call's cost is counted.
    counted: Money,
    over: bool,
}

/// The answer's body as it arrives. A stream that falls silent, breaks or outlives its grant ends in an error event.
fn passing(
    answer: reqwest::Response,
    call: Call,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
    let form = match answer.headers().get(header::CONTENT_TYPE) {
        Some(kind) if kind.as_bytes().starts_with(b"text/event-stream") => Form::Events,
        Some(kind) if kind.as_bytes().starts_with(b"application/vnd.amazon.eventstream") => Form::Frames,
        _ => Form::Whole,
    };
    let pieces = Box::pin(answer.bytes_stream());
    let (meter, counted) = (Meter::new(form), Money::default());
    let start = Passing { pieces, meter, form, call, counted, over: false };
    stream::unfold(start, |mut passing| async move {
        let piece = passing.next().await?;
        Some((piece, passing))
    })
}

impl Passing {
    async fn next(&mut self) -> Option<Result<Bytes, std::io::Error>> {
        if self.over {
            return None;
        }
        let piece = tokio::select! {
            biased;
            () = self.call.allowance.closed.cancelled() => return Some(self.cut("the turn is over")),
            piece = tokio::time::timeout(self.call.relay.patience.silence, self.pieces.next()) => piece,
        };
        match piece {
            Ok(Some(Ok(bytes))) => {
                let news = self.meter.feed(&bytes);
                self.count(news);
                Some(Ok(bytes))
            }
            Ok(Some(Err(error))) => {
                debug!(error = %error.without_url(), "the answer broke off");
                Some(self.cut("the model's server broke the answer off"))
            }
            Ok(None) => {
                self.over = true;
                let news = self.meter.finish();
                self.count(news);
                None
            }
            Err(_) => Some(self.cut("the model's server fell silent")),
        }
    }

    fn cut(&mut self, says: &str) -> Result<Bytes, std::io::Error> {
        self.over = true;
        let news = self.meter.finish();
        self.count(news);
        match self.form {
            // A blank line first: the event before may have been cut in the middle.
            Form::Events => Ok(Bytes::from(format!("\n\n{}", stream_error(says)))),
            Form::Frames | Form::Whole => Err(std::io::Error::other(says.to_owned())),
        }
    }

    fn count(&mut self, news: Tokens) {
        let cost = self.call.relay.cost(&self.call.asked, &self.meter);
        self.call.allowance.used(news, cost.less(self.counted));
        self.counted = self.counted.max(cost);
    }
}

/// The token that a request shows.
pub(crate) fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(key.as_bytes());
    }
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

pub(crate) fn passed_on(headers: &HeaderMap, credential: &Credential) -> HeaderMap {
    let mut out = without_hops(headers);
    for name in [header::HOST, header::CONTENT_LENGTH, header::AUTHORIZATION, header::COOKIE] {
        out.remove(name);
    }
    // An encoded answer could not be counted.
    out.remove(header::ACCEPT_ENCODING);
    out.remove("x-api-key");
    let (name, value) = match credential {
        Credential::ApiKey(key) => (HeaderName::from_static("x-api-key"), key.expose().to_owned()),
        Credential::AuthToken(token) => (header::AUTHORIZATION, format!("Bearer {}", token.expose())),
        Credential::Role(_) | Credential::None => return out,
    };
    if let Ok(mut value) = HeaderValue::try_from(value) {
        value.set_sensitive(true);
        out.insert(name, value);
    }
    out
}

fn passed_back(headers: &HeaderMap) -> HeaderMap {
    let mut out = without_hops(headers);
    out.remove(header::CONTENT_LENGTH);
    out.remove(header::SET_COOKIE);
    out
}

fn without_hops(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let hops = [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    ];
    let passes =
        |name: &HeaderName| !hops.contains(&name.as_str()) && !named.iter().any(|n| n == name.as_str());
    headers.iter().filter(|(name, _)| passes(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn the_agents_token_is_replaced_and_hops_are_dropped() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer agent-x"),
            ("x-api-key", "agent-x"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("host", "127.0.0.1"),
            ("anthropic-beta", "b"),
            ("cookie", "c"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let out = passed_on(&headers, &Credential::ApiKey(Secret::new("real")));
        assert_eq!(out.len(), 2);
        assert_eq!(out["x-api-key"], "real");
        assert_eq!(out["anthropic-beta"], "b");
        let out = passed_on(&headers, &Credential::AuthToken(Secret::new("real")));
        assert_eq!(out["authorization"], "Bearer real");
        assert!(!out.contains_key("x-api-key"));
    }
}
