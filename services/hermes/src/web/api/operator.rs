//! What the operator sees at a glance, and the way to let somebody in.

use super::body;
use crate::incoming::{HELD, REASONS};
use crate::web::fault::{ApiFault, Fault};
use crate::web::sign_in::sign_in_link;
use crate::web::state::App;
use crate::web::who::{Caller, stand_in};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::names::{
    EDIT_SERVICE, EMAIL_DLQ, EMAIL_QUEUE, HERMES_SERVICE, QueueSet, RELEASE_EVENTS_QUEUE, UNCLAIMED_QUEUE,
};
use domain::project::Role;
use domain::{Pair, ProjectId};
use ports::ErrorKind;
use ports::releases::{Order, Ordered};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a sign-in link made here works.
const LINK_LIFE: Duration = Duration::from_hours(1);

/// Held mails are counted up to this number.
const HELD_SHOWN: usize = 500;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/status", get(status)).route("/sign-in-links", post(link))
}

/// All there is to see at a glance. A thread shows by its fingerprint only.
async fn status(State(app): State<App>, caller: Caller) -> Result<Json<Value>, ApiFault> {
    caller.operator()?;
    let backends = &app.backends;
    let projects = backends.projects.list().await?;
    let held = backends.claims.held().await?;
    let waiting = backends.messages.waiting_pairs().await?;
    let pairs: BTreeSet<Pair> =
        held.iter().map(|claim| claim.pair.clone()).chain(waiting.iter().cloned()).collect();
    let mut awake = Vec::new();
    for pair in &pairs {
        for row in backends.sessions.awake(pair).await? {
            awake.push(json!({
                "thread": row.thread.fingerprint(), "pair": row.pair, "status": row.session.word(),
                "lastActivity": row.last_activity,
            }));
        }
    }
    let orders = backends.releases.open_orders().await?;
    let held_mails = backends.blobs.list(HELD, None, HELD_SHOWN * 2).await?;
    let held_mails = held_mails.iter().filter(|key| !key.ends_with(REASONS)).count();
    Ok(Json(json!({
        "app": app.config.app_origin,
        "previews": app.config.previews.origin,
        "projects": projects.iter().map(|p| json!({
            "projectId": p.project_id, "clientId": p.client_id, "mailDomain": p.mail_domain,
            "siteUrl": p.site_url, "editors": p.editors.len(),
        })).collect::<Vec<_>>(),
        "threadsAwake": awake,
        "claims": held.iter().map(|c| json!({ "pair": c.pair, "by": c.by, "epoch": c.epoch })).collect::<Vec<_>>(),
        "waitingPairs": waiting,
        "queues": queues(&app, &pairs).await?,
        "fleet": fleet(&app).await?,
        "heldMails": held_mails,
        "openOrders": orders.iter().map(order).collect::<Vec<_>>(),
    })))
}

/// The depth of each queue that exists, by name.
async fn queues(app: &App, pairs: &BTreeSet<Pair>) -> ports::Result<Map<String, Value>> {
    let mut names: Vec<String> =
        [EMAIL_QUEUE, EMAIL_DLQ, UNCLAIMED_QUEUE, RELEASE_EVENTS_QUEUE].map(str::to_owned).into();
    for pair in pairs {
        let QueueSet { input, output, dlq } = QueueSet::of(pair);
        names.extend([input, output, dlq]);
    }
    let mut depths = Map::new();
    for name in names {
        if let Some(depth) = known(app.backends.queues.depth(&name).await)? {
            depths.insert(name, json!({ "ready": depth.ready, "inFlight": depth.in_flight }));
        }
    }
    Ok(depths)
}

async fn fleet(app: &App) -> ports::Result<Map<String, Value>> {
    let mut counts = Map::new();
    for service in [HERMES_SERVICE, EDIT_SERVICE] {
        if let Some(count) = known(app.backends.fleet.count(service).await)? {
            counts.insert(service.to_owned(), json!({ "desired": count.desired, "running": count.running }));
        }
    }
    Ok(counts)
}

/// What is not there is left out.
fn known<T>(asked: ports::Result<T>) -> ports::Result<Option<T>> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

fn order(ordered: &Ordered) -> Value {
    match &ordered.order {
        Order::Push { commit } => json!({ "project": ordered.project, "order": "push", "commit": commit }),
        Order::Rollback { .. } => json!({ "project": ordered.project, "order": "rollback" }),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkFor {
    project_id: ProjectId,
    /// The project's first owner when absent.
    address: Option<String>,
}

/// Makes a sign-in link for an editor.
async fn link(
    State(app): State<App>,
    caller: Caller,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiFault> {
    caller.operator()?;
    let asked: LinkFor = body(bytes)?;
    let project = app.backends.projects.get(&asked.project_id).await?;
    let editor = match &asked.address {
        Some(address) => project.editor(address),
        None => project.editors.iter().find(|editor| editor.role == Role::Owner),
    };
    let user = editor.map(|editor| editor.user_id.clone()).ok_or(Fault::NotFound)?;
    let person = stand_in(project, &user)?;
    let link = sign_in_link(&app.backends, &person.identity, &app.config.app_origin, LINK_LIFE).await?;
    Ok(Json(json!({ "link": link, "expiresInSeconds": LINK_LIFE.as_secs() })))
}
