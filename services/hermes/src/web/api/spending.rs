//! The operator's view of what the model has cost, and what it may cost.

use super::body;
use super::projects::known;
use crate::web::fault::ApiFault;
use crate::web::state::App;
use crate::web::who::Caller;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use domain::money::Caps;
use ports::spending::Account;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/spending", get(accounts)).route("/projects/{id}/caps", get(caps).post(set_caps))
}

/// The accounts of today and of this month.
async fn accounts(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Account>>, ApiFault> {
    caller.operator()?;
    Ok(Json(app.backends.spending.accounts().await?))
}

/// A project's own caps.
async fn caps(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Caps>, ApiFault> {
    caller.operator()?;
    let project = known(&app, &id).await?;
    Ok(Json(app.backends.spending.caps(&project).await?))
}

/// Replaces a project's own caps. They hold from the next message on.
async fn set_caps(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<Caps>, ApiFault> {
    caller.operator()?;
    let project = known(&app, &id).await?;
    let caps: Caps = body(bytes)?;
    app.backends.spending.set_caps(&project, &caps).await?;
    Ok(Json(caps))
}
