//! What queues promise.

use super::Harness;
use super::sample::{refused, together, unique};
use crate::error::ErrorKind;
use crate::queues::{Delivery, Depth, MAX_RECEIVES, Queues, Unused};
use domain::names::{QUEUE_BODY_MAX, QUEUE_NAME_MAX};
use std::collections::HashSet;
use std::time::Duration;

/// Long enough for a message to arrive, where that takes time.
const WAIT: Duration = Duration::from_secs(5);
/// Looks at something that comes true in its own time, and the wait between two.
const TRIES: u32 = 700;
const BETWEEN: Duration = Duration::from_millis(100);

/// Queues deliver at least once, lease each delivery, and put away what nobody settles.
pub async fn queues_contract(harness: &dyn Harness) {
    a_sent_message_is_received_once_and_settled(harness).await;
    a_delivery_that_is_not_settled_comes_back(harness).await;
    an_extended_lease_keeps_a_delivery_hidden(harness).await;
    a_receipt_is_worthless_once_another_has_the_message(harness).await;
    settling_twice_is_fine(harness).await;
    after_three_receives_a_message_is_a_dead_letter(harness).await;
    readers_share_a_queue_and_none_gets_anothers(harness).await;
    a_waiting_reader_is_woken_by_a_send(harness).await;
    a_waiting_reader_gets_what_lapses_meanwhile(harness).await;
    a_receive_returns_at_most_what_was_asked(harness).await;
    ensuring_again_keeps_what_is_queued(harness).await;
    names_and_bodies_have_limits(harness).await;
    what_nobody_uses_is_found(harness).await;
    what_does_not_exist_is_not_found(harness).await;
}

async fn queue(harness: &dyn Harness) -> String {
    let name = format!("contract-{}", unique());
    harness.queues().ensure(&name, None, MAX_RECEIVES).await.unwrap();
    name
}

async fn one(harness: &dyn Harness, queue: &str) -> Delivery {
    let mut got = harness.queues().receive(queue, 1, WAIT, harness.lease()).await.unwrap();
    assert_eq!(got.len(), 1, "one message waits in {queue}");
    got.remove(0)
}

async fn assert_nothing(harness: &dyn Harness, queue: &str) {
    let got = harness.queues().receive(queue, 10, Duration::ZERO, harness.lease()).await.unwrap();
    assert!(got.is_empty(), "{got:?}");
}

/// Waits for a count, which SQS brings up to date in its own time.
async fn comes_to(harness: &dyn Harness, queue: &str, depth: Depth) {
    for _ in 0..TRIES {
        if harness.queues().depth(queue).await.unwrap() == depth {
            return;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    panic!("{queue} did not come to {depth:?}: {:?}", harness.queues().depth(queue).await);
}

async fn a_sent_message_is_received_once_and_settled(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    let body = "ünïcode\n\"quotes\" \u{1f600}";
    queues.send(&name, body).await.unwrap();
    let got = one(harness, &name).await;
    assert_eq!((got.body.as_str(), got.attempt), (body, 1));
    comes_to(harness, &name, Depth { ready: 0, in_flight: 1 }).await;
    assert_nothing(harness, &name).await;
    queues.ack(&got.receipt).await.unwrap();
    harness.pass(harness.lease()).await;
    assert_nothing(harness, &name).await;
}

async fn a_delivery_that_is_not_settled_comes_back(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "again").await.unwrap();
    assert_eq!(one(harness, &name).await.attempt, 1);
    harness.pass(harness.lease()).await;
    let got = one(harness, &name).await;
    assert_eq!((got.body.as_str(), got.attempt), ("again", 2));
    queues.ack(&got.receipt).await.unwrap();
}

async fn an_extended_lease_keeps_a_delivery_hidden(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "slow").await.unwrap();
    let got = one(harness, &name).await;
    queues.extend(&got.receipt, harness.lease() * 3).await.unwrap();
    harness.pass(harness.lease()).await;
    assert_nothing(harness, &name).await;
    queues.ack(&got.receipt).await.unwrap();
}

async fn a_receipt_is_worthless_once_another_has_the_message(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "contended").await.unwrap();
    let first = one(harness, &name).await;
    harness.pass(harness.lease()).await;
    let second = one(harness, &name).await;
    refused(queues.ack(&first.receipt).await, ErrorKind::LeaseLost);
    refused(queues.extend(&first.receipt, harness.lease()).await, ErrorKind::LeaseLost);
    comes_to(harness, &name, Depth { ready: 0, in_flight: 1 }).await;
    queues.ack(&second.receipt).await.unwrap();
}

async fn settling_twice_is_fine(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "once").await.unwrap();
    let got = one(harness, &name).await;
    queues.ack(&got.receipt).await.unwrap();
    queues.ack(&got.receipt).await.unwrap();
}

async fn after_three_receives_a_message_is_a_dead_letter(harness: &dyn Harness) {
    let queues = harness.queues();
    let name = format!("contract-{}", unique());
    let dead = format!("{name}-dlq");
    queues.ensure(&name, Some(&dead), MAX_RECEIVES).await.unwrap();
    queues.send(&name, "poison").await.unwrap();
    for attempt in 1..=MAX_RECEIVES {
        assert_eq!(one(harness, &name).await.attempt, attempt);
        harness.pass(harness.lease()).await;
    }
    assert_nothing(harness, &name).await;
    let letter = one(harness, &dead).await;
    assert_eq!((letter.body.as_str(), letter.receipt.queue.as_str()), ("poison", dead.as_str()));
    queues.ack(&letter.receipt).await.unwrap();
}

