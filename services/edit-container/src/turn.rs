//! Carrying out one message, so that it is done once however often this begins anew.
//!
//! The order of effects is the proof: the objects are written, the outcome is prepared in the store, the last effect
//! happens (the branch moves, or the push), the outcome is stored, the bell is rung. Whoever finds a prepared outcome
//! does the last effect again, which is idempotent, and never the turn.

use crate::before::Asked;
use crate::claimed::Claimed;
use crate::draft::{Draft, Ready};
use crate::error::TurnError;
use crate::stop::Stop;
use crate::{instruct, plan, publish, purse, undo, words};
use bootstrap::fault;
use domain::message::{FailureKind, Kind, Outcome, Status};
use ports::messages::{Message, Progress};
use ports::metrics::Metric;
use ports::progress::ProgressEvent;
use ports::{ErrorKind, PortError};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// Tries of one message in one container's life before the owner is told that it failed.
const TRIES: u32 = 3;
/// Turns of one message over all containers: beyond this it is the message that ends them.
const TURNS: u32 = 40;

/// Brings one message to its outcome, or returns the error after which it may be tried again. `stop` ends the turn.
pub(crate) async fn carry_out(
    claimed: &Arc<Claimed>,
    message: &Message,
    tries: u32,
    stop: &Stop,
) -> Result<(), PortError> {
    match attempt(claimed, message, stop).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::LeaseLost || claimed.ending.is_cancelled() => {
            Err(error.to_port())
        }
        Err(error) if tries < TRIES && error.kind() == ErrorKind::Transient => Err(error.to_port()),
        Err(error) => {
            warn!(message.id = %message.id, %error, "giving up; the owner is told");
            answer(claimed, message, Draft::failed(error.failure(), words::gave_up(&error))).await
        }
    }
}

async fn answer(claimed: &Claimed, message: &Message, draft: Draft) -> Result<(), PortError> {
    // A prepared outcome that could not be made true (an origin that refuses the push) gives way to this one.
    claimed.backends.messages.unprepare(&message.id, &claimed.id, claimed.epoch).await?;
    let turn = claimed.backends.messages.begin(&message.id, &claimed.id, claimed.epoch).await?;
    store(claimed, message, &draft.outcome(message, turn, Instant::now())).await
}

async fn attempt(claimed: &Arc<Claimed>, message: &Message, stop: &Stop) -> Result<(), TurnError> {
    if let Progress::Prepared { outcome, .. } = &message.progress {
        if effect(claimed, message, outcome).await? {
            return Ok(store(claimed, message, outcome).await?);
        }
        claimed.backends.messages.unprepare(&message.id, &claimed.id, claimed.epoch).await?;
    }
    let began = Instant::now();
    let turn = claimed.backends.messages.begin(&message.id, &claimed.id, claimed.epoch).await?;
    fault::point("turn.begun");
    claimed.tell(message, ProgressEvent::Started { message: message.id.clone() });
    let ready = match run(claimed, message, turn, stop).await {
        Ok(ready) => settled(claimed, message, ready, stop).await,
        Err(error) => Err(error),
    };
    fault::point("turn.ended");
    match ready {
        Ok(ready) => finish(claimed, message, ready, (turn, began)).await,
        Err(error) => {
            purse::write_off(claimed, message, turn, stop.purse()).await;
            Err(error)
        }
    }
}

/// The turn itself, up to what is left to do when it has its result.
async fn run(claimed: &Arc<Claimed>, message: &Message, turn: u32, stop: &Stop) -> Result<Ready, TurnError> {
    Ok(match message.kind {
        _ if turn > TURNS => {
            Ready::Answer(Draft::failed(FailureKind::Limit, words::TOO_MANY_TURNS.to_owned()))
        }
        Kind::Publish => publish::run(claimed, message).await?,
        Kind::Instruct | Kind::Answer | Kind::Approve | Kind::Reject => {
            word(claimed, message, turn, stop).await?
        }
        Kind::Undo => undo::run(claimed, message).await?,
        Kind::Cancel => Ready::Answer(Draft::done(Status::Done, words::CANCELLED)),
        Kind::Rollback => {
            Ready::Answer(Draft::failed(FailureKind::Denied, words::NOTHING_TO_DECIDE.to_owned()))
        }
    })
}

