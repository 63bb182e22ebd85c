//! What claims promise.

use super::Harness;
use super::sample::{container, fresh, message, outcome, pair, refused, together};
use crate::claims::{Claim, Release};
use crate::error::ErrorKind;
use domain::message::Status;
use domain::session::Event;
use std::sync::Arc;

/// One container at a time, under epochs that only rise.
pub async fn claims_contract(harness: &dyn Harness) {
    one_of_many_takes_a_free_pair(harness).await;
    a_taken_pair_is_refused_until_its_lease_lapses(harness).await;
    the_holder_may_take_again_at_a_new_epoch(harness).await;
    renewing_keeps_a_claim(harness).await;
    a_lapsed_claim_cannot_be_renewed(harness).await;
    letting_go_frees_the_pair_and_epochs_go_on(harness).await;
    letting_go_of_a_claim_that_is_over_changes_nothing(harness).await;
    a_waiting_message_keeps_the_claim(harness).await;
    a_wanted_session_keeps_the_claim(harness).await;
    a_message_is_never_left_behind_by_letting_go(harness).await;
}

async fn one_of_many_takes_a_free_pair(harness: &dyn Harness) {
    let (pair, lease) = (pair(), harness.lease());
    let takes = (0..16).map(|_| {
        let (claims, pair, by) = (harness.claims(), pair.clone(), container());
        async move { claims.take(&pair, &by, lease).await.unwrap() }
    });
    let epochs = together(takes).await;
    assert_eq!(epochs.iter().flatten().count(), 1, "{epochs:?}");
}

async fn a_taken_pair_is_refused_until_its_lease_lapses(harness: &dyn Harness) {
    let (claims, pair, lease) = (harness.claims(), pair(), harness.lease());
    let (one, two) = (container(), container());
    assert_eq!(claims.holder(&pair).await.unwrap(), None);
    let first = claims.take(&pair, &one, lease).await.unwrap().unwrap();
    assert_eq!(claims.take(&pair, &two, lease).await.unwrap(), None);
    let held = Claim { pair: pair.clone(), by: one.clone(), epoch: first };
    assert_eq!(claims.holder(&pair).await.unwrap().as_ref(), Some(&held));
    assert!(claims.held().await.unwrap().contains(&held));
    harness.pass(lease).await;
    assert_eq!(claims.holder(&pair).await.unwrap(), None);
    assert!(!claims.held().await.unwrap().contains(&held));
    let second = claims.take(&pair, &two, lease).await.unwrap().unwrap();
    assert!(second > first);
}

async fn the_holder_may_take_again_at_a_new_epoch(harness: &dyn Harness) {
    let (claims, pair, lease, by) = (harness.claims(), pair(), harness.lease(), container());
    let first = claims.take(&pair, &by, lease).await.unwrap().unwrap();
    let second = claims.take(&pair, &by, lease).await.unwrap().unwrap();
    assert!(second > first);
    refused(claims.renew(&pair, &by, first, lease).await, ErrorKind::LeaseLost);
    claims.renew(&pair, &by, second, lease).await.unwrap();
}

async fn renewing_keeps_a_claim(harness: &dyn Harness) {
    let (claims, pair, lease, by) = (harness.claims(), pair(), harness.lease(), container());
    let epoch = claims.take(&pair, &by, lease).await.unwrap().unwrap();
    for _ in 0..3 {
        harness.pass(lease / 2).await;
        claims.renew(&pair, &by, epoch, lease).await.unwrap();
    }
    assert_eq!(claims.holder(&pair).await.unwrap().map(|claim| claim.epoch), Some(epoch));
}

async fn a_lapsed_claim_cannot_be_renewed(harness: &dyn Harness) {
    let (claims, pair, lease, by) = (harness.claims(), pair(), harness.lease(), container());
    let epoch = claims.take(&pair, &by, lease).await.unwrap().unwrap();
    refused(claims.renew(&pair, &container(), epoch, lease).await, ErrorKind::LeaseLost);
    harness.pass(lease).await;
    refused(claims.renew(&pair, &by, epoch, lease).await, ErrorKind::LeaseLost);
}

