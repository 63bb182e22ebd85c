//! What only this machine can do for its operator: adding a project from a path, with the hook of its repository.

use crate::cli::AddProject;
use crate::data::DataDir;
use crate::projects;
use async_trait::async_trait;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use build_lambda::BuildService;
use domain::project::Role;
use hermes::bells::Bells;
use ports::Backends;
use ports::releases::Ordered;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// A project as the command line sends it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewProject {
    pub(crate) name: String,
    pub(crate) repository: String,
    pub(crate) owner: String,
    pub(crate) editors: Vec<(Role, String)>,
}

/// What this works with.
pub(crate) struct Office {
    pub(crate) data: DataDir,
    pub(crate) backends: Backends,
    pub(crate) builds: BuildService,
    pub(crate) token: Vec<u8>,
    pub(crate) http_port: u16,
    pub(crate) site_port: u16,
}

/// Routes under `/operator`, for the app host.
pub(crate) fn routes(office: Office) -> Router {
    Router::new().route("/operator/projects", post(add)).with_state(Arc::new(office))
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
    projects::install_hook(&office.data, &project, office.http_port)?;
    office.backends.releases.order(&Ordered::first_of(&project.project_id)).await?;
    Ok(())
}

fn is_operator(office: &Office, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given = given.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    given.as_bytes().ct_eq(&office.token).into()
}

fn fault(status: StatusCode, says: &str) -> Response {
    (status, Json(json!({ "error": { "says": says } }))).into_response()
}

/// Who hears the operator while no Hermes is at work: a pool's record is read by the next one.
pub(crate) struct BuildsOnly(pub(crate) BuildService);

#[async_trait]
impl Bells for BuildsOnly {
    async fn pool(&self) {}

    fn builder(&self) {
        self.0.wake();
    }
}
