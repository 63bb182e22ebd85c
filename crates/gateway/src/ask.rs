//! One short question to the model, asked by this process itself and not by an agent.

use crate::relay::{Relay, passed_on};
use crate::server::{Gateway, GatewayError};
use http::HeaderMap;
use serde_json::{Value, json};
use std::time::Duration;
use tracing::debug;

/// The model that is quick and cheap enough for a question in between.
pub const SMALL_MODEL: &str = "claude-haiku-4-5";
/// Most of an answer, in tokens: some words.
const MAX_TOKENS: u32 = 16;

impl Gateway {
    /// The model's answer to `text`, a few words long, under the instructions in `system`.
    ///
    /// # Errors
    /// [`GatewayError::NoAnswer`] when there is none within `limit`. It is not asked again.
    pub async fn ask(&self, system: &str, text: &str, limit: Duration) -> Result<String, GatewayError> {
        match tokio::time::timeout(limit, ask(self.relay(), system, text)).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) | Err(_) => Err(GatewayError::NoAnswer),
        }
    }
}

/// <https://docs.claude.com/en/api/messages>
async fn ask(relay: &Relay, system: &str, text: &str) -> Option<String> {
    let body = json!({
        "model": SMALL_MODEL, "max_tokens": MAX_TOKENS, "system": system,
        "messages": [{ "role": "user", "content": text }],
    });
    let request = relay
        .client
        .post(relay.upstream.address("/v1/messages"))
        .headers(passed_on(&HeaderMap::new(), &relay.upstream.credential))
        .header("anthropic-version", "2023-06-01")
        .json(&body);
    let answer = request.send().await.map_err(reqwest::Error::without_url);
    let answer = answer.inspect_err(|error| debug!(%error, "a short question was not asked")).ok()?;
    let answer: Value = answer.error_for_status().ok()?.json().await.ok()?;
    answer["content"][0]["text"].as_str().map(|text| text.trim().to_owned())
}
