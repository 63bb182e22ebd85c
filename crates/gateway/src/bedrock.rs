//! Amazon Bedrock as the upstream: nothing of what the agent sends is believed there but its body; the role signs.

use crate::fault::Fault;
use crate::relay::Relay;
use crate::upstream::Role;
use bytes::Bytes;
use http::{HeaderMap, header};
use ports::signer::Unsigned;
use tracing::warn;

/// What a body for Bedrock says in place of a header.
pub(crate) const VERSION: &str = "bedrock-2023-05-31";

/// The headers that are passed on. Everything else that a call says is in its body.
const PASSED: [header::HeaderName; 2] = [header::ACCEPT, header::CONTENT_TYPE];

/// A call of Bedrock at `target`, signed as it is sent.
pub(crate) async fn outgoing(
    relay: &Relay,
    role: &Role,
    target: &str,
    (headers, body): (&HeaderMap, Bytes),
) -> Result<reqwest::RequestBuilder, Fault> {
    let url = relay.upstream.address(target);
    let shown = PASSED.iter().filter_map(|name| Some((name.as_str(), headers.get(name)?.to_str().ok()?)));
    let headers: Vec<(&str, &str)> = shown.collect();
    let unsigned = Unsigned { method: "POST", url: &url, headers: &headers, body: &body };
    let signature = role.signer.sign(&unsigned).await.map_err(|error| {
        warn!(%error, "a call of Bedrock was not signed");
        Fault::Unsigned
    })?;
    let mut request = relay.client.post(&url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    for (name, value) in signature {
        request = request.header(name, value);
    }
    Ok(request.body(body))
}

/// The model in a path such as `/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke`.
pub(crate) fn model(path: &str) -> Option<&str> {
    path.strip_prefix("/model/")?.split('/').next()
}

/// The path at which a model answers as a whole.
pub(crate) fn invoke(model: &str) -> String {
    // A colon is the one sign in a model's name that a path may not hold here: the signature is over its escape.
    format!("/model/{}/invoke", model.replace(':', "%3A"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_model() {
        let path = invoke("global.anthropic.claude-haiku-4-5-20251001-v1:0");
        assert_eq!(path, "/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke");
        assert_eq!(model(&path), Some("global.anthropic.claude-haiku-4-5-20251001-v1%3A0"));
        assert_eq!(model("/v1/messages"), None);
    }
}
