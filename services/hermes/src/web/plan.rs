//! Deciding about a plan by a link in a mail: GET shows the plan, POST says yes or no, once.

use super::fault::{Fault, PageFault};
use super::page::{self, Shell, html};
use super::state::App;
use super::tokens::{fresh, token_hash};
use super::words::rich;
use crate::conversation::Saying;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Form, Router};
use domain::MessageId;
use domain::message::{Kind, Status};
use http::StatusCode;
use ports::messages::{Message, pending};
use ports::sign_in::{Identity, TokenUse};
use ports::{Backends, ErrorKind};
use serde::Deserialize;
use std::time::Duration;

/// How long a plan can be decided by its link. In the conversation it can be for ever.
const LIFE: Duration = Duration::from_hours(24);

/// Makes a link by which `identity`, and nobody else, decides about the plan for `message` on the app at `origin`. Only
/// a hash is kept, of the token and the message together, so that it is good for nothing else.
pub(crate) async fn plan_link(
    backends: &Backends,
    identity: &Identity,
    message: &MessageId,
    origin: &str,
) -> ports::Result<String> {
    let token = fresh()?;
    backends.sign_ins.issue(&hash(message, &token), TokenUse::Link, identity, LIFE).await?;
    Ok(format!("{origin}/plans/{message}/{token}"))
}

fn hash(message: &MessageId, token: &str) -> String {
    token_hash(&format!("plan/{message}/{token}"))
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/plans/{message}/{token}", get(show).post(decide))
}

#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage {
    shell: Shell,
    instruction: String,
    plan: String,
}

async fn show(
    State(app): State<App>,
    Path((message, token)): Path<(MessageId, String)>,
) -> Result<Response, PageFault> {
    let known = app.backends.sign_ins.look_up(&hash(&message, &token), TokenUse::Link).await?;
    let Some(planned) = waiting(&app, &message).await?.filter(|_| known.is_some()) else {
        return Ok(page::stale_plan());
    };
    let plan = planned.outcome().map(|outcome| outcome.summary.as_str()).unwrap_or_default();
    let page = PlanPage {
        shell: Shell::open("Shall it be done like this?"),
        instruction: rich(planned.instruction.trim()),
        plan: rich(plan.trim()),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize)]
struct Decision {
    kind: Kind,
}

async fn decide(
    State(app): State<App>,
    Path((message, token)): Path<(MessageId, String)>,
    Form(decision): Form<Decision>,
) -> Result<Response, PageFault> {
    let (text, heading, says) = match decision.kind {
        Kind::Approve => ("Yes, go ahead", "It is being done", "The next mail says what changed."),
        Kind::Reject => ("No, leave it", "It is left as it is", "Nothing was changed."),
        _ => return Err(Fault::BadRequest("There is no such button.".to_owned()).into()),
    };
    let Some(planned) = waiting(&app, &message).await? else { return Ok(page::stale_plan()) };
    let Some(identity) = app.backends.sign_ins.spend(&hash(&message, &token)).await? else {
        return Ok(page::stale_plan());
    };
    let saying = Saying {
        thread: Some(planned.thread),
        kind: Some(decision.kind),
        text: text.to_owned(),
        uploads: Vec::new(),
        dedupe: Some(format!("plan/{message}")),
    };
    app.conversations.say(&identity, saying).await.map_err(Fault::from)?;
    Ok(page::said(heading, says))
}

/// The message, if its plan is what its conversation waits for.
async fn waiting(app: &App, message: &MessageId) -> Result<Option<Message>, Fault> {
    let found = match app.backends.messages.get(message).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let conversation = app.backends.messages.of_thread(&found.thread).await?;
    let is_waiting =
        pending(&conversation).is_some_and(|m| &m.id == message && m.status() == Some(Status::Plan));
    Ok(is_waiting.then_some(found))
}
