//! The gateway's life: it listens on loopback until it is told to stop.

use crate::prices::Prices;
use crate::relay::{Relay, router};
use crate::token::AgentToken;
use crate::tools::TOOLS_PATH;
use crate::upstream::{Patience, Upstream};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

/// Why a gateway could not start, or issue a token.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// No port on loopback could be opened.
    #[error("cannot listen on loopback")]
    Listen(#[source] std::io::Error),
    /// The HTTP client could not be made.
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    /// The upstream's address is not an `http` or `https` address.
    #[error("the address of the model's server is not an http or https address")]
    Address,
    /// The machine has no randomness to give.
    #[error("cannot make a token: {0}")]
    Entropy(getrandom::Error),
    /// A short question was not answered in time, or not at all.
    #[error("the model did not answer a short question")]
    NoAnswer,
}

/// How a gateway treats calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How long the upstream may be silent.
    pub patience: Patience,
    /// What calls cost.
    pub prices: Prices,
    /// The model for short questions, if not the usual one.
    pub small_model: Option<String>,
}

/// The model that is quick and cheap enough for a question in between, as the API names it.
const SMALL_MODEL: &str = "claude-haiku-4-5";
/// The same, as Bedrock names it, wherever it runs.
const SMALL_MODEL_OF_BEDROCK: &str = "global.anthropic.claude-haiku-4-5-20251001-v1:0";

/// A running gateway. Clones are handles of the same one.
#[derive(Clone)]
pub struct Gateway {
    address: SocketAddr,
    relay: Arc<Relay>,
    serving: TaskTracker,
}

impl Gateway {
    pub(crate) fn relay(&self) -> &Relay {
        &self.relay
    }

    /// Listens on a free port of 127.0.0.1 and passes calls on to `upstream` until `stop`.
    pub async fn start(upstream: Upstream, stop: CancellationToken) -> Result<Self, GatewayError> {
        Self::start_with(upstream, Terms::default(), stop).await
    }

    /// As [`Gateway::start`], on terms of the caller's choice.
    pub async fn start_with(
        upstream: Upstream,
        terms: Terms,
        stop: CancellationToken,
    ) -> Result<Self, GatewayError> {
        let url = reqwest::Url::parse(&upstream.base_url).map_err(|_| GatewayError::Address)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(GatewayError::Address);
        }
        let client = client(&upstream).map_err(GatewayError::Client)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(GatewayError::Listen)?;
        let address = listener.local_addr().map_err(GatewayError::Listen)?;
        let Terms { patience, prices, small_model } = terms;
        let usual = if upstream.role().is_some() { SMALL_MODEL_OF_BEDROCK } else { SMALL_MODEL };
        let small_model = small_model.unwrap_or_else(|| usual.to_owned());
        let register = Arc::default();
        let relay = Arc::new(Relay { upstream, patience, prices, small_model, register, client });
        let router = router(Arc::clone(&relay));
        let serving = TaskTracker::new();
        serving.spawn(async move {
            // Streams under way belong to turns, whose grants end them: nothing is waited for here.
            let served = stop.run_until_cancelled(axum::serve(listener, router).into_future()).await;
            if let Some(Err(error)) = served {
                warn!(%error, "the model gateway ended");
            }
        });
        serving.close();
        Ok(Self { address, relay, serving })
    }

    /// What an agent is given as the API's address: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where an agent finds the tools that its token was opened with.
    pub fn tools_url(&self) -> String {
        format!("http://{}{TOOLS_PATH}", self.address)
    }

    /// What Claude Code must find in its environment to use this gateway at `address`, the agent's token apart: that it
    /// shows as `ANTHROPIC_AUTH_TOKEN` whatever the upstream is.
    pub fn environment(&self, address: &str) -> Vec<(&'static str, String)> {
        let address = address.to_owned();
        match self.relay.upstream.role() {
            None => vec![("ANTHROPIC_BASE_URL", address)],
            Some(role) => vec![
                ("CLAUDE_CODE_USE_BEDROCK", "1".to_owned()),
                ("ANTHROPIC_BEDROCK_BASE_URL", address),
                // It would look for credentials of AWS otherwise; the gateway signs.
                ("CLAUDE_CODE_SKIP_BEDROCK_AUTH", "1".to_owned()),
                ("AWS_REGION", role.region.clone()),
            ],
        }
    }

    /// Issues a token for one agent process; `label` says which. It is worth nothing until it is opened.
    pub fn issue(&self, label: &str) -> Result<AgentToken, GatewayError> {
        self.relay.register.issue(label).map_err(GatewayError::Entropy)
    }

    /// Waits until the gateway has stopped.
    pub async fn closed(self) {
        self.serving.wait().await;
    }
}

fn client(upstream: &Upstream) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(50));
    if upstream.is_loopback() { builder.no_proxy().build() } else { builder.build() }
}
