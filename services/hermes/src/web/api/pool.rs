//! The operator's way to the pool of edit containers.

use super::body;
use crate::operator::{PoolChange, ShownPool};
use crate::web::fault::ApiFault;
use crate::web::state::App;
use crate::web::who::Caller;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::routing::get;
use axum::{Json, Router};
use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use ports::pool::PoolRow;
use ports::{Backends, ErrorKind, PortError};

/// Tries at a record that the scaler changes meanwhile.
const TRIES: u32 = 5;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/pool", get(show).post(change))
}

async fn show(State(app): State<App>, caller: Caller) -> Result<Json<ShownPool>, ApiFault> {
    caller.operator()?;
    Ok(Json(shown(&app.backends).await?))
}

/// Changes the record, and shows the pool as it is after that. The Hermes that scales may be another one: then the counts
/// follow at its next sweep.
async fn change(
    State(app): State<App>,
    caller: Caller,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<ShownPool>, ApiFault> {
    caller.operator()?;
    enter(&app.backends, body(bytes)?).await?;
    app.bells.pool().await;
    Ok(Json(shown(&app.backends).await?))
}

async fn enter(backends: &Backends, change: PoolChange) -> Result<(), PortError> {
    let mut tried = 0;
    loop {
        let found = backends.pool.read().await?;
        let new = PoolRow {
            paused: change.paused.unwrap_or(found.paused),
            floor: change.floor.unwrap_or(found.floor),
            ..found.clone()
        };
        match backends.pool.write(&found, &new).await {
            Err(error) if error.kind() == ErrorKind::Conflict && tried < TRIES => tried += 1,
            other => return other,
        }
    }
}

async fn shown(backends: &Backends) -> Result<ShownPool, PortError> {
    let row = backends.pool.read().await?;
    let count = backends.fleet.count(EDIT_SERVICE).await?;
    let hermes = backends.fleet.count(HERMES_SERVICE).await?;
    let held = backends.claims.held().await?;
    let waiting = backends.messages.waiting_pairs().await?;
    Ok(ShownPool {
        desired: count.desired,
        running: count.running,
        claims: held.len(),
        waiting: waiting.iter().filter(|pair| held.iter().all(|claim| &claim.pair != *pair)).count(),
        floor: row.floor,
        paused: row.paused,
        hermes: hermes.desired,
    })
}
