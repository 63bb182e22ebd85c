//! The pages' live part: HTML fragments as server-sent events.

use super::chat::once;
use super::fault::{Fault, PageFault};
use super::limits::StreamPlace;
use super::live::Live;
use super::state::App;
use super::view::{self, Conversation};
use super::watch::{HEARTBEAT, Heard, Watch};
use super::who::Person;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use ports::progress::ProgressEvent;
use ports::threads::Thread;
use std::collections::HashMap;
use std::convert::Infallible;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/threads/{id}/stream", get(open))
}

#[derive(Template)]
#[template(path = "parts/conversation.html")]
struct ConversationPart<'a> {
    id: &'a str,
    view: &'a Conversation,
}

#[derive(Template)]
#[template(path = "parts/state.html")]
struct StatePart<'a> {
    view: &'a Conversation,
}

#[derive(Template)]
#[template(path = "parts/actions.html")]
struct ActionsPart<'a> {
    id: &'a str,
    view: &'a Conversation,
    once: &'a str,
}

#[derive(Template)]
#[template(path = "parts/live.html")]
struct LivePart<'a> {
    live: &'a Live,
    view: &'a Conversation,
}

async fn open(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Response, PageFault> {
    let thread = person.thread(&app, &id).await?;
    let place = app.limits.stream(&person.identity.user).ok_or(Fault::TooManyStreams)?;
    let watch = Watch::new(&app, &thread.id);
    let view = view::load(&app, &person, &thread).await?;
    let painter = Painter {
        app,
        person,
        thread,
        view,
        live: Live::default(),
        shown: HashMap::new(),
        once: once(),
        _place: place,
    };
    let events = stream::unfold((watch, painter), async |(mut watch, mut painter)| {
        let heard = watch.batch().await?;
        let events = painter.paint(heard).await?;
        Some((stream::iter(events.into_iter().map(Ok::<_, Infallible>)), (watch, painter)))
    });
    let alive = KeepAlive::new().interval(HEARTBEAT);
    Ok(Sse::new(events.flatten()).keep_alive(alive).into_response())
}

/// Draws what has changed for one watcher.
struct Painter {
    app: App,
    person: Person,
    thread: Thread,
    view: Conversation,
    live: Live,
    /// What the watcher sees, by fragment.
    shown: HashMap<&'static str, String>,
    once: String,
    _place: StreamPlace,
}

impl Painter {
    /// The fragments that are other than before; `None` when the watcher may see no more.
    async fn paint(&mut self, heard: Vec<Heard>) -> Option<Vec<Event>> {
        let mut look = false;
        let mut announce = None;
        for heard in heard {
            match heard {
                Heard::Look | Heard::Quiet => look = true,
                Heard::Event(event) => {
                    look |= self.live.hear(&event);
                    announce = self.words(&event).or(announce);
                }
            }
        }
        if look {
            self.look().await?;
        }
        let mut events: Vec<Event> =
            self.fragments().filter_map(|(name, html)| self.changed(name, html)).collect();
        if let Some(words) = announce {
            events.push(event("announce", &super::words::rich(&words)));
        }
        Some(events)
    }

    /// Reads the store again, if this person may still see it. A store that is out of reach leaves things as they were.
    async fn look(&mut self) -> Option<()> {
        match self.person.again(&self.app).await {
            Ok(Some(person)) => self.person = person,
            Ok(None) => return None,
            Err(err) => tracing::warn!(error = %err, "a stream could not look who watches"),
        }
        match view::load(&self.app, &self.person, &self.thread).await {
            Ok(view) => self.view = view,
            Err(err) => tracing::warn!(error = %err, "a stream could not read its conversation"),
        }
        if self.view.badge.tone != "busy" {
            self.live = Live::default();
        }
        Some(())
    }

    fn fragments(&self) -> impl Iterator<Item = (&'static str, askama::Result<String>)> + use<> {
        let (id, view, once) = (self.thread.id.as_str(), &self.view, self.once.as_str());
        [
            ("conversation", ConversationPart { id, view }.render()),
            ("live", LivePart { live: &self.live, view }.render()),
            ("actions", ActionsPart { id, view, once }.render()),
            ("state", StatePart { view }.render()),
        ]
        .into_iter()
    }

    fn changed(&mut self, name: &'static str, html: askama::Result<String>) -> Option<Event> {
        let html = html.inspect_err(|err| tracing::error!(error = %err, "a fragment failed")).ok()?;
        if self.shown.get(name) == Some(&html) {
            return None;
        }
        let event = event(name, &html);
        self.shown.insert(name, html);
        Some(event)
    }

    /// What is said to those who listen rather than look.
    fn words(&self, event: &ProgressEvent) -> Option<String> {
        match event {
            ProgressEvent::Started { .. } => Some("The work has begun.".to_owned()),
            ProgressEvent::Tool { .. } | ProgressEvent::Note { .. } => Some(self.live.latest()),
            ProgressEvent::Replied { .. } => Some("An answer has come.".to_owned()),
            ProgressEvent::Received { .. } | ProgressEvent::Text { .. } => None,
        }
    }
}

/// An event of these words; a stream's line ends are its own. Browsers drop an event without data, so a fragment that
/// becomes empty is sent as a comment.
fn event(name: &str, html: &str) -> Event {
    let html = if html.trim().is_empty() { "<!-- -->" } else { html };
    Event::default().event(name).data(html.replace('\r', ""))
}
