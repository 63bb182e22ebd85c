//! Sign-in by a link that works once: GET shows it, POST spends it.

use super::fault::PageFault;
use super::page::{self, Shell, html};
use super::state::App;
use super::tokens::{fresh, token_hash};
use super::who::{SESSION_LIFE, cookie, set_cookie};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use ports::Backends;
use ports::sign_in::{Identity, TokenUse};
use std::time::Duration;

/// Makes a link that signs `identity` in on the app at `origin`, once, within `life`. Only the token's hash is kept.
pub async fn sign_in_link(
    backends: &Backends,
    identity: &Identity,
    origin: &str,
    life: Duration,
) -> ports::Result<String> {
    let token = fresh()?;
    backends.sign_ins.issue(&token_hash(&token), TokenUse::Link, identity, life).await?;
    Ok(format!("{origin}/sign-in/{token}"))
}

/// Makes a token that speaks for `identity` within `life`, as a signed-in browser's cookie or an API's bearer token.
/// Only its hash is kept.
pub async fn session_token(
    backends: &Backends,
    identity: &Identity,
    life: Duration,
) -> ports::Result<String> {
    let token = fresh()?;
    backends.sign_ins.issue(&token_hash(&token), TokenUse::Session, identity, life).await?;
    Ok(token)
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/sign-in/{token}", get(show).post(spend)).route("/sign-out", post(sign_out))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    shell: Shell,
    address: String,
    project: String,
}

async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Response, PageFault> {
    let Some(identity) = app.backends.sign_ins.look_up(&token_hash(&token), TokenUse::Link).await? else {
        return Ok(page::stale_link());
    };
    let page = SignIn {
        shell: Shell::open("Sign in"),
        address: identity.address,
        project: identity.project.to_string(),
    };
    Ok(html(StatusCode::OK, &page))
}

async fn spend(State(app): State<App>, Path(token): Path<String>) -> Result<Response, PageFault> {
    let Some(identity) = app.backends.sign_ins.spend(&token_hash(&token)).await? else {
        return Ok(page::stale_link());
    };
    let session = session_token(&app.backends, &identity, SESSION_LIFE).await?;
    let cookie = set_cookie(app.config.secure_cookies, &session, SESSION_LIFE);
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageFault> {
    if let Some(token) = cookie(&headers, &app) {
        app.backends.sign_ins.revoke(&token_hash(&token)).await?;
    }
    let cookie = set_cookie(app.config.secure_cookies, "", Duration::ZERO);
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}
