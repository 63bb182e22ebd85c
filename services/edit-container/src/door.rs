//! A container's own listener: its threads' previews and their progress. Only Hermes is let in by the network; a
//! thread's id is a capability besides.

use crate::registry::{PreviewRegistry, Standing};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::ThreadId;
use futures_util::stream;
use http::{StatusCode, header};
use ports::ProgressFeed;
use ports::progress::ProgressEvent;
use preview::relay::THREAD;
use preview::waking::{self, Arrival};
use preview::{PreviewConfig, PreviewHost};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// How long a request is held until its thread's site is in place.
const HOLD: Duration = Duration::from_secs(20);
/// How often a quiet stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What the listener shows.
#[derive(Clone)]
pub struct Door {
    /// Who serves which thread.
    pub registry: Arc<PreviewRegistry>,
    /// Where previews begin.
    pub previews: PreviewConfig,
    /// What happens in threads.
    pub progress: Arc<dyn ProgressFeed>,
}

/// The listener's routes. A request that names its thread in a header is for that thread's preview, whatever its path.
pub fn router(door: Door) -> Router {
    let own = Router::new()
        .route("/health/live", get(async || StatusCode::OK))
        .route("/threads/{thread}/events", get(events))
        .with_state(door.clone());
    Router::new().fallback(move |request: Request| {
        let (door, own) = (door.clone(), own.clone());
        async move {
            let named = request.headers().get(THREAD).and_then(|name| name.to_str().ok());
            match named.map(str::parse::<ThreadId>) {
                Some(Ok(thread)) => preview(&door, &thread, request).await,
                Some(Err(_)) => StatusCode::NOT_FOUND.into_response(),
                None => tower::ServiceExt::oneshot(own, request).await.into_response(),
            }
        }
    })
}

async fn preview(door: &Door, thread: &ThreadId, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let standing = door.registry.standing(thread);
    let host = match standing {
        Some(Standing::Served(host)) => Ok(host),
        other => {
            let arrival = async {
                match other {
                    Some(standing) => Some(standing),
                    None => door.registry.arrival(thread, HOLD).await,
                }
            };
            let arrival = async { arrival.await.map(Arrival::from) };
            waking::held(&door.previews.prefix(thread), &parts, arrival).await
        }
    };
    match host {
        Ok(host) => host.serve(thread, Request::from_parts(parts, body)).await.map(Body::new),
        Err(answer) => answer.map(Body::new),
    }
}

impl From<Standing> for Arrival<Arc<PreviewHost>> {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Served(host) => Self::Served(host),
            Standing::Failed(says) => Self::Failed(says),
        }
    }
}

/// A thread's progress from now on: one event per line as JSON, an empty line when nothing happens for a while.
async fn events(State(door): State<Door>, Path(thread): Path<String>) -> Response {
    let Ok(thread) = thread.parse::<ThreadId>() else { return StatusCode::NOT_FOUND.into_response() };
    let events = door.progress.watch(&thread);
    let lines = stream::unfold(events, async |mut events| {
        let line = next(&mut events).await?;
        Some((Ok::<_, Infallible>(line), events))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

async fn next(events: &mut Receiver<ProgressEvent>) -> Option<Bytes> {
    loop {
        let event = match tokio::time::timeout(HEARTBEAT, events.recv()).await {
            Err(_) => return Some(Bytes::from_static(b"\n")),
            Ok(Ok(event)) => event,
            // Progress is no truth: what was missed shows in the store.
            Ok(Err(RecvError::Lagged(_))) => continue,
            Ok(Err(RecvError::Closed)) => return None,
        };
        if let Ok(mut line) = serde_json::to_vec(&event) {
            line.push(b'\n');
            return Some(line.into());
        }
    }
}
