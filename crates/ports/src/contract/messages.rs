//! What the record of messages promises.

use super::Harness;
use super::sample::{container, fresh, message, message_in, outcome, pair, refused, reply, thread, together};
use crate::error::ErrorKind;
use crate::messages::{Channel, MailOrigin, Message, Progress, Recorded};
use crate::replies::ReplyKind;
use domain::message::{Attachment, Kind, Outcome, Status};
use domain::session::Event;
use domain::{ContainerId, Epoch, Pair, Seq, Timestamp};
use std::collections::HashSet;

/// Recorded once, in order; carried out by the claim's holder alone; answered once.
pub async fn messages_contract(harness: &dyn Harness) {
    what_is_recorded_is_read_back(harness).await;
    the_same_message_offered_again_changes_nothing(harness).await;
    the_same_message_offered_by_many_at_once_has_one_place(harness).await;
    messages_recorded_at_once_have_places_without_a_gap(harness).await;
    a_thread_stays_with_its_pair(harness).await;
    nothing_half_is_recorded(harness).await;
    only_the_holder_of_the_claim_may_act(harness).await;
    a_container_whose_claim_lapsed_is_refused(harness).await;
    every_begin_is_a_turn_of_its_own(harness).await;
    a_prepared_outcome_waits_for_its_effect(harness).await;
    a_prepared_outcome_can_be_dropped(harness).await;
    a_message_is_answered_once(harness).await;
    an_answer_names_its_thread_s_newest_snapshot(harness).await;
    a_rollback_is_settled_without_a_container(harness).await;
    what_waits_is_found_by_pair_and_kind(harness).await;
    a_wanted_session_makes_its_pair_wait(harness).await;
    an_answer_is_untold_until_its_result_is_said(harness).await;
    what_is_asked_is_listed_until_it_is_enough(harness).await;
    what_was_never_recorded_is_not_found(harness).await;
}

/// A recorded message and the claim of a container on its pair.
async fn claimed(harness: &dyn Harness) -> (Message, ContainerId, Epoch) {
    let (pair, by) = (pair(), container());
    let message = fresh(harness.messages().record(message(&pair)).await.unwrap());
    let epoch = harness.claims().take(&pair, &by, harness.lease()).await.unwrap().unwrap();
    (message, by, epoch)
}

async fn what_is_recorded_is_read_back(harness: &dyn Harness) {
    let messages = harness.messages();
    let mut new = message(&pair());
    new.channel = Channel::Mail(MailOrigin {
        address: "ann@example.org".to_owned(),
        message_id: "m1@example.org".to_owned(),
        references: vec!["m0@example.org".to_owned()],
        subject: "Öffnungszeiten \u{1f600}".to_owned(),
    });
    "> quoted\n".clone_into(&mut new.material);
    new.attachments = vec![Attachment {
        name: "photo.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        bytes: 12,
        blob: "attachments/1".to_owned(),
    }];
    let recorded = fresh(messages.record(new.clone()).await.unwrap());
    assert_eq!(recorded.seq, Seq(1));
    assert_eq!(recorded.progress, Progress::Waiting);
    let read = messages.get(&new.id).await.unwrap();
    assert_eq!(read, recorded);
    assert_eq!((read.thread, read.pair, read.author), (new.thread, new.pair, new.author));
    assert_eq!((read.channel, read.kind, read.received_at), (new.channel, new.kind, new.received_at));
    assert_eq!((read.instruction, read.material), (new.instruction, new.material));
    assert_eq!(read.attachments, new.attachments);
}

async fn the_same_message_offered_again_changes_nothing(harness: &dyn Harness) {
    let messages = harness.messages();
    let pair = pair();
    let first = message(&pair);
    let recorded = fresh(messages.record(first.clone()).await.unwrap());
    let mut again = message(&pair);
    again.dedupe = first.dedupe;
    "other words".clone_into(&mut again.instruction);
    let new_thread = again.thread.clone();
    assert_eq!(messages.record(again).await.unwrap(), Recorded::Known(recorded));
    refused(harness.threads().get(&new_thread).await, ErrorKind::NotFound);
    assert_eq!(messages.unanswered(&pair).await.unwrap().len(), 1);
}

async fn the_same_message_offered_by_many_at_once_has_one_place(harness: &dyn Harness) {
    let (pair, thread) = (pair(), thread());
    let dedupe = message(&pair).dedupe;
    let offers = (0..16).map(|_| {
        let (messages, mut new) = (harness.messages(), message_in(&pair, &thread));
        new.dedupe.clone_from(&dedupe);
        async move { messages.record(new).await.unwrap() }
    });
    let answers = together(offers).await;
    let fresh = answers.iter().filter(|answer| matches!(answer, Recorded::Fresh(_))).count();
    assert_eq!(fresh, 1);
    let ids: HashSet<_> = answers
        .into_iter()
        .map(|answer| match answer {
            Recorded::Fresh(message) | Recorded::Known(message) => (message.id, message.seq),
        })
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(harness.messages().of_thread(&thread).await.unwrap().len(), 1);
}

