//! Says something in a thread.

use super::{body, dedupe};
use crate::conversation::Saying;
use crate::web::fault::ApiFault;
use crate::web::state::App;
use crate::web::upload::{TEXT_MAX, too_long};
use crate::web::who::Caller;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use domain::message::Kind;
use domain::{MessageId, ThreadId};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/threads/{id}/messages", post(say))
}

#[derive(Deserialize)]
struct Say {
    text: String,
    kind: Option<Kind>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SaidJson {
    thread_id: ThreadId,
    message_id: MessageId,
}

/// Takes a message. The same `Idempotency-Key` again is the same message.
async fn say(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<SaidJson>), ApiFault> {
    let (person, thread) = caller.thread(&app, &id).await?;
    person.acts(&app)?;
    let Say { text, kind } = body(bytes)?;
    if text.len() > TEXT_MAX {
        return Err(too_long().into());
    }
    let dedupe = dedupe(&headers, &person)?;
    let saying = Saying { thread: Some(thread.id), kind, text, uploads: Vec::new(), dedupe };
    let said = app.conversations.say(&person.identity, saying).await?;
    Ok((StatusCode::ACCEPTED, Json(SaidJson { thread_id: said.thread, message_id: said.message })))
}
