//! Sent mail, where it is kept on this machine: each person sees what was sent to them.

use super::fault::{Fault, PageFault};
use super::maildir::{self, Opened, Sent};
use super::page::{Shell, html};
use super::state::App;
use super::who::Person;
use super::words::{Moment, rich};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::Timestamp;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};
use std::path::PathBuf;

/// The mail's own styles are inline; it can load, run and send nothing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/mail", get(list)).route("/mail/{id}", get(show))
}

#[derive(Template)]
#[template(path = "mails.html")]
struct Mails {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    sent: Sent,
    at: Moment,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Mail {
    shell: Shell,
    row: Row,
    text: String,
    /// The HTML part, for a frame of its own.
    html: Option<String>,
}

async fn list(State(app): State<App>, person: Person) -> Result<Response, PageFault> {
    let dir = outbox(&app)?;
    let address = person.identity.address.clone();
    let sent = read(move || maildir::list(&dir, &address)).await?;
    let rows = sent.into_iter().map(|sent| row(&app, sent)).collect();
    Ok(html(StatusCode::OK, &Mails { shell: Shell::of(&app, &person, "Sent mail"), rows }))
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Response, PageFault> {
    let dir = outbox(&app)?;
    let address = person.identity.address.clone();
    let opened = read(move || maildir::open(&dir, &id, &address)).await?.ok_or(Fault::NotFound)?;
    let Opened { sent, text, html: rich_part } = opened;
    let page = Mail {
        shell: Shell::of(&app, &person, &sent.subject),
        row: row(&app, sent),
        text: rich(text.trim()),
        // Links open in a window of their own: the frame may not leave its mail.
        html: rich_part.map(|html| format!("<base target=\"_blank\">{html}")),
    };
    let mut response = html(StatusCode::OK, &page);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

fn outbox(app: &App) -> Result<PathBuf, Fault> {
    app.config.outbox.clone().ok_or(Fault::NotFound)
}

fn row(app: &App, sent: Sent) -> Row {
    let at = Moment::of(Timestamp(sent.at.saturating_mul(1_000)), app.backends.clock.now());
    Row { sent, at }
}

async fn read<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Later)
}
