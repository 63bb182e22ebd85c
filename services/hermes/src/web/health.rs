//! Whether this process lives, and whether it can work.

use super::state::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::names::EMAIL_QUEUE;
use http::StatusCode;
use ports::{ErrorKind, PortError};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// Asks each dependency now. 503 when one does not answer, or when this process is about to end.
async fn ready(State(app): State<App>) -> Response {
    let (store, queues, blobs) = tokio::join!(
        check(async { app.backends.projects.list().await.map(drop) }),
        check(async { app.backends.queues.depth(EMAIL_QUEUE).await.map(drop) }),
        check(async { app.backends.blobs.head("health/ready").await.map(drop) }),
    );
    let draining = app.stop.is_cancelled();
    let ready = !draining && [&store, &queues, &blobs].iter().all(|check| check["ok"] == true);
    let status = match (ready, draining) {
        (true, _) => "ready",
        (false, true) => "draining",
        (false, false) => "unready",
    };
    let body = json!({ "status": status, "checks": { "store": store, "queues": queues, "blobs": blobs } });
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(body)).into_response()
}

async fn check(asked: impl Future<Output = Result<(), PortError>>) -> Value {
    let begun = Instant::now();
    let ok = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => true,
        // That something is not there is an answer, too.
        Ok(Err(err)) => err.kind() == ErrorKind::NotFound,
        Err(_) => false,
    };
    json!({ "ok": ok, "latencyMs": begun.elapsed().as_millis() })
}
