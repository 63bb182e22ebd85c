//! Each form of announcement, once and again.

use crate::flaky::Flaky;
use crate::letter::{Letter, in_sns};
use crate::office::Office;
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE};
use hermes::incoming::{self, Envelope};
use ports::queues::Depth;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const S3_TEST: &str = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"webordinary-mail"}"#;

#[tokio::test]
async fn each_form_is_taken_once_and_answered_once() {
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    for body in [
        letter.in_s3(),
        in_sns(&letter.in_s3()),
        letter.s3_event(),
        in_sns(&letter.s3_event()),
        letter.inline(),
        in_sns(&letter.inline()),
        json!({ "blob": letter.key() }),
    ] {
        let office = Office::open().await;
        if body.to_string().contains(&letter.key()) {
            office.deliver(&letter).await;
        }
        office.ring(&body.to_string()).await;
        office.taken_once(&letter.id).await;
        office.close().await;
    }
}

#[tokio::test]
async fn our_own_pointer_is_taken_as_ever() {
    let office = Office::open().await;
    let letter = Letter::of_ann("0198");
    let envelope = Envelope { from: letter.from.clone(), to: letter.to.clone() };
    // By the door nobody has stamped it, and nobody needs to.
    let raw = "From: ann@stamps.example\r\nSubject: Hours\r\n\r\nPlease close at 4 on Fridays\r\n";
    incoming::store(&office.backends, "0198", &envelope, raw.as_bytes()).await.unwrap();
    office.until("the mail is read", async || !office.keys("mail/read/").await.is_empty()).await;
    office.ring(&json!({ "blob": "mail/incoming/0198" }).to_string()).await;
    office.taken_once(&letter.id).await;
    office.close().await;
}

#[tokio::test]
async fn announced_again_in_any_form_it_changes_nothing() {
    let office = Office::open().await;
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    office.deliver(&letter).await;
    for body in [in_sns(&letter.in_s3()), in_sns(&letter.in_s3()), letter.s3_event(), letter.inline()] {
        office.ring(&body.to_string()).await;
        office.taken_once(&letter.id).await;
    }
    // The same mail, sent again by a server that did not hear SES' answer: another id of SES, the same Message-ID.
    let mut again = letter.clone();
    again.id = "0000sentagain".to_owned();
    let raw = again.raw().replace("0000sentagain@mail.example", &format!("{}@mail.example", letter.id));
    office.backends.blobs.put(&again.key(), "message/rfc822", raw.into()).await.unwrap();
    office.ring(&again.in_s3().to_string()).await;
    assert_eq!((office.messages().await.len(), office.sent()), (1, 1));
    office.close().await;
}

#[tokio::test]
async fn one_mail_to_two_addresses_of_ours_is_taken_for_each() {
    let office = Office::open().await;
    let mut first = Letter::of_ann("o3vrnil0e2ic28trm7df");
    let mut second = first.clone();
    first.to = vec!["nobody@stamps.localhost".to_owned()];
    second.to = vec!["edit@stamps.localhost".to_owned()];
    office.deliver(&first).await;
    // Two receipt rules, two notifications, one object.
    office.ring(&first.in_s3().to_string()).await;
    office.untouched().await;
    office.ring(&second.in_s3().to_string()).await;
    office.taken_once(&second.id).await;
    office.close().await;
}

#[tokio::test]
async fn what_nobody_announced_is_found_by_the_sweep_after_a_while() {
    let office = Office::open().await;
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    office.deliver(&letter).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    office.untouched().await;
    office.clock.pass(Duration::from_mins(6));
    office.until("the stray is read", async || office.keys("mail/ses/").await.is_empty()).await;
    office.taken_once(&letter.id).await;
    office.close().await;
}

#[tokio::test]
async fn what_fails_for_now_comes_again_later_and_later() {
    let flaky = Arc::new(AtomicU32::new(2));
    let fails = flaky.clone();
    let office = Office::open_with(|blobs| Arc::new(Flaky { blobs, fails })).await;
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    office.deliver(&letter).await;
    office.backends.queues.send(EMAIL_QUEUE, &letter.in_s3().to_string()).await.unwrap();
    for (rest, left) in [(20, 1), (120, 0)] {
        office.until("it failed", async || flaky.load(Ordering::SeqCst) == left).await;
        office.untouched().await;
        // Rested shorter than that, it stays hidden.
        office.clock.pass(Duration::from_secs(rest - 5));
        office.backends.queues.send(EMAIL_QUEUE, S3_TEST).await.unwrap();
        let only_ours = Depth { ready: 0, in_flight: 1 };
        office.until("the bell is heard", async || office.depth().await == only_ours).await;
        office.untouched().await;
        office.clock.pass(Duration::from_secs(rest));
        office.backends.queues.send(EMAIL_QUEUE, S3_TEST).await.unwrap();
    }
    office.until("the mail is read", async || office.depth().await == Depth::default()).await;
    office.taken_once(&letter.id).await;
    office.close().await;
}

#[tokio::test]
async fn what_can_never_be_read_goes_to_the_operator_at_once() {
    let office = Office::open().await;
    let missing = Letter::of_ann("neverstored").in_s3().to_string();
    for body in ["no JSON", "{}", missing.as_str()] {
        let before = office.dead_letters().await;
        office.ring(body).await;
        assert_eq!(office.dead_letters().await, before + 1, "{body}");
    }
    let (wait, lease) = (Duration::ZERO, Duration::from_mins(1));
    let dead = office.backends.queues.receive(EMAIL_DLQ, 10, wait, lease).await.unwrap();
    assert_eq!(dead.iter().map(|d| d.body.as_str()).collect::<Vec<_>>(), ["no JSON", "{}", missing.as_str()]);
    office.untouched().await;
    for delivery in dead {
        office.backends.queues.ack(&delivery.receipt).await.unwrap();
    }
    office.ring(S3_TEST).await;
    office.close().await;
}
