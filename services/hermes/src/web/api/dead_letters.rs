//! The operator's way to dead letters.

use super::body;
use crate::dead_letters::{DeadLetters, Deed, LETTERS, Letter, known};
use crate::web::fault::{ApiFault, Fault};
use crate::web::state::App;
use crate::web::who::Caller;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/dead-letters", get(list))
        .route("/dead-letters/{queue}/look", post(look))
        .route("/dead-letters/{queue}/{deed}", post(handle))
}

/// The queues that there are, and how full each is.
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, ApiFault> {
    caller.operator()?;
    let mut queues = Vec::new();
    for letters in known(&app.backends).await? {
        if let Some(depth) = letters.depth(&app.backends).await? {
            queues.push(json!({ "queue": letters.queue, "ready": depth.ready, "inFlight": depth.in_flight }));
        }
    }
    Ok(Json(json!({ "queues": queues })))
}

/// What stands in them. A POST, since they are hidden from others meanwhile, and counted as received.
async fn look(
    State(app): State<App>,
    caller: Caller,
    Path(queue): Path<String>,
) -> Result<Json<Value>, ApiFault> {
    caller.operator()?;
    let letters = find(&app, &queue).await?.look(&app.backends).await?;
    let more = letters.len() >= LETTERS;
    Ok(Json(json!({ "letters": letters.iter().map(shown).collect::<Vec<_>>(), "more": more })))
}

#[derive(Deserialize)]
struct Which {
    /// All when empty.
    #[serde(default)]
    ids: Vec<String>,
}

/// Does it to the letters that are named.
async fn handle(
    State(app): State<App>,
    caller: Caller,
    Path((queue, deed)): Path<(String, String)>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiFault> {
    caller.operator()?;
    let deed = Deed::named(&deed).ok_or(Fault::NotFound)?;
    let which: Which = body(bytes)?;
    let done = find(&app, &queue).await?.handle(&app.backends, deed, &which.ids).await?;
    tracing::info!(queue, deed = ?deed, letters = done.len(), "the operator handled dead letters");
    let missing: Vec<&String> = which.ids.iter().filter(|id| !done.contains(id)).collect();
    Ok(Json(json!({ "done": done.len(), "missing": missing })))
}

/// No other queue is the operator's to empty.
async fn find(app: &App, queue: &str) -> Result<DeadLetters, ApiFault> {
    let found = known(&app.backends).await?.into_iter().find(|letters| letters.queue == queue);
    Ok(found.ok_or(Fault::NotFound)?)
}

fn shown(letter: &Letter) -> Value {
    json!({
        "id": letter.id, "body": letter.body, "attempts": letter.attempt,
        "ageSeconds": letter.age.map(|age| age.as_secs()),
    })
}
