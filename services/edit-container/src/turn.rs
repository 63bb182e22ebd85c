//! Carrying out one message, so that it is done once however often this begins anew.
//!
//! The order of effects is the proof: the objects are written, the outcome is prepared in the store, the last effect
//! happens (the branch moves, or the push), the outcome is stored, the bell is rung. Whoever finds a prepared outcome
//! does the last effect again, which is idempotent, and never the turn.

use crate::desk::Desk;
use crate::words::Draft;
use crate::{instruct, publish, undo, words};
use agent::AgentError;
use bootstrap::fault;
use domain::message::{FailureKind, Kind, Outcome, Status};
use ports::messages::{Message, Progress};
use ports::progress::ProgressEvent;
use ports::{ErrorKind, PortError};
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use workspace::WorkspaceError;

/// Tries of one message in one container's life before the owner is told that it failed.
const TRIES: u32 = 3;
/// Turns of one message over all containers: beyond this it is the message that ends them.
const TURNS: u32 = 40;

/// Why a turn did not reach an outcome.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TurnError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error("{0}")]
    Local(String),
    #[error("asked to stop")]
    Stopped,
}

impl TurnError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Port(error) => error.kind(),
            Self::Workspace(error) => port_kind(error),
            Self::Agent(_) | Self::Local(_) | Self::Stopped => ErrorKind::Transient,
        }
    }
}

/// What is left to do when a turn has its result.
pub(crate) enum Ready {
    /// Nothing but to say so.
    Answer(Draft),
    /// An effect that makes it true, named by the draft's commit.
    Effect(Draft),
}

/// Brings one message to its outcome, or returns the error after which it may be tried again. `stop` ends the turn.
pub(crate) async fn carry_out(
    desk: &Arc<Desk>,
    message: &Message,
    tries: u32,
    stop: &CancellationToken,
) -> Result<(), PortError> {
    match attempt(desk, message, stop).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::LeaseLost || desk.ending.is_cancelled() => {
            Err(as_port(&error))
        }
        Err(TurnError::Stopped) => {
            answer(desk, message, Draft::done(Status::Cancelled, words::STOPPED)).await
        }
        Err(error) if tries < TRIES && error.kind() == ErrorKind::Transient => Err(as_port(&error)),
        Err(error) => {
            warn!(message.id = %message.id, %error, "giving up; the owner is told");
            answer(desk, message, Draft::failed(failure_of(&error), words::gave_up(&error))).await
        }
    }
}

async fn answer(desk: &Desk, message: &Message, draft: Draft) -> Result<(), PortError> {
    // A prepared outcome that could not be made true (an origin that refuses the push) gives way to this one.
    desk.backends.messages.unprepare(&message.id, &desk.id, desk.epoch).await?;
    let turn = desk.backends.messages.begin(&message.id, &desk.id, desk.epoch).await?;
    store(desk, &draft.outcome(message, turn, Instant::now())).await
}

async fn attempt(desk: &Arc<Desk>, message: &Message, stop: &CancellationToken) -> Result<(), TurnError> {
    if let Progress::Prepared { outcome, .. } = &message.progress {
        if effect(desk, message, outcome).await? {
            return Ok(store(desk, outcome).await?);
        }
        desk.backends.messages.unprepare(&message.id, &desk.id, desk.epoch).await?;
    }
    let began = Instant::now();
    let turn = desk.backends.messages.begin(&message.id, &desk.id, desk.epoch).await?;
    fault::point("turn.begun");
    desk.tell(message, ProgressEvent::Started { message: message.id.clone() });
    let ready = match message.kind {
        _ if turn > TURNS => {
            Ready::Answer(Draft::failed(FailureKind::Limit, words::TOO_MANY_TURNS.to_owned()))
        }
        Kind::Publish => publish::run(desk, message).await?,
        Kind::Instruct | Kind::Answer => instruct::run(desk, message, turn, stop).await?,
        Kind::Undo => undo::run(desk, message).await?,
        Kind::Cancel => Ready::Answer(Draft::done(Status::Done, words::CANCELLED)),
        Kind::Approve | Kind::Reject | Kind::Rollback => {
            Ready::Answer(Draft::failed(FailureKind::Denied, words::NOTHING_TO_DECIDE.to_owned()))
        }
    };
    fault::point("turn.ended");
    finish(desk, message, ready, (turn, began)).await
}

async fn finish(
    desk: &Desk,
    message: &Message,
    ready: Ready,
    (turn, began): (u32, Instant),
) -> Result<(), TurnError> {
    match ready {
        Ready::Answer(draft) => store(desk, &draft.outcome(message, turn, began)).await?,
        Ready::Effect(draft) => {
            let outcome = draft.outcome(message, turn, began);
            desk.backends.messages.prepare(&outcome, &desk.id, desk.epoch).await?;
            fault::point("outcome.prepared");
            if !effect(desk, message, &outcome).await? {
                desk.backends.messages.unprepare(&message.id, &desk.id, desk.epoch).await?;
                return Err(TurnError::Local("the branch moved meanwhile; the work is done anew".to_owned()));
            }
            store(desk, &outcome).await?;
        }
    }
    info!(message.id = %message.id, turn, took_ms = began.elapsed().as_millis(), "turn ended");
    Ok(())
}

/// Makes a prepared outcome true; false when that cannot be done any more and the turn must be run anew.
async fn effect(desk: &Desk, message: &Message, outcome: &Outcome) -> Result<bool, TurnError> {
    match outcome.status {
        Status::Published => publish::push(desk, message, outcome).await,
        _ => instruct::move_branch(desk, message, outcome).await,
    }
}

async fn store(desk: &Desk, outcome: &Outcome) -> Result<(), PortError> {
    desk.backends.messages.answer(outcome, &desk.id, desk.epoch).await?;
    fault::point("outcome.stored");
    let body = serde_json::to_string(outcome).map_err(|e| PortError::new(ErrorKind::Malformed, e))?;
    // A bell that does not ring is rung by Hermes' sweep.
    if let Err(error) = desk.backends.queues.send(&desk.queues.output, &body).await {
        warn!(message.id = %outcome.message_id, %error, "the outcome is stored but was not rung");
    }
    fault::point("outcome.rung");
    Ok(())
}

fn as_port(error: &TurnError) -> PortError {
    PortError::new(error.kind(), error)
}

fn port_kind(error: &WorkspaceError) -> ErrorKind {
    match error.kind() {
        workspace::ErrorKind::Transient => ErrorKind::Transient,
        workspace::ErrorKind::NotFound => ErrorKind::NotFound,
        workspace::ErrorKind::Conflict => ErrorKind::Conflict,
        workspace::ErrorKind::LeaseLost => ErrorKind::LeaseLost,
        workspace::ErrorKind::Denied => ErrorKind::Denied,
        workspace::ErrorKind::Malformed => ErrorKind::Malformed,
    }
}

fn failure_of(error: &TurnError) -> FailureKind {
    match error {
        TurnError::Agent(_) => FailureKind::Model,
        TurnError::Workspace(_) => FailureKind::Site,
        TurnError::Port(_) | TurnError::Local(_) | TurnError::Stopped => FailureKind::Transient,
    }
}
