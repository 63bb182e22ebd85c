//! The loopback server. It keeps nothing: what comes next is read from each request's transcript.

use crate::bedrock::{self, Verify};
use crate::conversation::Conversation;
use crate::planner::next;
use crate::reply::Reply;
use crate::short;
use crate::stream::{Envelope, block_start, block_stop, text_delta};
use crate::switches::{Stall, Switches};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use uuid::Uuid;

/// Why the rehearsal could not start.
#[derive(Debug, thiserror::Error)]
#[error("the rehearsal cannot listen on loopback")]
pub struct RehearsalError(#[from] std::io::Error);

/// A running rehearsal. Clones are handles of the same one.
#[derive(Clone)]
pub struct Rehearsal {
    address: SocketAddr,
    serving: TaskTracker,
}

const TICK: Duration = Duration::from_millis(100);

impl Rehearsal {
    /// Listens on a free port of 127.0.0.1 until `stop`.
    pub async fn start(stop: CancellationToken) -> Result<Self, RehearsalError> {
        let router = Router::new()
            .route("/", get(async || StatusCode::OK))
            .route("/v1/messages", post(messages))
            .route("/v1/messages/count_tokens", post(count_tokens))
            .with_state(stop.clone());
        Self::serve(router, stop).await
    }

    /// The same with the face of Amazon Bedrock, which answers nobody whose request `verify` refuses.
    pub async fn start_as_bedrock(verify: Verify, stop: CancellationToken) -> Result<Self, RehearsalError> {
        Self::serve(bedrock::router(verify, stop.clone()), stop).await
    }

    async fn serve(router: Router, stop: CancellationToken) -> Result<Self, RehearsalError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = router.layer(DefaultBodyLimit::max(32 << 20));
        let serving = TaskTracker::new();
        serving.spawn(async move {
            let served = stop.run_until_cancelled(axum::serve(listener, router).into_future()).await;
            if let Some(Err(error)) = served {
                warn!(%error, "the rehearsal ended");
            }
        });
        serving.close();
        Ok(Self { address, serving })
    }

    /// The API's address: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the rehearsal has stopped.
    pub async fn closed(self) {
        self.serving.wait().await;
    }
}

async fn count_tokens(body: Bytes) -> Json<Value> {
    Json(json!({"input_tokens": body.len() / 4}))
}

async fn messages(State(stop): State<CancellationToken>, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return fault(400, "the body is not JSON");
    };
    let model = request["model"].as_str().unwrap_or("rehearsal").to_owned();
    let wire = if request["stream"] == true { Wire::Events } else { Wire::Whole };
    respond(&request, (model, body.len()), wire, stop).await
}

/// How an answer is put on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Server-sent events.
    Events,
    /// The same events in frames of AWS' event stream.
    Frames,
    /// One JSON value.
    Whole,
}

/// The answer of `model` to a request of so many bytes.
pub(crate) async fn respond(
    request: &Value,
    (model, bytes): (String, usize),
    wire: Wire,
    stop: CancellationToken,
) -> Response {
    let Some(messages) = request["messages"].as_array() else {
        return fault(400, "messages: Field required");
    };
    let (reply, switches) = answer(request, messages);
    if let Some(status) = switches.fail {
        return fault(status, "the rehearsal was told to fail");
    }
    let envelope = Envelope {
        // Never the same again, also after a restart: in a resumed session Claude Code drops a tool's use whose id it
        // has seen, and the script, which reads there what was done, would do it twice.
        id: format!("msg_rehearsal{}", Uuid::new_v4().simple()),
        model,
        input_tokens: bytes / 4,
    };
    if wire != Wire::Whole {
        let events = paced(&envelope, &reply, &switches, stop);
        let framed = wire == Wire::Frames;
        let kind = if framed { bedrock::STREAM } else { "text/event-stream" };
        let events = events
            .map(move |event| event.map(|event| if framed { bedrock::framed(&event) } else { event.into() }));
        return ([(header::CONTENT_TYPE, kind)], Body::from_stream(events)).into_response();
    }
    stop.run_until_cancelled(tokio::time::sleep(switches.slow.unwrap_or_default())).await;
    Json(envelope.whole(&reply)).into_response()
}

fn answer(request: &Value, messages: &[Value]) -> (Reply, Switches) {
    // Calls without tools are Claude Code's own, such as asking for a title, or short questions of the worker's.
    if request["tools"].as_array().is_none_or(Vec::is_empty) {
        let text = short::answer(&request["system"], messages).unwrap_or("Rehearsal");
        return (Reply { text: text.to_owned(), ..Reply::default() }, Switches::default());
    }
    let Some(mut conversation) = Conversation::read(messages) else {
        return (Reply::last("There is nothing to do."), Switches::default());
    };
    let (mut switches, instruction) = Switches::take(&conversation.instruction);
    conversation.instruction = instruction;
    let names = request["tools"].as_array().into_iter().flatten().filter_map(|tool| tool["name"].as_str());
    conversation.tools = names.map(str::to_owned).collect();
    if !conversation.done.is_empty() {
        (switches.slow, switches.stall) = (None, Stall::Never);
        switches.fail = switches.fail.or(switches.then_fail);
    }
    let mut reply = if switches.stubborn && conversation.is_to_mend() {
        Reply::last("I left it as it is.")
    } else {
        next(&conversation)
    };
    if let Some(file) = switches.plans.take().filter(|_| conversation.is_to_plan()) {
        reply.text = format!("{}\nFILES:\n{file}", reply.text);
    }
    if reply.tool_uses.is_empty() && switches.linger.is_some() {
        switches.slow = switches.linger;
    }
    (reply, switches)
}

/// The events of an answer, at the pace that the switches ask for.
fn paced(
    envelope: &Envelope,
    reply: &Reply,
    switches: &Switches,
    stop: CancellationToken,
) -> impl Stream<Item = Result<String, Infallible>> + Send + use<> {
    let ticks = switches.slow.map_or(0, |slow| slow.as_millis() / TICK.as_millis());
    let mut events = vec![envelope.start()];
    if switches.stall == Stall::AfterStart {
        let silence = stream::once(async move { stop.cancelled_owned().await }).filter_map(async |()| None);
        return stream::iter(events).map(Ok).chain(silence).left_stream();
    }
    let first = usize::from(ticks > 0);
    if ticks > 0 {
        events.push(block_start(0, &json!({"type": "text", "text": ""})));
    }
    let slow = stream::iter(0..ticks)
        .then(|tick| async move {
            tokio::time::sleep(TICK).await;
            text_delta(0, if tick == 0 { "I am thinking slowly" } else { "." })
        })
        .take_until(stop.cancelled_owned());
    let mut rest = envelope.rest(reply, first);
    if ticks > 0 {
        rest.insert(0, block_stop(0));
    }
    stream::iter(events).chain(slow).chain(stream::iter(rest)).map(Ok).right_stream()
}

pub(crate) fn fault(status: u16, says: &str) -> Response {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    let body = json!({"type": "error", "error": {"type": kind, "message": says}});
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}
