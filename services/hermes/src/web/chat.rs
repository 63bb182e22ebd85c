//! One conversation beside its preview: the page, and what is said on it.

use super::fault::{Fault, PageFault};
use super::live::Live;
use super::page::{Shell, html};
use super::state::App;
use super::upload::{self, BODY_MAX, Received};
use super::view::{self, Conversation};
use super::who::Person;
use crate::conversation::Saying;
use askama::Template;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::message::Kind;
use http::{HeaderMap, StatusCode};
use ports::threads::Thread;
use serde::Deserialize;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/threads/{id}", get(show))
        .route("/threads/{id}/messages", post(say).layer(DefaultBodyLimit::max(BODY_MAX)))
        .route("/threads/{id}/orders", post(order))
}

/// The box to write in.
pub(crate) struct Composer {
    /// The thread it writes to; a new one when `None`.
    pub(crate) thread: Option<String>,
    pub(crate) once: String,
    /// What was written before, when it was refused.
    pub(crate) text: String,
    /// Why it was refused.
    pub(crate) alert: String,
    pub(crate) open: bool,
}

impl Composer {
    /// An empty one.
    pub(crate) fn fresh(thread: Option<&Thread>) -> Self {
        Self {
            thread: thread.map(|thread| thread.id.as_str().to_owned()),
            once: once(),
            text: String::new(),
            alert: String::new(),
            open: true,
        }
    }

    /// The same for a reader who may only look.
    pub(crate) fn closed(self) -> Self {
        Self { open: false, ..self }
    }
}

/// What makes one form one message, however often it is sent.
pub(crate) fn once() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[derive(Template)]
#[template(path = "thread.html")]
struct Page {
    shell: Shell,
    id: String,
    preview: String,
    live: Live,
    view: Conversation,
    composer: Composer,
    once: String,
}

/// What htmx puts in place after something was said: a fresh composer, and the news out of band.
#[derive(Template)]
#[template(path = "said.html")]
struct SaidPart {
    id: String,
    view: Conversation,
    composer: Composer,
    once: String,
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Response, PageFault> {
    let thread = person.thread(&app, &id).await?;
    let composer = Composer::fresh(Some(&thread));
    Ok(page(&app, &person, &thread, composer).await?)
}

async fn page(app: &App, person: &Person, thread: &Thread, composer: Composer) -> Result<Response, Fault> {
    let status = if composer.alert.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let view = view::load(app, person, thread).await?;
    let page = Page {
        shell: Shell::of(app, person, &thread.title),
        id: thread.id.as_str().to_owned(),
        preview: app.preview_url(&thread.id),
        live: Live::default(),
        composer: if view.actions.write { composer } else { composer.closed() },
        view,
        once: once(),
    };
    Ok(html(status, &page))
}

/// Says something, with files.
async fn say(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    received: Received,
) -> Result<Response, PageFault> {
    let thread = person.thread(&app, &id).await?;
    let mut composer = Composer::fresh(Some(&thread));
    let mut form = upload::Form::default();
    let read = upload::read(received, &mut form).await;
    composer.text.clone_from(&form.text);
    let taken = match read {
        Ok(()) => {
            let once = form.once.unwrap_or_else(once);
            let saying = Saying {
                thread: Some(thread.id.clone()),
                kind: None,
                text: form.text,
                uploads: form.uploads,
                dedupe: upload::dedupe("chat", &person.identity.user, &once),
            };
            give(&app, &person, saying).await
        }
        Err(fault) => Err(fault),
    };
    Ok(answer(&app, &person, &thread, (taken, composer), &headers).await?)
}

#[derive(Deserialize)]
struct Order {
    kind: Kind,
    once: String,
}

/// Gives one of the orders that have a button.
async fn order(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(order): Form<Order>,
) -> Result<Response, PageFault> {
    let thread = person.thread(&app, &id).await?;
    let taken = match words(order.kind) {
        Some(text) => {
            let saying = Saying {
                thread: Some(thread.id.clone()),
                kind: Some(order.kind),
                text: text.to_owned(),
                uploads: Vec::new(),
                dedupe: upload::dedupe("chat", &person.identity.user, &order.once),
            };
            give(&app, &person, saying).await
        }
        None => Err(Fault::BadRequest("There is no such button.".to_owned())),
    };
    let composer = Composer::fresh(Some(&thread));
    Ok(answer(&app, &person, &thread, (taken, composer), &headers).await?)
}

/// The words that a button says.
fn words(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Publish => Some("Publish"),
        Kind::Rollback => Some("Take it back"),
        Kind::Undo => Some("Undo the last change"),
        Kind::Cancel => Some("Stop"),
        Kind::Approve => Some("Yes, go ahead"),
        Kind::Reject => Some("No, leave it"),
        Kind::Instruct | Kind::Answer => None,
    }
}

async fn give(app: &App, person: &Person, saying: Saying) -> Result<(), Fault> {
    person.acts(app)?;
    app.conversations.say(&person.identity, saying).await?;
    Ok(())
}

/// With htmx the parts that changed, else the page again; what was refused stands in the composer, with the reason.
async fn answer(
    app: &App,
    person: &Person,
    thread: &Thread,
    (taken, mut composer): (Result<(), Fault>, Composer),
    headers: &HeaderMap,
) -> Result<Response, Fault> {
    let plain = !headers.contains_key("hx-request");
    let status = match taken {
        Ok(()) if plain => {
            return Ok(Redirect::to(&format!("/threads/{}#latest", thread.id.as_str())).into_response());
        }
        Ok(()) => {
            composer.text.clear();
            StatusCode::OK
        }
        Err(fault) => {
            composer.alert = fault.to_string();
            fault.status()
        }
    };
    if plain {
        let mut response = page(app, person, thread, composer).await?;
        *response.status_mut() = status;
        return Ok(response);
    }
    let view = view::load(app, person, thread).await?;
    let id = thread.id.as_str().to_owned();
    Ok(html(status, &SaidPart { id, view, composer, once: once() }))
}
