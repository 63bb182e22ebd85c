//! A thread's progress as server-sent JSON: its present state first, then what happens.

use super::json;
use crate::web::fault::{ApiFault, Fault};
use crate::web::limits::StreamPlace;
use crate::web::state::App;
use crate::web::watch::{HEARTBEAT, Heard, Watch};
use crate::web::who::{Caller, Person};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::{MessageId, ThreadId};
use futures_util::{StreamExt, stream};
use ports::progress::ProgressEvent;
use serde::Serialize;
use std::convert::Infallible;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/threads/{id}/events", get(open))
}

/// `state` (the conversation), then `progress` as things happen, and `answer` (one message, from the store) after each reply.
async fn open(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, ApiFault> {
    let (person, thread) = caller.thread(&app, &id).await?;
    let place = app.limits.stream(&person.identity.user).ok_or(Fault::TooManyStreams)?;
    let watch = Watch::new(&app, &thread.id);
    let teller = Teller { app, person, thread: thread.id, told: String::new(), _place: place };
    let events = stream::unfold((watch, teller), async |(mut watch, mut teller)| {
        let heard = watch.next().await?;
        let events = teller.tell(heard).await?;
        Some((stream::iter(events.into_iter().map(Ok::<_, Infallible>)), (watch, teller)))
    });
    let alive = KeepAlive::new().interval(HEARTBEAT);
    Ok(Sse::new(events.flatten()).keep_alive(alive).into_response())
}

/// Tells one watcher what happens.
struct Teller {
    app: App,
    person: Person,
    thread: ThreadId,
    /// The state that was told last.
    told: String,
    _place: StreamPlace,
}

impl Teller {
    /// What to say about it; `None` when the watcher may see no more.
    async fn tell(&mut self, heard: Heard) -> Option<Vec<Event>> {
        match heard {
            Heard::Look => {
                self.told.clear();
                Some(self.state().await.into_iter().collect())
            }
            Heard::Quiet => {
                if matches!(self.person.again(&self.app).await, Ok(None)) {
                    return None;
                }
                Some(self.state().await.into_iter().collect())
            }
            Heard::Event(event) => {
                let mut events: Vec<Event> = named("progress", &event).into_iter().collect();
                if let ProgressEvent::Replied { message } = &event {
                    events.extend(self.answer(message).await);
                }
                Some(events)
            }
        }
    }

    /// The conversation, if it is other than was told. One that cannot be read now is told at the next beat.
    async fn state(&mut self) -> Option<Event> {
        let state = json::thread(&self.app, &self.thread)
            .await
            .inspect_err(|err| tracing::warn!(error = %err, "a stream could not read its conversation"))
            .ok()?;
        let text = serde_json::to_string(&state).ok()?;
        if text == self.told {
            return None;
        }
        self.told = text;
        Some(Event::default().event("state").data(&self.told))
    }

    async fn answer(&mut self, message: &MessageId) -> Option<Event> {
        let state = json::thread(&self.app, &self.thread).await.ok()?;
        self.told = serde_json::to_string(&state).ok()?;
        named("answer", state.message(message)?)
    }
}

fn named(name: &str, value: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(value).ok()
}
