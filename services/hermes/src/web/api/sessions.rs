//! Sessions: begin or continue one, look at it, keep it awake, let it go.

use super::json::{self, SessionJson, StatusJson};
use super::{body, dedupe};
use crate::conversation::Saying;
use crate::web::fault::{ApiFault, Fault};
use crate::web::state::App;
use crate::web::upload::{TEXT_MAX, too_long};
use crate::web::who::{Caller, Person, stand_in};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::message::Kind;
use domain::{ClientId, ProjectId, UserId};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// Most sessions listed.
const LISTED: usize = 200;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sessions/activate", post(activate))
        .route("/sessions/{id}/status", get(status))
        .route("/sessions/{id}/keepalive", post(keepalive))
        .route("/sessions/{id}/deactivate", post(deactivate))
        .route("/sessions/client/{client}", get(of_client))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Activate {
    client_id: ClientId,
    project_id: ProjectId,
    user_id: UserId,
    instruction: String,
    thread_id: Option<String>,
}

/// Gives an instruction, in a new thread or one that exists.
async fn activate(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<SessionJson>, ApiFault> {
    let asked: Activate = body(bytes)?;
    let person = named(&app, caller, &asked).await?;
    person.acts(&app)?;
    if asked.instruction.len() > TEXT_MAX {
        return Err(too_long().into());
    }
    let thread = match &asked.thread_id {
        Some(id) => Some(person.thread(&app, id).await?.id),
        None => None,
    };
    let saying = Saying {
        thread,
        kind: None,
        text: asked.instruction,
        uploads: Vec::new(),
        dedupe: dedupe(&headers, &person)?,
    };
    let said = app.conversations.say(&person.identity, saying).await?;
    Ok(Json(json::session(&app, &said.thread).await?))
}

/// Who is named in the body, if the caller is that person or the operator.
async fn named(app: &App, caller: Caller, asked: &Activate) -> Result<Person, Fault> {
    let person = match caller {
        Caller::Person(person) => *person,
        Caller::Operator => stand_in(app.backends.projects.get(&asked.project_id).await?, &asked.user_id)?,
    };
    let (project, identity) = (&person.project, &person.identity);
    let matches = project.client_id == asked.client_id
        && project.project_id == asked.project_id
        && identity.user == asked.user_id;
    if matches {
        Ok(person)
    } else {
        Err(Fault::Forbidden("clientId, projectId and userId are not those of who is signed in.".to_owned()))
    }
}

async fn status(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<StatusJson>, ApiFault> {
    let (_, thread) = caller.thread(&app, &id).await?;
    Ok(Json(json::status(&app, thread).await?))
}

async fn keepalive(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SessionJson>, ApiFault> {
    let (person, thread) = caller.thread(&app, &id).await?;
    person.acts(&app)?;
    app.conversations.wake(&person.project.project_id, &thread.id).await?;
    Ok(Json(json::session(&app, &thread.id).await?))
}

/// Stops what runs; with nothing to do, the container lets go by itself.
async fn deactivate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SessionJson>, ApiFault> {
    let (person, thread) = caller.thread(&app, &id).await?;
    person.acts(&app)?;
    let messages = app.backends.messages.of_thread(&thread.id).await?;
    if messages.iter().any(|m| m.outcome().is_none() && m.kind.is_for_container() && m.kind != Kind::Cancel) {
        let saying = Saying {
            thread: Some(thread.id.clone()),
            kind: Some(Kind::Cancel),
            text: "Stop".to_owned(),
            uploads: Vec::new(),
            dedupe: None,
        };
        app.conversations.say(&person.identity, saying).await?;
    }
    Ok(Json(json::session(&app, &thread.id).await?))
}

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<StatusJson>,
}

/// The client's sessions, newest activity first: those of the caller's project, or of all for the operator.
async fn of_client(
    State(app): State<App>,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<Json<Sessions>, ApiFault> {
    let client: ClientId = client.parse().map_err(|_| Fault::NotFound)?;
    let projects = match caller {
        Caller::Person(person) if person.project.client_id == client => vec![person.project],
        Caller::Person(_) => return Err(Fault::NotFound.into()),
        Caller::Operator => {
            let all = app.backends.projects.list().await?;
            all.into_iter().filter(|project| project.client_id == client).collect()
        }
    };
    let mut threads = Vec::new();
    for project in projects {
        threads.extend(app.backends.threads.list(&project.project_id, None, LISTED).await?);
    }
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.last_activity));
    threads.truncate(LISTED);
    let sessions =
        stream::iter(threads).map(|thread| json::status(&app, thread)).buffered(8).try_collect().await?;
    Ok(Json(Sessions { sessions }))
}
