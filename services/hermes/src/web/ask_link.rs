//! Asking for a sign-in link by mail. Whoever asks gets the same answer, whether the address is known or not.

use super::chat::once;
use super::fault::PageFault;
use super::limits::LINK_MAILS;
use super::page::{self, Shell, html};
use super::sign_in::sign_in_link;
use super::state::App;
use super::tokens::token_hash;
use crate::verdict::{LOOP_HEADER, MAILBOX};
use askama::Template;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use domain::UserId;
use domain::project::Project;
use email::answer::{self, WayIn};
use email::{Outgoing, parse};
use http::{HeaderMap, StatusCode};
use ports::mailer::Mail;
use ports::sign_in::Identity;
use serde::Deserialize;
use std::time::Duration;
use tracing::warn;

/// How long a mailed link may wait for its one use.
const LINK_LIFE: Duration = Duration::from_hours(1);
/// What every answer takes at least, so that its time does not tell whether a mail was sent.
const ANSWERED_AFTER: Duration = Duration::from_millis(700);
/// Longest form, in bytes.
const FORM_MAX: usize = 4 * 1024;
/// Longest mark of one form, in bytes.
const ONCE_MAX: usize = 64;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(show).post(ask).layer(DefaultBodyLimit::max(FORM_MAX)))
        .route("/sign-in/asked", get(asked))
}

#[derive(Template)]
#[template(path = "ask_link.html")]
struct AskLink {
    shell: Shell,
    address: String,
    /// Makes two sends of this form one mail.
    once: String,
    alert: &'static str,
}

impl AskLink {
    fn fresh(address: String, alert: &'static str) -> Self {
        Self { shell: Shell::open("Sign in"), address, once: once(), alert }
    }
}

#[derive(Template)]
#[template(path = "asked_link.html")]
struct Asked {
    shell: Shell,
    most: u32,
}

#[derive(Deserialize)]
struct Asking {
    #[serde(default)]
    address: String,
    #[serde(default)]
    once: String,
}

async fn show() -> Response {
    html(StatusCode::OK, &AskLink::fresh(String::new(), ""))
}

async fn asked() -> Response {
    html(StatusCode::OK, &Asked { shell: Shell::open("Look into your mail"), most: LINK_MAILS })
}

async fn ask(
    State(app): State<App>,
    headers: HeaderMap,
    Form(asking): Form<Asking>,
) -> Result<Response, PageFault> {
    let address = asking.address.trim().to_lowercase();
    if !parse::is_address(&address) {
        let alert = "This does not look like an e-mail address.";
        return Ok(html(StatusCode::BAD_REQUEST, &AskLink::fresh(asking.address, alert)));
    }
    if !app.limits.link_ask(&place(&headers), app.backends.clock.now()) {
        let alert = "That was asked for too often. Please try again later.";
        return Ok(html(StatusCode::TOO_MANY_REQUESTS, &AskLink::fresh(asking.address, alert)));
    }
    let once = if asking.once.len() <= ONCE_MAX { asking.once } else { String::new() };
    let (sent, ()) = tokio::join!(send(&app, &address, &once), tokio::time::sleep(ANSWERED_AFTER));
    if let Err(error) = sent {
        // An answer of its own would tell that the address is known. The page says what to do when nothing arrives.
        warn!(%error, "a sign-in link was not mailed");
    }
    Ok(Redirect::to("/sign-in/asked").into_response())
}

/// Where a request comes from, as far as that is known: the load balancer writes the last entry of this header itself.
fn place(headers: &HeaderMap) -> String {
    let line = headers.get_all("x-forwarded-for").iter().next_back().and_then(|line| line.to_str().ok());
    let last = line.and_then(|line| line.rsplit(',').next()).map(str::trim);
    last.unwrap_or_default().to_owned()
}

/// Mails a link for each project that `address` is an editor of; nothing when there is none.
async fn send(app: &App, address: &str, once: &str) -> ports::Result<()> {
    let projects = app.backends.projects.list().await?;
    let theirs: Vec<(&Project, UserId)> = projects
        .iter()
        .filter_map(|project| Some((project, project.editor(address)?.user_id.clone())))
        .collect();
    let Some((first, user)) = theirs.first() else { return Ok(()) };
    if !app.limits.link_mail(user, app.backends.clock.now()) {
        return Ok(());
    }
    let mut ways = Vec::new();
    for (project, user) in &theirs {
        let identity =
            Identity { user: user.clone(), address: address.to_owned(), project: project.project_id.clone() };
        let link = sign_in_link(&app.backends, &identity, &app.config.app_origin, LINK_LIFE).await?;
        ways.push(WayIn { site: page::site(&project.site_url).to_owned(), link });
    }
    let letter = answer::sign_in(&ways);
    // A form without a mark is a form of its own.
    let mark = if once.is_empty() { &ways[0].link } else { once };
    let id = token_hash(&format!("{address}/{mark}"));
    let from = format!("{MAILBOX}@{}", first.mail_domain);
    let raw = email::compose(&Outgoing {
        message_id: &format!("{}.sign-in@{}", &id[..32], first.mail_domain),
        date: app.backends.clock.now(),
        from_name: "WebOrdinary",
        from: &from,
        to: address,
        reply_to: None,
        subject: "Your sign-in link",
        in_reply_to: None,
        references: &[],
        text: &letter.text,
        html: &letter.html,
        header: LOOP_HEADER,
    });
    let key = format!("sign-in/{}", &id[..32]);
    app.backends.mailer.send(Mail { key: &key, from: &from, to: address, raw: &raw }).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_caller_cannot_choose_where_it_comes_from() {
        let mut headers = HeaderMap::new();
        assert_eq!(place(&headers), "");
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.1, 203.0.113.9"));
        assert_eq!(place(&headers), "203.0.113.9");
        headers.insert("x-forwarded-for", HeaderValue::from_static("made-up"));
        headers.append("x-forwarded-for", HeaderValue::from_static("198.51.100.7"));
        assert_eq!(place(&headers), "198.51.100.7");
    }
}
