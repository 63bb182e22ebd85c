//! What the adapters do beyond the ports' contract: limits that no stand-in keeps, and services that fail.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bedrock;
mod blobs;
mod canned;
mod fleet;
mod mailer;
mod metrics;
mod queues;
mod threads;

use aws::{Clients, Settings};
use testkit::{FaultyProxy, Ministack};

/// The stand-in, with nothing in it.
struct StandIn {
    clients: Clients,
    /// The same, by way of a proxy that can fail.
    faulty: Clients,
    proxy: FaultyProxy,
    ministack: Ministack,
}

async fn stand_in() -> StandIn {
    let ministack = Ministack::start().await;
    let proxy = FaultyProxy::before(ministack.endpoint()).await;
    let (clients, faulty) = (connect(ministack.endpoint()).await, connect(proxy.endpoint()).await);
    StandIn { clients, faulty, proxy, ministack }
}

async fn connect(endpoint: &str) -> Clients {
    Clients::connect(&Settings { stand_in: Some(endpoint.to_owned()) }).await
}
