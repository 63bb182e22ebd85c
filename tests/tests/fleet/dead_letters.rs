//! Messages that nobody can carry out: where they go, and how an operator gets rid of them or lets them have their way.

use domain::names::{EMAIL_DLQ, EMAIL_QUEUE, QueueSet};
use domain::{Pair, UserId};
use embedded::Embedded;
use fleet_tests::letter::{DEMO, OWNER, replace};
use fleet_tests::wait::until;
use fleet_tests::{Fleet, Letter, Options, Place};
use ports::clock::SystemClock;
use ports::queues::{MAX_RECEIVES, ensure_set};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const SES_ID: &str = "o3vrnil0e2ic28trm7df";
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens the store of a product that does not run.
async fn store(place: &Place) -> Embedded {
    Embedded::open(&place.data(), Arc::new(SystemClock)).await.unwrap()
}

fn owners_queues() -> QueueSet {
    QueueSet::of(&Pair {
        client_id: "local".parse().unwrap(),
        project_id: "demo".parse().unwrap(),
        user_id: UserId::of_address(OWNER),
    })
}

/// What SES says about a mail.
fn notice() -> String {
    let pass = json!({ "status": "PASS" });
    json!({
        "notificationType": "Received",
        "receipt": {
            "recipients": [DEMO], "spfVerdict": pass, "dkimVerdict": pass, "dmarcVerdict": pass, "spamVerdict": pass,
            "virusVerdict": pass, "processingTimeMillis": "574",
            "action": { "type": "S3", "bucketName": "mail", "objectKey": format!("mail/ses/{SES_ID}") },
        },
        "mail": { "timestamp": "2026-01-05T10:16:00.832Z", "source": OWNER, "messageId": SES_ID },
    })
    .to_string()
}

/// Waits until `dlq list` says this of a queue.
async fn listed(fleet: &Fleet, line: &str) {
    let there = async || fleet.command(&["dlq", "list"]).await.unwrap().contains(line).then_some(());
    until(&format!("{line:?} in the list of dead letters"), PATIENCE, there).await;
}

/// The id before the letter with these words.
fn id_of<'a>(shown: &'a str, words: &str) -> &'a str {
    let letter = shown.split("\n\n").find(|letter| letter.contains(words)).unwrap();
    letter.trim_start().split("  ").next().unwrap()
}

#[tokio::test]
async fn dead_letters_are_listed_shown_dropped_and_sent_again() {
    let place = Place::new();
    let set = owners_queues();
    {
        let queues = store(&place).await.queues();
        queues.ensure(EMAIL_QUEUE, Some(EMAIL_DLQ), MAX_RECEIVES).await.unwrap();
        ensure_set(&*queues, &set).await.unwrap();
        queues.send(EMAIL_QUEUE, "no JSON at all").await.unwrap();
        // Its mail is not there: somebody has moved it by mistake.
        queues.send(EMAIL_QUEUE, &notice()).await.unwrap();
        queues.send(&set.input, r#"{"kind":"instruct"}"#).await.unwrap();
    }
    let mut fleet = Fleet::launch(place, &Options::quick()).await;
    fleet.until_ready().await;
    listed(&fleet, &format!("2  {EMAIL_DLQ}")).await;
    let shown = fleet.command(&["dlq", "show", EMAIL_DLQ]).await.unwrap();
    assert!(shown.contains("  \"notificationType\": \"Received\"") && shown.contains(" d old"), "{shown}");
    let dropped = fleet.command(&["dlq", "drop", EMAIL_DLQ, id_of(&shown, "no JSON at all")]).await.unwrap();
    assert_eq!(dropped, "1 dead letter was dropped.");

    // The container has no use for what is no work, and goes on.
    fleet.ask(&Letter::new(&replace("We close at 6 on Fridays", "We close at 4 on Fridays"))).await;
    listed(&fleet, &format!("1  {}", set.dlq)).await;
    let dropped = fleet.command(&["dlq", "drop", &set.dlq]).await.unwrap();
    assert_eq!(dropped, "1 dead letter was dropped.");
    let refused = fleet.command(&["dlq", "drop", EMAIL_QUEUE]).await.unwrap_err();
    assert!(refused.contains("nothing here"), "only dead letters are dropped: {refused}");

    fleet.interrupt();
    fleet.exit(fleet_tests::fleet::GRACE).await;
    let letter = Letter::new(&replace("Country rye", "Village rye"));
    {
        let blobs = store(&fleet.place).await.blobs();
        blobs.put(&format!("mail/ses/{SES_ID}"), "message/rfc822", letter.raw().into()).await.unwrap();
    }
    fleet.restart(&Options::quick()).await;
    let replayed = fleet.command(&["dlq", "replay", EMAIL_DLQ]).await.unwrap();
    assert_eq!(replayed, "1 dead letter was sent again.");
    let result = fleet.outbox.result_of(&letter.id).await;
    assert!(result.text().contains("src/pages"), "{}", result.text());
    assert_eq!(fleet.command(&["dlq", "list"]).await.unwrap(), "There are no dead letters.");
    fleet.finish().await;
}
