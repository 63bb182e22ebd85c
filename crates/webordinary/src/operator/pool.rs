//! What the operator may ask of the pool of edit containers.

use super::{Office, fault, is_operator};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::names::EDIT_SERVICE;
use ports::pool::PoolRow;
use ports::{ErrorKind, PortError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Tries at a record that the scaler changes meanwhile.
const TRIES: u32 = 5;

/// The pool as the command line shows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownPool {
    /// Wanted containers.
    pub(crate) desired: u32,
    /// Containers that are there.
    pub(crate) running: u32,
    /// Containers that have work.
    pub(crate) claims: usize,
    /// Client+project+users whose work waits for a container.
    pub(crate) waiting: usize,
    /// Fewest containers; 0 for none.
    pub(crate) floor: u32,
    /// Whether the pool is held at 0.
    pub(crate) paused: bool,
    /// Whether Hermes, which scales it, is at work.
    pub(crate) hermes: bool,
}

/// What the operator changes; what is not said stays.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PoolChange {
    pub(crate) paused: Option<bool>,
    pub(crate) floor: Option<u32>,
}

pub(super) async fn show(State(office): State<Arc<Office>>, headers: HeaderMap) -> Response {
    if !is_operator(&office, &headers) {
        return fault(StatusCode::UNAUTHORIZED, "this needs the operator's token");
    }
    answer(&office).await
}

pub(super) async fn change(
    State(office): State<Arc<Office>>,
    headers: HeaderMap,
    Json(change): Json<PoolChange>,
) -> Response {
    if !is_operator(&office, &headers) {
        return fault(StatusCode::UNAUTHORIZED, "this needs the operator's token");
    }
    if let Err(error) = enter(&office, change).await {
        return fault(StatusCode::SERVICE_UNAVAILABLE, &error);
    }
    office.duty.look_at_pool().await;
    answer(&office).await
}

async fn answer(office: &Office) -> Response {
    match shown(office).await {
        Ok(pool) => Json(pool).into_response(),
        Err(error) => fault(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}

async fn enter(office: &Office, change: PoolChange) -> Result<(), PortError> {
    let pool = &office.backends.pool;
    let mut tried = 0;
    loop {
        let found = pool.read().await?;
        let new = PoolRow {
            paused: change.paused.unwrap_or(found.paused),
            floor: change.floor.unwrap_or(found.floor),
            ..found.clone()
        };
        match pool.write(&found, &new).await {
            Err(error) if error.kind() == ErrorKind::Conflict && tried < TRIES => tried += 1,
            other => return other,
        }
    }
}

async fn shown(office: &Office) -> Result<ShownPool, PortError> {
    let row = office.backends.pool.read().await?;
    let count = office.backends.fleet.count(EDIT_SERVICE).await?;
    let held = office.backends.claims.held().await?;
    let waiting = office.backends.messages.waiting_pairs().await?;
    Ok(ShownPool {
        desired: count.desired,
        running: count.running,
        claims: held.len(),
        waiting: waiting.iter().filter(|pair| held.iter().all(|claim| &claim.pair != *pair)).count(),
        floor: row.floor,
        paused: row.paused,
        hermes: office.duty.at_work().is_some(),
    })
}
