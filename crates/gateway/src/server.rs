//! The gateway's life: it listens on loopback until it is told to stop.

use crate::relay::{Relay, router};
use crate::token::AgentToken;
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
        Self::start_with(upstream, Patience::default(), stop).await
    }

    /// As [`Gateway::start`], with time limits of the caller's choice.
    pub async fn start_with(
        upstream: Upstream,
        patience: Patience,
        stop: CancellationToken,
    ) -> Result<Self, GatewayError> {
        let url = reqwest::Url::parse(&upstream.base_url).map_err(|_| GatewayError::Address)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(GatewayError::Address);
        }
        let client = client(&upstream).map_err(GatewayError::Client)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(GatewayError::Listen)?;
        let address = listener.local_addr().map_err(GatewayError::Listen)?;
        let relay = Arc::new(Relay { upstream, patience, register: Arc::default(), client });
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
