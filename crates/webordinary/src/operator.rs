//! What only this machine's operator may ask of the running product: projects, the pool, and bringing a release back.

pub(crate) mod pool;

use crate::cli::AddProject;
use crate::data::DataDir;
use crate::duty::Duty;
use crate::projects;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use build_lambda::BuildService;
use domain::ProjectId;
use domain::project::Role;
use ports::Backends;
use ports::releases::{Ending, ReleaseRow};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Releases that are shown.
const RELEASES: usize = 10;

/// A project as the command line sends it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewProject {
    pub(crate) name: String,
    pub(crate) repository: String,
    pub(crate) owner: String,
    pub(crate) editors: Vec<(Role, String)>,
}

/// What these routes work with.
pub(crate) struct Office {
    pub(crate) data: DataDir,
    pub(crate) backends: Backends,
    pub(crate) builds: BuildService,
    pub(crate) duty: Duty,
    pub(crate) token: Vec<u8>,
    pub(crate) http_port: u16,
    pub(crate) site_port: u16,
}

/// Routes under `/operator`, for the app host.
pub(crate) fn routes(office: Office) -> Router {
    Router::new()
        .route("/operator/projects", get(list).post(add))
        .route("/operator/rollback/{project}", post(rollback))
        .route("/operator/releases/{project}", get(releases))
        .route("/operator/pool", get(pool::show).post(pool::change))
        .with_state(Arc::new(office))
}

async fn list(State(office): State<Arc<Office>>, headers: HeaderMap) -> Response {
    if !is_operator(&office, &headers) {
        return fault(StatusCode::UNAUTHORIZED, "this needs the operator's token");
    }
    match office.backends.projects.list().await {
        Ok(projects) => Json(projects).into_response(),
        Err(error) => fault(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}

async fn add(State(office): State<Arc<Office>>, headers: HeaderMap, Json(new): Json<NewProject>) -> Response {
    if !is_operator(&office, &headers) {
        return fault(StatusCode::UNAUTHORIZED, "this needs the operator's token");
    }
    let new =
        AddProject { name: new.name, repository: new.repository, owner: new.owner, editors: new.editors };
    match enter(&office, &new).await {
        Ok(()) => {
            office.builds.wake();
            StatusCode::CREATED.into_response()
        }
        Err(error) => fault(StatusCode::CONFLICT, &format!("{error:#}")),
    }
}

async fn enter(office: &Office, new: &AddProject) -> anyhow::Result<()> {
    projects::add(&office.backends, &office.data, new, office.site_port).await?;
    let project = office.backends.projects.get(&new.name.parse()?).await?;
    projects::install_hook(&office.data, &project, office.http_port)
}

/// A release as the command line shows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownRelease {
    pub(crate) id: String,
    pub(crate) commit: String,
    /// Whether it brought an earlier one back.
    pub(crate) rollback: bool,
    /// Why it failed, if it did.
    pub(crate) failure: Option<String>,
}

/// The newest releases, newest first.
async fn releases(
    State(office): State<Arc<Office>>,
    headers: HeaderMap,
    Path(project): Path<String>,
) -> Response {
    if !is_operator(&office, &headers) {
        return fault(StatusCode::UNAUTHORIZED, "this needs the operator's token");
    }
    let Ok(project) = project.parse::<ProjectId>() else {
        return fault(StatusCode::NOT_FOUND, "there is no such project");
    };
    match office.backends.releases.list(&project, RELEASES).await {
        Ok(rows) => Json(rows.into_iter().map(shown).collect::<Vec<_>>()).into_response(),
        Err(error) => fault(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}

fn shown(row: ReleaseRow) -> ShownRelease {
    ShownRelease {
        id: row.id.to_string(),
        commit: row.commit,
        rollback: row.restores.is_some(),
        failure: match row.ending {
            Ending::Live => None,
            Ending::Failed { says } => Some(says),
        },
    }
}

async fn rollback(
    State(office): State<Arc<Office>>,
    headers: HeaderMap,
    Path(project): Path<String>,
) -> Response {
    if !is_operator(&office, &headers) {
        return fault(StatusCode::UNAUTHORIZED, "this needs the operator's token");
    }
    let Ok(project) = project.parse::<ProjectId>() else {
        return fault(StatusCode::NOT_FOUND, "there is no such project");
    };
    if let Err(error) = office.backends.projects.get(&project).await {
        return fault(StatusCode::NOT_FOUND, &error);
    }
    let key = format!("operator/{}", uuid::Uuid::now_v7());
    match office.builds.order_rollback(&project, None, &key).await {
        Ok(_) => StatusCode::ACCEPTED.into_response(),
        Err(error) => fault(StatusCode::SERVICE_UNAVAILABLE, &error),
    }
}

fn is_operator(office: &Office, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given = given.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    given.as_bytes().ct_eq(&office.token).into()
}

fn fault(status: StatusCode, says: &(impl std::fmt::Display + ?Sized)) -> Response {
    (status, Json(json!({ "error": { "says": says.to_string() } }))).into_response()
}
