//! What the register of sessions promises.

use super::Harness;
use super::sample::{container, fresh, message, pair, refused, thread};
use crate::error::ErrorKind;
use crate::messages::Message;
use domain::session::{Event, Session};
use domain::{ContainerId, Epoch};

/// A session is served as long as the claim that serves it is held.
pub async fn sessions_contract(harness: &dyn Harness) {
    a_thread_wakes_is_served_and_sleeps(harness).await;
    a_session_whose_claim_lapsed_sleeps_and_can_be_woken(harness).await;
    what_lapsed_is_put_to_sleep_once(harness).await;
    a_claim_that_is_over_cannot_serve(harness).await;
    a_new_claim_takes_a_session_over(harness).await;
    sessions_that_are_awake_are_found_by_pair(harness).await;
    a_thread_that_does_not_exist_has_no_session(harness).await;
}

async fn recorded(harness: &dyn Harness) -> Message {
    fresh(harness.messages().record(message(&pair())).await.unwrap())
}

async fn claim(harness: &dyn Harness, message: &Message) -> (ContainerId, Epoch) {
    let by = container();
    let epoch = harness.claims().take(&message.pair, &by, harness.lease()).await.unwrap().unwrap();
    (by, epoch)
}

async fn word(harness: &dyn Harness, message: &Message) -> &'static str {
    harness.sessions().get(&message.thread).await.unwrap().unwrap().session.word()
}

async fn a_thread_wakes_is_served_and_sleeps(harness: &dyn Harness) {
    let (sessions, message) = (harness.sessions(), recorded(harness).await);
    assert_eq!(sessions.get(&message.thread).await.unwrap(), None);
    let wanted = sessions.apply(&message.thread, Event::Wanted).await.unwrap();
    assert!(matches!(wanted, Session::Initializing { .. }));
    assert_eq!(sessions.apply(&message.thread, Event::Wanted).await.unwrap(), wanted);
    let (by, epoch) = claim(harness, &message).await;
    let served = Event::Served { by: by.clone(), epoch };
    let active = sessions.apply(&message.thread, served).await.unwrap();
    assert_eq!(active, Session::Active { by: by.clone(), epoch });
    let row = sessions.get(&message.thread).await.unwrap().unwrap();
    assert_eq!((row.session, row.pair), (active, message.pair.clone()));
    let draining = sessions.apply(&message.thread, Event::Draining { epoch }).await.unwrap();
    assert_eq!(draining, Session::Draining { by, epoch });
    sessions.apply(&message.thread, Event::Left { epoch }).await.unwrap();
    assert_eq!(word(harness, &message).await, "sleeping");
}

async fn a_session_whose_claim_lapsed_sleeps_and_can_be_woken(harness: &dyn Harness) {
    let (sessions, message) = (harness.sessions(), recorded(harness).await);
    let (by, epoch) = claim(harness, &message).await;
    sessions.apply(&message.thread, Event::Served { by, epoch }).await.unwrap();
    assert_eq!(word(harness, &message).await, "active");
    harness.pass(harness.lease()).await;
    assert_eq!(word(harness, &message).await, "sleeping");
    assert!(sessions.awake(&message.pair).await.unwrap().is_empty());
    sessions.apply(&message.thread, Event::Wanted).await.unwrap();
    assert_eq!(word(harness, &message).await, "initializing");
}

async fn what_lapsed_is_put_to_sleep_once(harness: &dyn Harness) {
    let (sessions, first, taken_over) =
        (harness.sessions(), recorded(harness).await, recorded(harness).await);
    for message in [&first, &taken_over] {
        let (by, epoch) = claim(harness, message).await;
        sessions.apply(&message.thread, Event::Served { by, epoch }).await.unwrap();
    }
    let lapsed = sessions.lapse().await.unwrap();
    assert!(!lapsed.contains(&first.thread) && word(harness, &first).await == "active");
    harness.pass(harness.lease()).await;
    // Its pair has a new claim, and a session that is served under it.
    let (by, epoch) = claim(harness, &taken_over).await;
    let other = fresh(harness.messages().record(message(&taken_over.pair)).await.unwrap());
    sessions.apply(&other.thread, Event::Served { by, epoch }).await.unwrap();
    let lapsed = sessions.lapse().await.unwrap();
    assert!(lapsed.contains(&first.thread) && lapsed.contains(&taken_over.thread), "{lapsed:?}");
    assert!(!lapsed.contains(&other.thread));
    let lapsed = sessions.lapse().await.unwrap();
    assert!(!lapsed.contains(&first.thread) && !lapsed.contains(&taken_over.thread), "{lapsed:?}");
    for (message, is) in [(&first, "sleeping"), (&taken_over, "sleeping"), (&other, "active")] {
        assert_eq!(word(harness, message).await, is);
    }
    // What sleeps can be claimed and served as ever.
    let (by, epoch) = claim(harness, &first).await;
    sessions.apply(&first.thread, Event::Served { by, epoch }).await.unwrap();
    assert_eq!(word(harness, &first).await, "active");
}

async fn a_claim_that_is_over_cannot_serve(harness: &dyn Harness) {
    let (sessions, message) = (harness.sessions(), recorded(harness).await);
    let (by, epoch) = claim(harness, &message).await;
    harness.pass(harness.lease()).await;
    sessions.apply(&message.thread, Event::Wanted).await.unwrap();
    let served = Event::Served { by: by.clone(), epoch };
    refused(sessions.apply(&message.thread, served).await, ErrorKind::Conflict);
    refused(sessions.apply(&message.thread, Event::Draining { epoch }).await, ErrorKind::Conflict);
    assert_eq!(word(harness, &message).await, "initializing");
}

async fn a_new_claim_takes_a_session_over(harness: &dyn Harness) {
    let (sessions, message) = (harness.sessions(), recorded(harness).await);
    let (old, first) = claim(harness, &message).await;
    sessions.apply(&message.thread, Event::Served { by: old, epoch: first }).await.unwrap();
    harness.pass(harness.lease()).await;
    let (by, epoch) = claim(harness, &message).await;
    let served = Event::Served { by: by.clone(), epoch };
    assert_eq!(sessions.apply(&message.thread, served).await.unwrap(), Session::Active { by, epoch });
    refused(sessions.apply(&message.thread, Event::Left { epoch: first }).await, ErrorKind::Conflict);
    assert_eq!(word(harness, &message).await, "active");
}

async fn sessions_that_are_awake_are_found_by_pair(harness: &dyn Harness) {
    let (sessions, messages) = (harness.sessions(), harness.messages());
    let first = recorded(harness).await;
    let second = fresh(messages.record(message(&first.pair)).await.unwrap());
    let third = fresh(messages.record(message(&first.pair)).await.unwrap());
    let (by, epoch) = claim(harness, &first).await;
    sessions.apply(&first.thread, Event::Wanted).await.unwrap();
    for thread in [&second.thread, &third.thread] {
        sessions.apply(thread, Event::Served { by: by.clone(), epoch }).await.unwrap();
    }
    sessions.apply(&third.thread, Event::Left { epoch }).await.unwrap();
    let mut awake: Vec<_> =
        sessions.awake(&first.pair).await.unwrap().into_iter().map(|row| row.thread).collect();
    awake.sort();
    let mut want = vec![first.thread, second.thread];
    want.sort();
    assert_eq!(awake, want);
}

async fn a_thread_that_does_not_exist_has_no_session(harness: &dyn Harness) {
    let sessions = harness.sessions();
    refused(sessions.apply(&thread(), Event::Wanted).await, ErrorKind::NotFound);
    assert_eq!(sessions.get(&thread()).await.unwrap(), None);
}
