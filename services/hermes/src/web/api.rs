//! The HTTP API under `/hermes/api`.

mod dead_letters;
mod events;
mod json;
mod messages;
mod operator;
mod pool;
mod projects;
mod sessions;
mod spending;

use super::fault::Fault;
use super::state::App;
use super::upload::too_long;
use super::who::Person;
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

/// Longest request, in bytes: the longest text, every character of it escaped.
const BODY_MAX: usize = 1_300_000;
/// Longest `Idempotency-Key`, in characters.
const KEY_MAX: usize = 200;

pub(crate) fn routes() -> Router<App> {
    let api = Router::new()
        .merge(sessions::routes())
        .merge(messages::routes())
        .merge(events::routes())
        .merge(operator::routes())
        .merge(dead_letters::routes());
    under_its_path(api).merge(office())
}

/// What the operator may ask for without a Hermes at work: the stores alone answer.
pub(crate) fn office() -> Router<App> {
    under_its_path(Router::new().merge(pool::routes()).merge(projects::routes()).merge(spending::routes()))
}

fn under_its_path(api: Router<App>) -> Router<App> {
    Router::new().nest("/hermes/api", api.layer(DefaultBodyLimit::max(BODY_MAX)))
}

/// Reads a JSON body, whatever its declared type.
fn body<T: DeserializeOwned>(bytes: Result<Bytes, BytesRejection>) -> Result<T, Fault> {
    let bytes = bytes.map_err(|err| match err.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_long(),
        _ => Fault::BadRequest("This did not arrive whole. Please send it again.".to_owned()),
    })?;
    serde_json::from_slice(&bytes)
        .map_err(|err| Fault::BadRequest(format!("This is not the JSON that is expected here: {err}.")))
}

/// What makes two requests of this person the same, by the `Idempotency-Key` header.
fn dedupe(headers: &HeaderMap, person: &Person) -> Result<Option<String>, Fault> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=KEY_MAX).contains(&key.len()));
    let key = key.ok_or_else(|| {
        Fault::BadRequest(format!("An Idempotency-Key is 1 to {KEY_MAX} printable ASCII characters."))
    })?;
    Ok(super::upload::dedupe("api", &person.identity.user, key))
}
