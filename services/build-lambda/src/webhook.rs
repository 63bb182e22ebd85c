//! The door for push webhooks: verified on the raw body, entered in the book, answered at once.

use crate::config::SecretNames;
use crate::notice::{DELIVERY_HEADER, EVENT_HEADER, PushEvent, SIGNATURE_HEADER, is_commit};
use crate::signature;
use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::ProjectId;
use domain::project::Project;
use http::{HeaderMap, StatusCode};
use ports::releases::{Order, Ordered};
use ports::{ErrorKind, PortError, Projects, Releases, Secrets};
use std::sync::Arc;

/// Longest body, in bytes: GitHub sends nothing longer.
pub const BODY_MAX: usize = 25 * 1024 * 1024;
/// Longest delivery id, in bytes.
const DELIVERY_MAX: usize = 100;

/// Has an order that was entered carried out.
#[async_trait]
pub trait Bell: Send + Sync {
    /// Tells whoever carries out this project's orders. A ring may be lost: the sweep looks for open orders.
    async fn ring(&self, project: &ProjectId);
}

/// What the door needs.
#[derive(Clone)]
pub struct Webhooks {
    /// The register of projects.
    pub projects: Arc<dyn Projects>,
    /// The book.
    pub releases: Arc<dyn Releases>,
    /// The secrets. For a project that has none no webhook is accepted.
    pub secrets: Arc<dyn Secrets>,
    /// What they are called.
    pub names: SecretNames,
    /// Wakes the build service.
    pub bell: Arc<dyn Bell>,
}

/// `POST /webhooks/push/{projectId}`.
pub fn router(webhooks: Webhooks) -> Router {
    Router::new()
        .route("/webhooks/push/{project}", post(pushed))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(webhooks)
}

type Answer = (StatusCode, &'static str);

const BAD_SIGNATURE: Answer = (
    StatusCode::UNAUTHORIZED,
    "The signature is not right. X-Hub-Signature-256 must be made with this project's webhook secret.\n",
);
const NO_PROJECT: Answer = (StatusCode::NOT_FOUND, "There is no project of this name with a webhook here.\n");
const TOO_LONG: Answer = (StatusCode::PAYLOAD_TOO_LARGE, "The body is longer than 25 MB.\n");
const NOT_JSON: Answer =
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Set the webhook's content type to application/json.\n");
const BAD_BODY: Answer = (StatusCode::BAD_REQUEST, "The body is not a push event.\n");
const NO_DELIVERY: Answer = (StatusCode::BAD_REQUEST, "X-GitHub-Delivery is missing or too long.\n");
const NOT_NOW: Answer =
    (StatusCode::SERVICE_UNAVAILABLE, "The push cannot be noted right now. It will be found.\n");

async fn pushed(
    State(webhooks): State<Webhooks>,
    Path(project): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejected) if rejected.status() == TOO_LONG.0 => return TOO_LONG.into_response(),
        Err(rejected) => return rejected.into_response(),
    };
    match take(&webhooks, &project, &headers, &body).await {
        Ok(answer) | Err(answer) => answer.into_response(),
    }
}

async fn take(
    webhooks: &Webhooks,
    project: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer, Answer> {
    let id: ProjectId = project.parse().map_err(|_| NO_PROJECT)?;
    let secret = webhooks.secrets.get(&webhooks.names.webhook(&id)).await;
    let secret = secret.map_err(|err| not_noted(&id, &err))?;
    let signature = text(headers, SIGNATURE_HEADER).ok_or(BAD_SIGNATURE)?;
    if !signature::verify(secret.bytes(), body, signature) {
        tracing::warn!(project = %id, "a webhook's signature is not right");
        return Err(BAD_SIGNATURE);
    }
    match text(headers, EVENT_HEADER) {
        Some("push") => {}
        Some("ping") => return Ok((StatusCode::OK, "pong\n")),
        Some(_) => return Ok((StatusCode::OK, "Ignored: only pushes matter here.\n")),
        None => return Err((StatusCode::BAD_REQUEST, "X-GitHub-Event is missing.\n")),
    }
    if !text(headers, "content-type").is_some_and(|t| t.starts_with("application/json")) {
        return Err(NOT_JSON);
    }
    let delivery = text(headers, DELIVERY_HEADER).filter(|d| (1..=DELIVERY_MAX).contains(&d.len()));
    let delivery = delivery.ok_or(NO_DELIVERY)?;
    let project = webhooks.projects.get(&id).await.map_err(|err| not_noted(&id, &err))?;
    let event: PushEvent = serde_json::from_slice(body).map_err(|_| BAD_BODY)?;
    let Some(commit) = moved_to(&project, &event)? else {
        return Ok((StatusCode::OK, "Ignored: only the default branch is published.\n"));
    };
    let order = Ordered { key: format!("push/{id}/{delivery}"), project: id, order: Order::Push { commit } };
    enter(webhooks, &order).await
}

async fn enter(webhooks: &Webhooks, order: &Ordered) -> Result<Answer, Answer> {
    let fresh = webhooks.releases.order(order).await.map_err(|err| not_noted(&order.project, &err))?;
    webhooks.bell.ring(&order.project).await;
    let words = if fresh { "Noted: the site will be built.\n" } else { "Noted before.\n" };
    Ok((StatusCode::ACCEPTED, words))
}

/// The commit that the default branch is at now, when the push moved it.
fn moved_to(project: &Project, event: &PushEvent) -> Result<Option<String>, Answer> {
    let branch = event.reference.strip_prefix("refs/heads/");
    if branch != Some(project.default_branch.as_str()) || event.deleted {
        return Ok(None);
    }
    if is_commit(&event.after) { Ok(Some(event.after.clone())) } else { Err(BAD_BODY) }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn not_noted(project: &ProjectId, err: &PortError) -> Answer {
    if err.kind() == ErrorKind::NotFound {
        return NO_PROJECT;
    }
    tracing::error!(project = %project, error = %err, "a push cannot be noted");
    NOT_NOW
}
