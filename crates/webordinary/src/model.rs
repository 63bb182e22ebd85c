//! Which model answers, who pays for it, and the gateway before it.

use crate::cli::Up;
use anyhow::Context;
use bootstrap::Lifecycle;
use bootstrap::options::ModelUpstream;
use gateway::{Credential, Gateway, Prices, Secret, Terms, Upstream};
use hermes::config::Billing;
use rehearsal::Rehearsal;

/// Who pays for the model, and what answers say about it.
pub(crate) fn billing(up: &Up) -> Billing {
    let nobody = up.api_key.is_none() && up.auth_token.is_none();
    match up.model_upstream {
        ModelUpstream::Anthropic if nobody => Billing::Rehearsal,
        ModelUpstream::Anthropic | ModelUpstream::Bedrock => Billing::Metered,
    }
}

/// The gateway to the model: the user's, or the rehearsal.
pub(crate) async fn gateway(up: &Up, life: &Lifecycle) -> anyhow::Result<Gateway> {
    let upstream = match up.model_upstream {
        ModelUpstream::Anthropic => anthropic(up, life).await?,
        ModelUpstream::Bedrock => bedrock(up).await?,
    };
    let prices = match billing(up) {
        Billing::Rehearsal => Prices::Free,
        Billing::Metered => up.prices.clone(),
    };
    let terms = Terms { prices, small_model: up.small_model.clone(), ..Terms::default() };
    let started = Gateway::start_with(upstream, terms, life.stop().clone()).await;
    started.context("the model gateway did not start")
}

async fn anthropic(up: &Up, life: &Lifecycle) -> anyhow::Result<Upstream> {
    let credential = match (&up.api_key, &up.auth_token) {
        (Some(key), _) => Credential::ApiKey(Secret::new(key)),
        (None, Some(token)) => Credential::AuthToken(Secret::new(token)),
        (None, None) => {
            let rehearsal = Rehearsal::start(life.stop().clone()).await?;
            return Ok(Upstream { base_url: rehearsal.base_url(), credential: Credential::None });
        }
    };
    let base_url = up.base_url.clone().unwrap_or_else(|| "https://api.anthropic.com".to_owned());
    Ok(Upstream { base_url, credential })
}

#[cfg(feature = "bedrock")]
async fn bedrock(up: &Up) -> anyhow::Result<Upstream> {
    let bootstrap::aws::Bedrock { signer, region } =
        bootstrap::aws::bedrock(up.bedrock_region.as_deref()).await?;
    Ok(Upstream::bedrock(gateway::Role { signer, region }, up.bedrock_endpoint.clone()))
}

#[cfg(not(feature = "bedrock"))]
#[expect(clippy::unused_async, reason = "with the feature it asks AWS' own files")]
async fn bedrock(_: &Up) -> anyhow::Result<Upstream> {
    anyhow::bail!("this program was built without Bedrock: build it with `cargo build --features bedrock`")
}