async fn messages_recorded_at_once_have_places_without_a_gap(harness: &dyn Harness) {
    let (pair, thread) = (pair(), thread());
    let records = (0..24).map(|_| {
        let (messages, new) = (harness.messages(), message_in(&pair, &thread));
        async move { fresh(messages.record(new).await.unwrap()).seq }
    });
    let mut seqs = together(records).await;
    seqs.sort();
    let want: Vec<Seq> = (1..=24).map(Seq).collect();
    assert_eq!(seqs, want);
    let stored = harness.messages().of_thread(&thread).await.unwrap();
    assert_eq!(stored.iter().map(|message| message.seq).collect::<Vec<_>>(), want);
}

async fn a_thread_stays_with_its_pair(harness: &dyn Harness) {
    let messages = harness.messages();
    let first = fresh(messages.record(message(&pair())).await.unwrap());
    refused(messages.record(message_in(&pair(), &first.thread)).await, ErrorKind::Conflict);
    assert_eq!(messages.of_thread(&first.thread).await.unwrap(), [first]);
}

async fn nothing_half_is_recorded(harness: &dyn Harness) {
    let (messages, threads) = (harness.messages(), harness.threads());
    let pair = pair();
    let first = fresh(messages.record(message(&pair)).await.unwrap());
    // An id that is taken is refused after the thread and its alias were thought of.
    let mut bad = message(&pair);
    bad.id = first.id.clone();
    bad.aliases = vec![format!("{}@half", bad.thread.as_str())];
    let (thread, alias) = (bad.thread.clone(), bad.aliases[0].clone());
    refused(messages.record(bad).await, ErrorKind::Conflict);
    refused(threads.get(&thread).await, ErrorKind::NotFound);
    assert_eq!(threads.by_alias(&pair.project_id, &alias).await.unwrap(), None);
    assert_eq!(messages.get(&first.id).await.unwrap(), first);
}

/// Asserts that this claim may do nothing at all.
async fn assert_fenced(harness: &dyn Harness, message: &Message, by: &ContainerId, epoch: Epoch) {
    let messages = harness.messages();
    let before = messages.get(&message.id).await.unwrap();
    let outcome = outcome(message, Status::Done);
    refused(messages.begin(&message.id, by, epoch).await, ErrorKind::LeaseLost);
    refused(messages.prepare(&outcome, by, epoch).await, ErrorKind::LeaseLost);
    refused(messages.unprepare(&message.id, by, epoch).await, ErrorKind::LeaseLost);
    refused(messages.answer(&outcome, by, epoch).await, ErrorKind::LeaseLost);
    assert_eq!(messages.get(&message.id).await.unwrap(), before);
}

async fn only_the_holder_of_the_claim_may_act(harness: &dyn Harness) {
    let (message, by, epoch) = claimed(harness).await;
    assert_fenced(harness, &message, &container(), epoch).await;
    assert_fenced(harness, &message, &by, Epoch(epoch.0 + 1)).await;
    let unclaimed = fresh(harness.messages().record(super::sample::message(&pair())).await.unwrap());
    assert_fenced(harness, &unclaimed, &by, epoch).await;
}

async fn a_container_whose_claim_lapsed_is_refused(harness: &dyn Harness) {
    let (message, by, epoch) = claimed(harness).await;
    harness.messages().begin(&message.id, &by, epoch).await.unwrap();
    harness.pass(harness.lease()).await;
    assert_fenced(harness, &message, &by, epoch).await;
    let heir = container();
    let next = harness.claims().take(&message.pair, &heir, harness.lease()).await.unwrap().unwrap();
    assert_fenced(harness, &message, &by, epoch).await;
    assert_eq!(harness.messages().begin(&message.id, &heir, next).await.unwrap(), 2);
    harness.messages().answer(&outcome(&message, Status::Done), &heir, next).await.unwrap();
    assert_fenced(harness, &message, &by, epoch).await;
}

async fn every_begin_is_a_turn_of_its_own(harness: &dyn Harness) {
    let messages = harness.messages();
    let (message, by, epoch) = claimed(harness).await;
    for turn in 1..=3 {
        assert_eq!(messages.begin(&message.id, &by, epoch).await.unwrap(), turn);
        let progress = messages.get(&message.id).await.unwrap().progress;
        assert_eq!(progress, Progress::Running { epoch, turn });
    }
}