async fn letting_go_frees_the_pair_and_epochs_go_on(harness: &dyn Harness) {
    let (claims, pair, lease, by) = (harness.claims(), pair(), harness.lease(), container());
    let first = claims.take(&pair, &by, lease).await.unwrap().unwrap();
    assert_eq!(claims.release_idle(&pair, &by, first).await.unwrap(), Release::Released);
    assert_eq!(claims.holder(&pair).await.unwrap(), None);
    let second = claims.take(&pair, &container(), lease).await.unwrap().unwrap();
    assert!(second > first);
}

async fn letting_go_of_a_claim_that_is_over_changes_nothing(harness: &dyn Harness) {
    let (claims, pair, lease) = (harness.claims(), pair(), harness.lease());
    let (one, two) = (container(), container());
    let first = claims.take(&pair, &one, lease).await.unwrap().unwrap();
    harness.pass(lease).await;
    let second = claims.take(&pair, &two, lease).await.unwrap().unwrap();
    claims.release(&pair, &one, first).await.unwrap();
    assert_eq!(claims.release_idle(&pair, &one, first).await.unwrap(), Release::Released);
    assert_eq!(claims.holder(&pair).await.unwrap().map(|claim| claim.epoch), Some(second));
    claims.release(&pair, &two, second).await.unwrap();
    assert_eq!(claims.holder(&pair).await.unwrap(), None);
}

async fn a_waiting_message_keeps_the_claim(harness: &dyn Harness) {
    let (claims, messages) = (harness.claims(), harness.messages());
    let (pair, by) = (pair(), container());
    let message = fresh(messages.record(message(&pair)).await.unwrap());
    let epoch = claims.take(&pair, &by, harness.lease()).await.unwrap().unwrap();
    assert_eq!(claims.release_idle(&pair, &by, epoch).await.unwrap(), Release::StillWanted);
    messages.answer(&outcome(&message, Status::Done), &by, epoch).await.unwrap();
    assert_eq!(claims.release_idle(&pair, &by, epoch).await.unwrap(), Release::Released);
}

async fn a_wanted_session_keeps_the_claim(harness: &dyn Harness) {
    let (claims, messages, sessions) = (harness.claims(), harness.messages(), harness.sessions());
    let (pair, by) = (pair(), container());
    let message = fresh(messages.record(message(&pair)).await.unwrap());
    let epoch = claims.take(&pair, &by, harness.lease()).await.unwrap().unwrap();
    messages.answer(&outcome(&message, Status::Done), &by, epoch).await.unwrap();
    sessions.apply(&message.thread, Event::Wanted).await.unwrap();
    assert_eq!(claims.release_idle(&pair, &by, epoch).await.unwrap(), Release::StillWanted);
    sessions.apply(&message.thread, Event::Served { by: by.clone(), epoch }).await.unwrap();
    assert_eq!(claims.release_idle(&pair, &by, epoch).await.unwrap(), Release::Released);
}

/// Whichever comes first: either the claim goes on, or the pair is seen waiting and free.
async fn a_message_is_never_left_behind_by_letting_go(harness: &dyn Harness) {
    for _ in 0..16 {
        let (claims, messages) = (harness.claims(), harness.messages());
        let (pair, by) = (pair(), container());
        let epoch = claims.take(&pair, &by, harness.lease()).await.unwrap().unwrap();
        let (recorded, released) = tokio::join!(
            tokio::spawn({
                let (messages, new) = (Arc::clone(&messages), message(&pair));
                async move { messages.record(new).await.unwrap() }
            }),
            claims.release_idle(&pair, &by, epoch),
        );
        fresh(recorded.unwrap());
        let held = claims.holder(&pair).await.unwrap().is_some();
        assert_eq!(held, released.unwrap() == Release::StillWanted);
        assert!(messages.waiting_pairs().await.unwrap().contains(&pair));
        claims.release(&pair, &by, epoch).await.unwrap();
    }
}
