//! The app host: chat pages, the API, sign-in, sent mail, health.

mod api;
mod ask_link;
mod assets;
mod chat;
mod config;
mod fault;
mod files;
mod guard;
mod health;
mod home;
mod limits;
mod live;
mod mail;
mod maildir;
mod page;
mod plan;
mod sign_in;
mod state;
mod stream;
mod tokens;
mod upload;
mod view;
mod watch;
mod who;
mod words;

pub use config::{CookieMode, Rehearsal, WebConfig};
pub(crate) use plan::plan_link;
pub use sign_in::{session_token, sign_in_link};
pub use tokens::token_hash;

use crate::bells::Bells;
use crate::conversation::{Conversations, Said, SayError, Saying};
use async_trait::async_trait;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use domain::{ProjectId, ThreadId};
use ports::Backends;
use ports::sign_in::Identity;
use state::App;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Everything that the app host answers. Streams end, and readiness says no, once `stop` is cancelled.
pub fn app(
    config: WebConfig,
    backends: Backends,
    conversations: Arc<dyn Conversations>,
    bells: Arc<dyn Bells>,
    stop: CancellationToken,
) -> Router {
    let app = App::new(config, backends, conversations, bells, stop);
    Router::new()
        .merge(home::routes())
        .merge(chat::routes())
        .merge(stream::routes())
        .merge(files::routes())
        .merge(ask_link::routes())
        .merge(sign_in::routes())
        .merge(plan::routes())
        .merge(mail::routes())
        .merge(api::routes())
        .fallback(page::nowhere)
        .method_not_allowed_fallback(page::wrong_method)
        .layer(from_fn_with_state(app.clone(), guard::same_origin))
        .merge(assets::routes())
        .merge(health::routes())
        .layer(from_fn_with_state(app.clone(), guard::headers))
        .layer(from_fn(guard::no_store))
        .with_state(app)
}

/// What the operator can ask for while no Hermes is at work; everything else is a matter of the router's fallback.
pub fn office(
    config: WebConfig,
    backends: Backends,
    bells: Arc<dyn Bells>,
    stop: CancellationToken,
) -> Router {
    let app = App::new(config, backends, Arc::new(Nobody), bells, stop);
    api::office()
        .layer(from_fn_with_state(app.clone(), guard::same_origin))
        .layer(from_fn_with_state(app.clone(), guard::headers))
        .layer(from_fn(guard::no_store))
        .with_state(app)
}

/// Who takes what authors say while no Hermes is at work.
struct Nobody;

#[async_trait]
impl Conversations for Nobody {
    async fn say(&self, _: &Identity, _: Saying) -> Result<Said, SayError> {
        Err(SayError::Later)
    }

    async fn wake(&self, _: &ProjectId, _: &ThreadId) -> Result<(), SayError> {
        Err(SayError::Later)
    }
}