async fn a_prepared_outcome_waits_for_its_effect(harness: &dyn Harness) {
    let messages = harness.messages();
    let (message, by, epoch) = claimed(harness).await;
    messages.begin(&message.id, &by, epoch).await.unwrap();
    let outcome = outcome(&message, Status::Done);
    messages.prepare(&outcome, &by, epoch).await.unwrap();
    let stored = messages.get(&message.id).await.unwrap();
    assert_eq!(stored.progress, Progress::Prepared { turn: 1, outcome: outcome.clone() });
    assert_eq!(stored.outcome(), None);
    refused(messages.begin(&message.id, &by, epoch).await, ErrorKind::Conflict);
    assert_eq!(messages.unanswered(&message.pair).await.unwrap(), [stored]);
    messages.answer(&outcome, &by, epoch).await.unwrap();
    refused(messages.prepare(&outcome, &by, epoch).await, ErrorKind::Conflict);
    refused(messages.begin(&message.id, &by, epoch).await, ErrorKind::Conflict);
    refused(messages.unprepare(&message.id, &by, epoch).await, ErrorKind::Conflict);
}

async fn a_prepared_outcome_can_be_dropped(harness: &dyn Harness) {
    let messages = harness.messages();
    let (message, by, epoch) = claimed(harness).await;
    messages.begin(&message.id, &by, epoch).await.unwrap();
    messages.prepare(&outcome(&message, Status::Done), &by, epoch).await.unwrap();
    messages.unprepare(&message.id, &by, epoch).await.unwrap();
    assert_eq!(messages.begin(&message.id, &by, epoch).await.unwrap(), 2);
}

async fn an_answer_names_its_thread_s_newest_snapshot(harness: &dyn Harness) {
    let messages = harness.messages();
    let (first, by, epoch) = claimed(harness).await;
    let snapshot = async || harness.threads().get(&first.thread).await.unwrap().snapshot;
    assert_eq!(snapshot().await, None);
    let built = Outcome { snapshot: Some("0123abcd".to_owned()), ..outcome(&first, Status::Done) };
    messages.prepare(&built, &by, epoch).await.unwrap();
    assert_eq!(snapshot().await, None, "it is not true yet");
    messages.answer(&built, &by, epoch).await.unwrap();
    messages.answer(&built, &by, epoch).await.unwrap();
    assert_eq!(snapshot().await.as_deref(), Some("0123abcd"));
    // An answer without one leaves the thread with the one it has.
    let second = fresh(messages.record(message_in(&first.pair, &first.thread)).await.unwrap());
    messages.answer(&outcome(&second, Status::Question), &by, epoch).await.unwrap();
    assert_eq!(snapshot().await.as_deref(), Some("0123abcd"));
}

async fn a_message_is_answered_once(harness: &dyn Harness) {
    let messages = harness.messages();
    let (message, by, epoch) = claimed(harness).await;
    let first = outcome(&message, Status::Done);
    messages.answer(&first, &by, epoch).await.unwrap();
    let stored = messages.get(&message.id).await.unwrap();
    assert_eq!(stored.outcome(), Some(&first));
    messages.answer(stored.outcome().unwrap(), &by, epoch).await.unwrap();
    let mut other = first.clone();
    "something else".clone_into(&mut other.summary);
    refused(messages.answer(&other, &by, epoch).await, ErrorKind::Conflict);
    refused(messages.settle(&other).await, ErrorKind::Conflict);
    assert_eq!(messages.get(&message.id).await.unwrap(), stored);
    assert!(messages.unanswered(&message.pair).await.unwrap().is_empty());
    assert!(!messages.waiting_pairs().await.unwrap().contains(&message.pair));
}

async fn a_rollback_is_settled_without_a_container(harness: &dyn Harness) {
    let messages = harness.messages();
    let mut new = message(&pair());
    new.kind = Kind::Rollback;
    let message = fresh(messages.record(new).await.unwrap());
    assert!(messages.unanswered(&message.pair).await.unwrap().is_empty());
    assert!(!messages.waiting_pairs().await.unwrap().contains(&message.pair));
    assert!(messages.waiting_of_kind(Kind::Rollback).await.unwrap().contains(&message));
    let outcome = outcome(&message, Status::Done);
    messages.settle(&outcome).await.unwrap();
    messages.settle(&outcome).await.unwrap();
    let waiting = messages.waiting_of_kind(Kind::Rollback).await.unwrap();
    assert!(waiting.iter().all(|other| other.id != message.id));
}

