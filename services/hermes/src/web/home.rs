//! The first page: what to change, and the conversations so far.

use super::chat::{Composer, once};
use super::fault::{Fault, PageFault};
use super::page::{Shell, html};
use super::state::App;
use super::upload::{self, BODY_MAX, Form, Received};
use super::view::{Badge, badge};
use super::who::Person;
use super::words::Moment;
use crate::conversation::Saying;
use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::StatusCode;
use ports::threads::Thread;
use serde::Deserialize;

/// Conversations shown at first.
const SHOWN: usize = 30;
/// Most conversations shown.
const SHOWN_MAX: usize = 300;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/", get(home)).route("/threads", post(begin).layer(DefaultBodyLimit::max(BODY_MAX)))
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
    rows: Vec<Row>,
    /// How many to show next, when there are more.
    more: Option<usize>,
    composer: Composer,
}

struct Row {
    id: String,
    title: String,
    at: Moment,
    badge: Badge,
    /// Who began it, when that was another.
    by: Option<String>,
}

#[derive(Deserialize)]
struct Shown {
    show: Option<usize>,
}

async fn home(
    State(app): State<App>,
    person: Person,
    Query(shown): Query<Shown>,
) -> Result<Response, PageFault> {
    let shown = shown.show.unwrap_or(SHOWN).clamp(1, SHOWN_MAX);
    Ok(page(&app, &person, Composer::fresh(None), shown).await.map(|page| html(StatusCode::OK, &page))?)
}

async fn page(app: &App, person: &Person, composer: Composer, shown: usize) -> ports::Result<Home> {
    let mut threads = app.backends.threads.list(&person.project.project_id, None, shown + 1).await?;
    let more = (threads.len() > shown && shown < SHOWN_MAX).then_some((shown * 3).min(SHOWN_MAX));
    threads.truncate(shown);
    let rows = stream::iter(threads).map(|thread| row(app, person, thread)).buffered(8).try_collect().await?;
    let composer = if person.role.may_instruct() { composer } else { composer.closed() };
    Ok(Home { shell: Shell::of(app, person, "Conversations"), rows, more, composer })
}

async fn row(app: &App, person: &Person, thread: Thread) -> ports::Result<Row> {
    let messages = app.backends.messages.of_thread(&thread.id).await?;
    let began = &thread.pair.user_id;
    let by = (began != &person.identity.user)
        .then(|| person.project.editor_by_id(began).map(|editor| editor.address.clone()))
        .flatten();
    Ok(Row {
        id: thread.id.as_str().to_owned(),
        title: thread.title,
        at: Moment::of(thread.last_activity, app.backends.clock.now()),
        badge: badge(&messages),
        by,
    })
}

/// Begins a conversation. What was refused stands in the composer again, with the reason.
async fn begin(State(app): State<App>, person: Person, received: Received) -> Result<Response, PageFault> {
    let mut kept = Composer::fresh(None);
    match take(&app, &person, received, &mut kept).await {
        Ok(thread) => Ok(Redirect::to(&format!("/threads/{}", thread.as_str())).into_response()),
        Err(fault) => {
            let status = fault.status();
            kept.alert = fault.to_string();
            Ok(html(status, &page(&app, &person, kept, SHOWN).await?))
        }
    }
}

async fn take(
    app: &App,
    person: &Person,
    received: Received,
    kept: &mut Composer,
) -> Result<domain::ThreadId, Fault> {
    person.acts(app)?;
    let mut form = Form::default();
    let read = upload::read(received, &mut form).await;
    kept.text.clone_from(&form.text);
    read?;
    let once = form.once.unwrap_or_else(once);
    let saying = Saying {
        thread: None,
        kind: None,
        text: form.text,
        uploads: form.uploads,
        dedupe: upload::dedupe("chat", &person.identity.user, &once),
    };
    Ok(app.conversations.say(&person.identity, saying).await?.thread)
}
