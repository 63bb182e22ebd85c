//! The face of Amazon Bedrock: the same script behind its paths, its signatures and its event stream.

use crate::server::{Wire, fault, respond};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The media type of AWS' event stream.
pub(crate) const STREAM: &str = "application/vnd.amazon.eventstream";
/// The largest body, in bytes.
const LARGEST: usize = 32 << 20;
/// What a body must say.
const VERSION: &str = "bedrock-2023-05-31";

/// Says whether a request with this body is believed, and if not, why.
pub type Verify = Arc<dyn Fn(&Parts, &[u8]) -> Result<(), String> + Send + Sync>;

#[derive(Clone)]
struct Face {
    verify: Verify,
    stop: CancellationToken,
}

pub(crate) fn router(verify: Verify, stop: CancellationToken) -> Router {
    Router::new()
        .route("/model/{id}/invoke", post(invoke))
        .route("/model/{id}/invoke-with-response-stream", post(invoke))
        .with_state(Face { verify, stop })
}

async fn invoke(State(face): State<Face>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return fault(400, "the body broke off") };
    if let Err(says) = (face.verify)(&parts, &body) {
        return fault(403, &says);
    }
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return fault(400, "the body is not JSON");
    };
    // As Bedrock does: the path names the model, and whether it streams.
    if request["anthropic_version"] != VERSION
        || request.get("model").is_some()
        || request.get("stream").is_some()
    {
        return fault(400, "a body for Bedrock has an anthropic_version, and neither model nor stream");
    }
    let wire = if parts.uri.path().ends_with("/invoke") { Wire::Whole } else { Wire::Frames };
    let model = id.split_once("anthropic.").map_or(id.as_str(), |(_, name)| name).to_owned();
    respond(&request, (model, body.len()), wire, face.stop).await
}

/// A server-sent event as a frame.
pub(crate) fn framed(event: &str) -> Bytes {
    let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
    let payload = json!({ "bytes": BASE64.encode(data.as_bytes()) }).to_string();
    let fields =
        [(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")];
    let mut headers = Vec::new();
    for (name, value) in fields {
        headers.push(short(name.len()));
        headers.extend(name.as_bytes());
        // A text.
        headers.push(7);
        headers.extend([0, short(value.len())]);
        headers.extend(value.as_bytes());
    }
    let mut frame = Vec::new();
    frame.extend(length(16 + headers.len() + payload.len()).to_be_bytes());
    frame.extend(length(headers.len()).to_be_bytes());
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload.as_bytes());
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.into()
}

fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