async fn what_waits_is_found_by_pair_and_kind(harness: &dyn Harness) {
    let messages = harness.messages();
    let (pair, thread) = (pair(), thread());
    assert_eq!(messages.waiting_since(&pair).await.unwrap(), None);
    let mut recorded = Vec::new();
    for (kind, at) in [(Kind::Publish, 9_000), (Kind::Undo, 7_000), (Kind::Publish, 8_000)] {
        let mut new = message_in(&pair, &thread);
        new.kind = kind;
        new.received_at = Timestamp(at);
        recorded.push(fresh(messages.record(new).await.unwrap()));
    }
    assert_eq!(messages.unanswered(&pair).await.unwrap(), recorded);
    assert_eq!(waiting(harness, &pair).await, 1);
    assert_eq!(messages.waiting_since(&pair).await.unwrap(), Some(Timestamp(7_000)));
    let (by, lease) = (container(), harness.lease());
    let epoch = harness.claims().take(&pair, &by, lease).await.unwrap().unwrap();
    messages.answer(&outcome(&recorded[1], Status::Done), &by, epoch).await.unwrap();
    assert_eq!(messages.waiting_since(&pair).await.unwrap(), Some(Timestamp(8_000)));
    let of_kind: Vec<Message> = messages.waiting_of_kind(Kind::Publish).await.unwrap();
    let ours: Vec<&Message> = of_kind.iter().filter(|message| message.pair == pair).collect();
    assert_eq!(ours, [&recorded[0], &recorded[2]]);
}

/// How often a pair is named as waiting.
async fn waiting(harness: &dyn Harness, pair: &Pair) -> usize {
    let pairs = harness.messages().waiting_pairs().await.unwrap();
    pairs.iter().filter(|other| *other == pair).count()
}

async fn a_wanted_session_makes_its_pair_wait(harness: &dyn Harness) {
    let (message, by, epoch) = claimed(harness).await;
    harness.messages().answer(&outcome(&message, Status::Done), &by, epoch).await.unwrap();
    assert_eq!(waiting(harness, &message.pair).await, 0);
    harness.sessions().apply(&message.thread, Event::Wanted).await.unwrap();
    assert_eq!(waiting(harness, &message.pair).await, 1);
    harness.sessions().apply(&message.thread, Event::Served { by, epoch }).await.unwrap();
    assert_eq!(waiting(harness, &message.pair).await, 0);
}

async fn what_is_asked_is_listed_until_it_is_enough(harness: &dyn Harness) {
    let (messages, replies) = (harness.messages(), harness.replies());
    let (message, by, epoch) = claimed(harness).await;
    let is_asking = async || messages.asking().await.unwrap().iter().any(|other| other.id == message.id);
    messages.answer(&outcome(&message, Status::Question), &by, epoch).await.unwrap();
    assert!(!is_asking().await, "nobody was asked yet");
    replies.record(&reply(&message, ReplyKind::Result)).await.unwrap();
    assert!(is_asking().await);
    assert!(replies.record(&reply(&message, ReplyKind::Reminder)).await.unwrap());
    assert!(!replies.record(&reply(&message, ReplyKind::Reminder)).await.unwrap());
    assert!(is_asking().await);
    messages.stop_asking(&message.id).await.unwrap();
    messages.stop_asking(&message.id).await.unwrap();
    assert!(!is_asking().await);
    assert!(!messages.untold(None, None).await.unwrap().iter().any(|other| other.id == message.id));
}

async fn an_answer_is_untold_until_its_result_is_said(harness: &dyn Harness) {
    let (messages, replies) = (harness.messages(), harness.replies());
    let (message, by, epoch) = claimed(harness).await;
    let project = message.pair.project_id.clone();
    let untold = |status| {
        let (messages, project) = (messages.clone(), project.clone());
        async move { messages.untold(Some(&project), status).await.unwrap().len() }
    };
    assert_eq!(untold(None).await, 0);
    messages.answer(&outcome(&message, Status::Published), &by, epoch).await.unwrap();
    replies.record(&reply(&message, ReplyKind::Received)).await.unwrap();
    assert_eq!(untold(None).await, 1);
    assert_eq!(untold(Some(Status::Published)).await, 1);
    assert_eq!(untold(Some(Status::Done)).await, 0);
    let everywhere = messages.untold(None, Some(Status::Published)).await.unwrap();
    assert!(everywhere.iter().any(|other| other.id == message.id));
    replies.record(&reply(&message, ReplyKind::Result)).await.unwrap();
    assert_eq!(untold(None).await, 0);
}

async fn what_was_never_recorded_is_not_found(harness: &dyn Harness) {
    let messages = harness.messages();
    let (message, by, epoch) = claimed(harness).await;
    let mut unknown = outcome(&message, Status::Done);
    unknown.message_id = super::sample::message_id();
    refused(messages.get(&unknown.message_id).await, ErrorKind::NotFound);
    refused(messages.settle(&unknown).await, ErrorKind::NotFound);
    refused(messages.answer(&unknown, &by, epoch).await, ErrorKind::NotFound);
    assert!(messages.of_thread(&thread()).await.unwrap().is_empty());
}
