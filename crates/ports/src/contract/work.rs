//! What the ports promise together: the store is the truth, queues only ring.

use super::Harness;
use super::sample::{container, fresh, message_in, outcome, pair, thread, unique};
use crate::error::{ErrorKind, Result};
use crate::messages::{Message, Progress};
use crate::queues::MAX_RECEIVES;
use domain::message::Status;
use domain::{ContainerId, Epoch, MessageId, Pair};
use std::time::Duration;

/// Whatever happens to the bells, each message is answered once, in its order.
pub async fn work_contract(harness: &dyn Harness) {
    lost_bells_change_nothing(harness).await;
    doubled_and_reordered_bells_change_nothing(harness).await;
    a_late_bell_finds_the_work_done(harness).await;
    a_dead_container_s_work_is_done_once_by_its_heir(harness).await;
}

/// A pair with messages in one thread, a queue, and whoever works.
struct Scene {
    pair: Pair,
    queue: String,
    recorded: Vec<Message>,
}

async fn scene(harness: &dyn Harness) -> Scene {
    let (pair, thread, queue) = (pair(), thread(), format!("contract-{}", unique()));
    harness.queues().ensure(&queue, None, MAX_RECEIVES).await.unwrap();
    let mut recorded = Vec::new();
    for _ in 0..4 {
        recorded.push(fresh(harness.messages().record(message_in(&pair, &thread)).await.unwrap()));
    }
    Scene { pair, queue, recorded }
}

async fn ring(harness: &dyn Harness, scene: &Scene, order: &[usize]) {
    for &n in order {
        harness.queues().send(&scene.queue, scene.recorded[n].id.as_str()).await.unwrap();
    }
}

async fn claim(harness: &dyn Harness, scene: &Scene) -> (ContainerId, Epoch) {
    let by = container();
    let epoch = harness.claims().take(&scene.pair, &by, harness.lease()).await.unwrap().unwrap();
    (by, epoch)
}

/// What a container does when it starts and at each bell: takes what is due from the store.
async fn work(harness: &dyn Harness, scene: &Scene, by: &ContainerId, epoch: Epoch) -> Vec<MessageId> {
    let mut done = Vec::new();
    for message in harness.messages().unanswered(&scene.pair).await.unwrap() {
        if carry_out(harness, &message, by, epoch).await.is_ok() {
            done.push(message.id);
        }
    }
    done
}

async fn carry_out(harness: &dyn Harness, message: &Message, by: &ContainerId, epoch: Epoch) -> Result<()> {
    let messages = harness.messages();
    let mut outcome = outcome(message, Status::Done);
    outcome.turn = messages.begin(&message.id, by, epoch).await?;
    messages.prepare(&outcome, by, epoch).await?;
    messages.answer(&outcome, by, epoch).await
}

/// Hears every bell there is, and works at each.
async fn hear(harness: &dyn Harness, scene: &Scene, by: &ContainerId, epoch: Epoch) -> Vec<MessageId> {
    let (queues, mut done) = (harness.queues(), Vec::new());
    loop {
        let wait = Duration::from_millis(300);
        let bells = queues.receive(&scene.queue, 10, wait, harness.lease()).await.unwrap();
        if bells.is_empty() {
            return done;
        }
        for bell in bells {
            queues.ack(&bell.receipt).await.unwrap();
            done.extend(work(harness, scene, by, epoch).await);
        }
    }
}

fn ids(messages: &[Message]) -> Vec<MessageId> {
    messages.iter().map(|message| message.id.clone()).collect()
}

async fn assert_each_answered_in_one_turn(harness: &dyn Harness, scene: &Scene) {
    for message in &scene.recorded {
        match harness.messages().get(&message.id).await.unwrap().progress {
            Progress::Answered { outcome, .. } => assert_eq!(outcome.turn, 1),
            other => panic!("{} is not answered but {other:?}", message.id),
        }
    }
}

async fn lost_bells_change_nothing(harness: &dyn Harness) {
    let scene = scene(harness).await;
    ring(harness, &scene, &[0, 1]).await;
    harness.queues().remove(&scene.queue).await.unwrap();
    assert!(harness.messages().waiting_pairs().await.unwrap().contains(&scene.pair));
    let (by, epoch) = claim(harness, &scene).await;
    assert_eq!(work(harness, &scene, &by, epoch).await, ids(&scene.recorded));
    assert_each_answered_in_one_turn(harness, &scene).await;
}

async fn doubled_and_reordered_bells_change_nothing(harness: &dyn Harness) {
    let scene = scene(harness).await;
    ring(harness, &scene, &[3, 1, 3, 0, 2, 1, 3, 0]).await;
    let (by, epoch) = claim(harness, &scene).await;
    assert_eq!(hear(harness, &scene, &by, epoch).await, ids(&scene.recorded));
    assert_each_answered_in_one_turn(harness, &scene).await;
}

async fn a_late_bell_finds_the_work_done(harness: &dyn Harness) {
    let scene = scene(harness).await;
    let (by, epoch) = claim(harness, &scene).await;
    assert_eq!(work(harness, &scene, &by, epoch).await.len(), scene.recorded.len());
    ring(harness, &scene, &[2, 0]).await;
    assert!(hear(harness, &scene, &by, epoch).await.is_empty());
    assert_each_answered_in_one_turn(harness, &scene).await;
}

async fn a_dead_container_s_work_is_done_once_by_its_heir(harness: &dyn Harness) {
    let (scene, messages) = (scene(harness).await, harness.messages());
    let (dead, old) = claim(harness, &scene).await;
    let first = &scene.recorded[0];
    messages.begin(&first.id, &dead, old).await.unwrap();
    harness.pass(harness.lease()).await;
    let (heir, epoch) = claim(harness, &scene).await;
    assert_eq!(work(harness, &scene, &heir, epoch).await, ids(&scene.recorded));
    // It was only slow, and comes back.
    let err = carry_out(harness, first, &dead, old).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::LeaseLost);
    let outcome = messages.get(&first.id).await.unwrap().outcome().map(|outcome| outcome.turn);
    assert_eq!(outcome, Some(2));
}
