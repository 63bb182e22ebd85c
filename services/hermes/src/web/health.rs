//! Whether this process lives, and whether it can work.

use super::state::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::names::{EDIT_SERVICE, EMAIL_QUEUE};
use http::StatusCode;
use ports::{ErrorKind, PortError};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long the answer of a dependency is believed that Hermes can work without for a while. Load balancers ask often,
/// and SES answers once a second for all.
const BELIEVED: Duration = Duration::from_secs(30);

/// How asking a dependency went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
    ok: bool,
    latency_ms: u64,
    /// Whether nothing can be done without it.
    vital: bool,
}

/// What the others said when they were asked last: the fleet, the mailer.
#[derive(Default)]
pub(crate) struct Others(Mutex<Option<(Instant, [Check; 2])>>);

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// Asks each dependency. 503 when one does not answer that nothing can be done without, or when this process is about to
/// end. Without ECS and the mailer, messages are still taken and kept, and pages answered: they show, and that is all.
async fn ready(State(app): State<App>) -> Response {
    let (store, queues, blobs, others) = tokio::join!(
        check(async { app.backends.projects.list().await.map(drop) }),
        check(async { app.backends.queues.depth(EMAIL_QUEUE).await.map(drop) }),
        check(async { app.backends.blobs.head("health/ready").await.map(drop) }),
        others(&app),
    );
    let [store, queues, blobs] = [store, queues, blobs].map(|check| Check { vital: true, ..check });
    let [fleet, mailer] = others;
    let checks = [store, queues, blobs, fleet, mailer];
    let ready = checks.iter().all(|check| check.ok || !check.vital);
    let (code, status) = match (app.stop.is_cancelled(), ready) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
        (false, true) if checks.iter().all(|check| check.ok) => (StatusCode::OK, "ready"),
        (false, true) => (StatusCode::OK, "impaired"),
    };
    let checks = json!({
        "store": store, "queues": queues, "blobs": blobs, "fleet": fleet, "mailer": mailer,
    });
    (code, Json(json!({ "status": status, "checks": checks }))).into_response()
}

/// Fleet and mailer, as they were at most [`BELIEVED`] ago.
async fn others(app: &App) -> [Check; 2] {
    let mut last = app.others.0.lock().await;
    if let Some((at, checks)) = *last
        && at.elapsed() < BELIEVED
    {
        return checks;
    }
    let (fleet, mailer) = tokio::join!(
        check(async { app.backends.fleet.count(EDIT_SERVICE).await.map(drop) }),
        check(app.backends.mailer.ready()),
    );
    let checks = [fleet, mailer];
    *last = Some((Instant::now(), checks));
    checks
}

async fn check(asked: impl Future<Output = Result<(), PortError>>) -> Check {
    let begun = Instant::now();
    let ok = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => true,
        // That something is not there is an answer, too.
        Ok(Err(err)) => err.kind() == ErrorKind::NotFound,
        Err(_) => false,
    };
    let latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Check { ok, latency_ms, vital: false }
}