/// The result with the receipt for it.
async fn settled(
    claimed: &Claimed,
    message: &Message,
    ready: Ready,
    stop: &Stop,
) -> Result<Ready, TurnError> {
    Ok(match ready {
        Ready::Answer(draft) => Ready::Answer(purse::settle(claimed, message, draft, stop.purse()).await?),
        Ready::Effect(draft) => Ready::Effect(purse::settle(claimed, message, draft, stop.purse()).await?),
    })
}

/// An instruction, or the owner's word on a plan or a question.
async fn word(claimed: &Arc<Claimed>, message: &Message, turn: u32, stop: &Stop) -> Result<Ready, TurnError> {
    let mut past = claimed.backends.messages.of_thread(&message.thread).await?;
    past.retain(|earlier| earlier.seq < message.seq);
    let says = |words: &str| Ok(Ready::Answer(Draft::done(Status::Done, words)));
    let agreed = match (message.kind, plan::waiting(&past)) {
        (Kind::Approve | Kind::Reject, None) => return says(words::NOTHING_TO_DECIDE),
        (Kind::Reject, Some(_)) => return says(words::REJECTED),
        (Kind::Approve, Some(plan)) if plan.is_done() => return plan.bring_in(claimed, message).await,
        (Kind::Approve, Some(plan)) => Some(plan),
        (Kind::Answer, Some(plan)) => return plan.asked_back(claimed, message).await,
        _ => None,
    };
    instruct::run(claimed, Asked { message, past: &past, agreed }, turn, stop).await
}

async fn finish(
    claimed: &Claimed,
    message: &Message,
    ready: Ready,
    (turn, began): (u32, Instant),
) -> Result<(), TurnError> {
    match ready {
        Ready::Answer(draft) => store(claimed, message, &draft.outcome(message, turn, began)).await?,
        Ready::Effect(draft) => {
            let outcome = draft.outcome(message, turn, began);
            claimed.backends.messages.prepare(&outcome, &claimed.id, claimed.epoch).await?;
            fault::point("outcome.prepared");
            if !effect(claimed, message, &outcome).await? {
                claimed.backends.messages.unprepare(&message.id, &claimed.id, claimed.epoch).await?;
                purse::void(claimed, message, &outcome).await?;
                return Err(TurnError::Local("the branch moved meanwhile; the work is done anew".to_owned()));
            }
            store(claimed, message, &outcome).await?;
        }
    }
    info!(message.id = %message.id, turn, took_ms = began.elapsed().as_millis(), "turn ended");
    Ok(())
}

/// Makes a prepared outcome true; false when that cannot be done any more and the turn must be run anew.
async fn effect(claimed: &Claimed, message: &Message, outcome: &Outcome) -> Result<bool, TurnError> {
    match outcome.status {
        Status::Published => publish::push(claimed, message, outcome).await,
        _ => instruct::move_branch(claimed, message, outcome).await,
    }
}

fn measure(claimed: &Claimed, outcome: &Outcome) {
    let metrics = &claimed.backends.metrics;
    let ended = if outcome.error.is_some() { Metric::TurnsFailed } else { Metric::TurnsCompleted };
    metrics.count(ended, 1.0);
    metrics.count(Metric::TurnSeconds, Duration::from_millis(outcome.duration_ms).as_secs_f64());
}

async fn store(claimed: &Claimed, message: &Message, outcome: &Outcome) -> Result<(), PortError> {
    purse::enter(claimed, message, outcome).await?;
    fault::point("spending.entered");
    claimed.backends.messages.answer(outcome, &claimed.id, claimed.epoch).await?;
    measure(claimed, outcome);
    fault::point("outcome.stored");
    let body = serde_json::to_string(outcome).map_err(|e| PortError::new(ErrorKind::Malformed, e))?;
    // A bell that does not ring is rung by Hermes' sweep.
    if let Err(error) = claimed.backends.queues.send(&claimed.queues.output, &body).await {
        warn!(message.id = %outcome.message_id, %error, "the outcome is stored but was not rung");
    }
    fault::point("outcome.rung");
    Ok(())
}