async fn readers_share_a_queue_and_none_gets_anothers(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    let sends = (0..40).map(|n| {
        let (queues, name) = (queues.clone(), name.clone());
        async move { queues.send(&name, &n.to_string()).await.unwrap() }
    });
    together(sends).await;
    let readers = (0..4).map(|_| {
        let (queues, name, lease) = (queues.clone(), name.clone(), harness.lease());
        async move { drain(queues.as_ref(), &name, lease).await }
    });
    let got: Vec<String> = together(readers).await.concat();
    // One that comes twice is allowed; one that is missing is not.
    assert_eq!(got.into_iter().collect::<HashSet<_>>().len(), 40);
}

async fn drain(queues: &dyn Queues, name: &str, lease: Duration) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        let got = queues.receive(name, 10, Duration::from_millis(300), lease).await.unwrap();
        if got.is_empty() {
            return bodies;
        }
        for delivery in got {
            queues.ack(&delivery.receipt).await.unwrap();
            bodies.push(delivery.body);
        }
    }
}

async fn a_waiting_reader_is_woken_by_a_send(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    let waiting = queues.receive(&name, 10, WAIT * 4, harness.lease());
    let sending = async {
        // Gives the reader time to have looked and found nothing.
        tokio::time::sleep(Duration::from_millis(50)).await;
        queues.send(&name, "ring").await.unwrap();
    };
    let begin = std::time::Instant::now();
    let (got, ()) = tokio::join!(waiting, sending);
    assert_eq!(got.unwrap().len(), 1);
    assert!(begin.elapsed() < WAIT * 2, "{:?}", begin.elapsed());
}

async fn a_waiting_reader_gets_what_lapses_meanwhile(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "lapses").await.unwrap();
    let lease = Duration::from_secs(1);
    let first = queues.receive(&name, 1, WAIT, lease).await.unwrap();
    assert_eq!(first.len(), 1);
    let (got, ()) = tokio::join!(queues.receive(&name, 1, WAIT, harness.lease()), harness.pass(lease));
    assert_eq!(got.unwrap().first().map(|delivery| delivery.attempt), Some(2));
}

async fn a_receive_returns_at_most_what_was_asked(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    for n in 0..3 {
        queues.send(&name, &n.to_string()).await.unwrap();
    }
    let got = queues.receive(&name, 2, WAIT, harness.lease()).await.unwrap();
    assert!((1..=2).contains(&got.len()), "{}", got.len());
    for max in [0, 11] {
        refused(queues.receive(&name, max, WAIT, harness.lease()).await, ErrorKind::Malformed);
    }
}

async fn ensuring_again_keeps_what_is_queued(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "kept").await.unwrap();
    queues.ensure(&name, None, MAX_RECEIVES).await.unwrap();
    assert_eq!(one(harness, &name).await.body, "kept");
}

async fn names_and_bodies_have_limits(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    let long = "q".repeat(QUEUE_NAME_MAX + 1);
    for bad in ["", "a b", "a.fifo", "a/b", "é", long.as_str()] {
        refused(queues.ensure(bad, None, MAX_RECEIVES).await, ErrorKind::Malformed);
    }
    refused(queues.send(&name, &"x".repeat(QUEUE_BODY_MAX + 1)).await, ErrorKind::Malformed);
    let largest = "x".repeat(QUEUE_BODY_MAX);
    queues.send(&name, &largest).await.unwrap();
    assert!(one(harness, &name).await.body == largest);
}

async fn what_nobody_uses_is_found(harness: &dyn Harness) {
    let queues = harness.queues();
    let name = format!("contract-{}", unique());
    let dead = format!("{name}-dlq");
    queues.ensure(&name, Some(&dead), MAX_RECEIVES).await.unwrap();
    let unused = async || {
        let found = queues.unused(harness.lease(), usize::MAX).await.unwrap();
        found.into_iter().find(|unused| unused.queue == name)
    };
    assert_eq!(unused().await, None, "it has just been created");
    harness.pass(harness.lease()).await;
    assert_eq!(unused().await, Some(Unused { queue: name.clone(), dead_letters: Some(dead) }));
    assert!(queues.unused(harness.lease(), 0).await.unwrap().is_empty());
    queues.remove(&name).await.unwrap();
    assert_eq!(unused().await, None);
}

async fn what_does_not_exist_is_not_found(harness: &dyn Harness) {
    let (queues, name) = (harness.queues(), queue(harness).await);
    queues.send(&name, "gone").await.unwrap();
    queues.remove(&name).await.unwrap();
    queues.remove(&name).await.unwrap();
    // SQS takes up to a minute to forget a queue.
    for _ in 0..TRIES {
        if queues.send(&name, "x").await.is_err() {
            break;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    refused(queues.send(&name, "x").await, ErrorKind::NotFound);
    refused(queues.depth(&name).await, ErrorKind::NotFound);
    refused(queues.receive(&name, 1, Duration::ZERO, harness.lease()).await, ErrorKind::NotFound);
}
