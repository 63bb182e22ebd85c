//! One short question to the model, asked by this process itself and not by an agent.

use crate::bedrock;
use crate::meter::{Form, Meter, Usage};
use crate::relay::{Relay, passed_on};
use crate::server::{Gateway, GatewayError};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};
use std::time::Duration;
use tracing::debug;

/// Most of an answer, in tokens: some words.
const MAX_TOKENS: u32 = 16;
/// The kind of what is sent and answered.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer, and what it used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The model's words.
    pub text: String,
    /// One call.
    pub usage: Usage,
}

impl Gateway {
    /// The small model's answer to `text`, a few words long, under the instructions in `system`.
    ///
    /// # Errors
    /// [`GatewayError::NoAnswer`] when there is none within `limit`. It is not asked again.
    pub async fn ask(&self, system: &str, text: &str, limit: Duration) -> Result<Answered, GatewayError> {
        match tokio::time::timeout(limit, ask(self.relay(), system, text)).await {
            Ok(Some(answered)) => Ok(answered),
            Ok(None) | Err(_) => Err(GatewayError::NoAnswer),
        }
    }
}

async fn ask(relay: &Relay, system: &str, text: &str) -> Option<Answered> {
    let body = json!({
        "max_tokens": MAX_TOKENS, "system": system, "messages": [{ "role": "user", "content": text }],
    });
    let answer = request(relay, body).await?.send().await.map_err(reqwest::Error::without_url);
    let answer = answer.inspect_err(|error| debug!(%error, "a short question was not asked")).ok()?;
    let answer = answer.error_for_status().ok()?.bytes().await.ok()?;
    let mut meter = Meter::new(Form::Whole);
    let mut tokens = meter.feed(&answer);
    tokens.add(meter.finish());
    let mut usage = Usage { calls: 1, ..Usage::default() };
    usage.add(tokens, relay.cost(&relay.small_model, &meter));
    let answer: Value = serde_json::from_slice(&answer).ok()?;
    let text = answer["content"][0]["text"].as_str()?.trim().to_owned();
    Some(Answered { text, usage })
}

/// <https://docs.claude.com/en/api/messages>, and <https://docs.claude.com/en/api/claude-on-amazon-bedrock>
async fn request(relay: &Relay, mut body: Value) -> Option<reqwest::RequestBuilder> {
    let model = relay.small_model.as_str();
    if let Some(role) = relay.upstream.role() {
        body["anthropic_version"] = bedrock::VERSION.into();
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, JSON), (header::ACCEPT, JSON)]);
        let body = Bytes::from(body.to_string());
        return bedrock::outgoing(relay, role, &bedrock::invoke(model), (&headers, body)).await.ok();
    }
    body["model"] = model.into();
    let request = relay
        .client
        .post(relay.upstream.address("/v1/messages"))
        .headers(passed_on(&HeaderMap::new(), &relay.upstream.credential))
        .header("anthropic-version", "2023-06-01");
    Some(request.json(&body))
}
