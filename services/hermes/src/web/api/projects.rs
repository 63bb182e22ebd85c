//! The operator's way to projects: a project is data, and so is what became of its releases.

use super::body;
use crate::operator::ShownRelease;
use crate::web::fault::{ApiFault, Fault};
use crate::web::state::App;
use crate::web::who::Caller;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use domain::ProjectId;
use domain::project::Project;
use http::header::IF_NONE_MATCH;
use http::{HeaderMap, StatusCode};
use ports::ErrorKind;
use ports::releases::{Order, Ordered};
use serde_json::{Value, json};

/// Releases that are shown.
const RELEASES: usize = 10;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/projects", get(list))
        .route("/projects/{id}", put(put_project))
        .route("/projects/{id}/releases", get(releases))
        .route("/projects/{id}/rollback", post(rollback))
}

/// All projects, with their people.
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Project>>, ApiFault> {
    caller.operator()?;
    Ok(Json(app.backends.projects.list().await?))
}

/// Adds a project, or replaces its record. 201 when it is new. With `If-None-Match: *` it replaces none.
async fn put_project(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Project>), ApiFault> {
    caller.operator()?;
    let mut project: Project = body(bytes)?;
    if project.project_id.as_str() != id {
        return Err(Fault::NotFound.into());
    }
    for editor in &mut project.editors {
        editor.address = editor.address.trim().to_lowercase();
    }
    if headers.get(IF_NONE_MATCH).is_some_and(|tag| tag == "*") {
        return add(&app, project).await;
    }
    match app.backends.projects.update(&project).await {
        Ok(()) => Ok((StatusCode::OK, Json(project))),
        Err(error) if error.kind() == ErrorKind::NotFound => add(&app, project).await,
        Err(error) => Err(error.into()),
    }
}

async fn add(app: &App, project: Project) -> Result<(StatusCode, Json<Project>), ApiFault> {
    match app.backends.projects.add(&project).await {
        Ok(()) => {
            app.backends.releases.order(&Ordered::first_of(&project.project_id)).await?;
            app.bells.builder();
            Ok((StatusCode::CREATED, Json(project)))
        }
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let (id, domain) = (&project.project_id, &project.mail_domain);
            let says =
                format!("There is a project {id} already, or another one has the mail domain {domain}.");
            Err(Fault::Conflict(says).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The newest releases, newest first.
async fn releases(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ShownRelease>>, ApiFault> {
    caller.operator()?;
    let project = known(&app, &id).await?;
    let rows = app.backends.releases.list(&project, RELEASES).await?;
    Ok(Json(rows.into_iter().map(ShownRelease::from).collect()))
}

/// Orders the release before the live one back: the build service carries it out. The same `Idempotency-Key` is the same order.
async fn rollback(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), ApiFault> {
    caller.operator()?;
    let project = known(&app, &id).await?;
    let given = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let key = given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let ordered = Ordered {
        key: format!("operator/{project}/{key}"),
        project,
        order: Order::Rollback { message: None },
    };
    let fresh = app.backends.releases.order(&ordered).await?;
    app.bells.builder();
    Ok((StatusCode::ACCEPTED, Json(json!({ "ordered": true, "known": !fresh }))))
}

/// The project of this name, if there is one.
pub(super) async fn known(app: &App, id: &str) -> Result<ProjectId, ApiFault> {
    let project: ProjectId = id.parse().map_err(|_| Fault::NotFound)?;
    Ok(app.backends.projects.get(&project).await?.project_id)
}
