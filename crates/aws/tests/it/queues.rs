//! Queues: what AWS enforces and the stand-in does not, and what a queue is made with.

use crate::{StandIn, stand_in};
use aws::{Clients, SqsQueues, resources};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE, QUEUE_BODY_MAX, QUEUE_TRACKING_TABLE};
use ports::queues::{MAX_RECEIVES, Unused};
use ports::{ErrorKind, Queues};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use testkit::Fault;

type Row = HashMap<String, AttributeValue>;

async fn with_tracking() -> StandIn {
    let stand_in = stand_in().await;
    aws::tables::ensure_tables(&stand_in.clients).await.unwrap();
    stand_in
}

async fn row(clients: &Clients, queue: &str) -> Row {
    let asked = clients.dynamodb.get_item().table_name(QUEUE_TRACKING_TABLE);
    let answer = asked.key("queue", AttributeValue::S(queue.to_owned())).send().await.unwrap();
    answer.item.unwrap_or_default()
}

fn time(row: &Row, name: &str) -> Option<i64> {
    row.get(name).map(|value| value.as_n().unwrap().parse().unwrap())
}

/// Makes the last deletion of a queue this much older.
async fn age(clients: &Clients, queue: &str, by: Duration) {
    let deleted_at = time(&row(clients, queue).await, "deletedAt").unwrap();
    let older = deleted_at - i64::try_from(by.as_millis()).unwrap();
    let update = clients.dynamodb.update_item().table_name(QUEUE_TRACKING_TABLE);
    let update = update.key("queue", AttributeValue::S(queue.to_owned()));
    let update = update.update_expression("SET deletedAt = :older");
    update.expression_attribute_values(":older", AttributeValue::N(older.to_string())).send().await.unwrap();
}

async fn attributes(clients: &Clients, queue: &str) -> HashMap<QueueAttributeName, String> {
    let url = clients.sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
    let asked = clients.sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    asked.send().await.unwrap().attributes.unwrap()
}

#[tokio::test]
async fn a_deleted_queues_name_is_free_after_a_minute() {
    let stand_in = with_tracking().await;
    let queues = SqsQueues::new(&stand_in.clients);
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    queues.remove("shop").await.unwrap();
    age(&stand_in.clients, "shop", Duration::from_secs(10)).await;
    // Deleting what is gone does not begin the minute anew; and another process knows of it.
    queues.remove("shop").await.unwrap();
    for queues in [&queues, &SqsQueues::new(&stand_in.clients)] {
        for dead in [None, Some("shop-dlq")] {
            let refused = queues.ensure("shop", dead, MAX_RECEIVES).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Transient);
            let left: u64 =
                refused.to_string().split(" s ").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
            assert!((40..=50).contains(&left), "{refused}");
        }
        let refused = queues.ensure("else", Some("shop"), MAX_RECEIVES).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Transient);
    }
    assert_eq!(queues.send("shop", "x").await.unwrap_err().kind(), ErrorKind::NotFound);
    age(&stand_in.clients, "shop", Duration::from_secs(51)).await;
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    queues.send("shop", "x").await.unwrap();
}

#[tokio::test]
async fn the_table_tells_of_each_life_of_a_queue() {
    let stand_in = with_tracking().await;
    let (clients, queues) = (&stand_in.clients, SqsQueues::new(&stand_in.clients));
    queues.ensure("shop", Some("shop-dlq"), MAX_RECEIVES).await.unwrap();
    let born = row(clients, "shop").await;
    assert!(time(&born, "createdAt").is_some() && born.get("createdAt") == born.get("lastUsed"));
    assert!(time(&row(clients, "shop-dlq").await, "createdAt").is_some());
    // A use within the hour is not written down.
    queues.ensure("shop", Some("shop-dlq"), MAX_RECEIVES).await.unwrap();
    assert_eq!(row(clients, "shop").await, born);
    queues.remove("shop").await.unwrap();
    let dead = row(clients, "shop").await;
    let (deleted_at, expires_at) = (time(&dead, "deletedAt").unwrap(), time(&dead, "expiresAt").unwrap());
    assert_eq!(expires_at, (deleted_at + 24 * 60 * 60 * 1000) / 1000);
    age(clients, "shop", Duration::from_secs(61)).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    queues.ensure("shop", Some("shop-dlq"), MAX_RECEIVES).await.unwrap();
    let again = row(clients, "shop").await;
    assert!(time(&again, "createdAt") > time(&born, "createdAt"));
    assert!(!again.contains_key("deletedAt") && !again.contains_key("expiresAt"), "{again:?}");
}

#[tokio::test]
async fn a_queue_has_our_attributes_and_tags() {
    let stand_in = with_tracking().await;
    let clients = &stand_in.clients;
    resources::ensure_queues(clients).await.unwrap();
    let (work, dead) = (attributes(clients, EMAIL_QUEUE).await, attributes(clients, EMAIL_DLQ).await);
    let policy: serde_json::Value = serde_json::from_str(&work[&QueueAttributeName::RedrivePolicy]).unwrap();
    assert_eq!(policy["deadLetterTargetArn"], dead[&QueueAttributeName::QueueArn].as_str());
    assert_eq!(policy["maxReceiveCount"], MAX_RECEIVES);
    for (name, of_work, of_dead) in [
        (QueueAttributeName::MessageRetentionPeriod, "345600", "1209600"),
        (QueueAttributeName::ReceiveMessageWaitTimeSeconds, "20", "20"),
        (QueueAttributeName::VisibilityTimeout, "300", "300"),
        (QueueAttributeName::SqsManagedSseEnabled, "true", "true"),
    ] {
        assert_eq!((work[&name].as_str(), dead[&name].as_str()), (of_work, of_dead), "{name}");
    }
    for (queue, role) in [(EMAIL_QUEUE, "work"), (EMAIL_DLQ, "dead-letters")] {
        let url = clients.sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url;
        let tags = clients.sqs.list_queue_tags().set_queue_url(url).send().await.unwrap().tags.unwrap();
        assert_eq!((tags["application"].as_str(), tags["role"].as_str()), ("webordinary", role));
    }
}

#[tokio::test]
async fn a_queue_that_was_made_otherwise_is_brought_up_to_date() {
    let stand_in = with_tracking().await;
    let (clients, queues) = (&stand_in.clients, SqsQueues::new(&stand_in.clients));
    let other = clients.sqs.create_queue().queue_name("shop");
    other.attributes(QueueAttributeName::VisibilityTimeout, "7").send().await.unwrap();
    queues.ensure("shop", Some("shop-dlq"), 4).await.unwrap();
    let found = attributes(clients, "shop").await;
    assert_eq!(found[&QueueAttributeName::VisibilityTimeout], "300");
    assert!(found[&QueueAttributeName::RedrivePolicy].contains("shop-dlq"));
    queues.ensure("shop", None, 4).await.unwrap();
    assert!(!attributes(clients, "shop").await.contains_key(&QueueAttributeName::RedrivePolicy));
}

#[tokio::test]
async fn what_sqs_would_refuse_is_malformed() {
    let stand_in = with_tracking().await;
    let queues = SqsQueues::new(&stand_in.faulty);
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    let asked = stand_in.proxy.seen();
    let longest = "q".repeat(80);
    for bad in ["", "a.b", "q q", &"q".repeat(81)] {
        assert_eq!(queues.ensure(bad, None, 3).await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(queues.ensure("q", Some(bad), 3).await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(queues.send(bad, "x").await.unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(queues.remove(bad).await.unwrap_err().kind(), ErrorKind::Malformed);
    }
    for body in ["", &"ü".repeat(QUEUE_BODY_MAX / 2 + 1)] {
        assert_eq!(queues.send("shop", body).await.unwrap_err().kind(), ErrorKind::Malformed);
    }
    for receives in [0, 1001] {
        assert_eq!(queues.ensure("q", None, receives).await.unwrap_err().kind(), ErrorKind::Malformed);
    }
    assert_eq!(stand_in.proxy.seen(), asked, "none of it was sent");
    queues.ensure(&longest, None, MAX_RECEIVES).await.unwrap();
    assert_eq!(queues.send("shop", "a\0b").await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn throttled_and_broken_calls_are_repeated() {
    let stand_in = with_tracking().await;
    let queues = SqsQueues::new(&stand_in.faulty);
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    for fault in [Fault::Throttle, Fault::Unavailable, Fault::Cut] {
        let before = stand_in.proxy.seen();
        stand_in.proxy.fail_next(2, fault);
        let begun = Instant::now();
        queues.send("shop", "x").await.unwrap();
        // A burst of refusals costs a pause, and not the calls after it.
        assert!(begun.elapsed() < Duration::from_secs(12), "{fault:?}: {:?}", begun.elapsed());
        assert_eq!(stand_in.proxy.seen() - before, 3, "{fault:?}");
    }
    let got = queues.receive("shop", 10, Duration::ZERO, Duration::from_secs(30)).await.unwrap();
    assert_eq!(got.len(), 3);
}

#[tokio::test]
async fn a_wait_of_whole_seconds_is_one_call() {
    let stand_in = with_tracking().await;
    let queues = SqsQueues::new(&stand_in.faulty);
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    let (before, began, wait) = (stand_in.proxy.seen(), Instant::now(), Duration::from_secs(2));
    assert!(queues.receive("shop", 1, wait, wait).await.unwrap().is_empty());
    assert!(began.elapsed() >= wait.saturating_sub(Duration::from_millis(100)), "{:?}", began.elapsed());
    assert_eq!(stand_in.proxy.seen() - before, 1);
}

#[tokio::test]
async fn a_service_that_never_answers_is_transient() {
    let stand_in = with_tracking().await;
    let queues = SqsQueues::new(&stand_in.faulty);
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    for fault in [Fault::Throttle, Fault::Cut] {
        stand_in.proxy.fail_always(fault);
        let before = stand_in.proxy.seen();
        let refused = queues.send("shop", "x").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Transient, "{refused}");
        assert_eq!(stand_in.proxy.seen() - before, 5, "{fault:?}");
        stand_in.proxy.heal();
    }
    queues.send("shop", "x").await.unwrap();
}

#[tokio::test]
async fn an_acknowledgement_whose_answer_was_lost_has_settled_its_message() {
    let stand_in = with_tracking().await;
    let queues = SqsQueues::new(&stand_in.faulty);
    queues.ensure("shop", None, MAX_RECEIVES).await.unwrap();
    queues.send("shop", "x").await.unwrap();
    let got = queues.receive("shop", 1, Duration::ZERO, Duration::from_secs(30)).await.unwrap();
    stand_in.proxy.fail_next(1, Fault::LoseAnswer);
    // SQS itself accepts the repetition; the stand-in knows the receipt no more.
    let _ = queues.ack(&got[0].receipt).await;
    assert_eq!(queues.depth("shop").await.unwrap(), ports::queues::Depth::default());
}

#[tokio::test]
async fn a_queue_is_unused_until_somebody_uses_it_again() {
    let stand_in = with_tracking().await;
    let clients = &stand_in.clients;
    let day = Duration::from_hours(24);
    SqsQueues::new(clients).ensure("shop", Some("shop-dlq"), MAX_RECEIVES).await.unwrap();
    clients.sqs.create_queue().queue_name("deployed").send().await.unwrap();
    for (queue, used_by) in [("shop", "send"), ("shop", "receive"), ("shop", "ensure")] {
        let long_ago = time(&row(clients, queue).await, "lastUsed").unwrap() - 25 * 60 * 60 * 1000;
        let update = clients.dynamodb.update_item().table_name(QUEUE_TRACKING_TABLE);
        let update = update.key("queue", AttributeValue::S(queue.to_owned()));
        let update = update.update_expression("SET lastUsed = :long_ago");
        let value = AttributeValue::N(long_ago.to_string());
        update.expression_attribute_values(":long_ago", value).send().await.unwrap();
        // A process that has noted no use of it yet.
        let queues = SqsQueues::new(clients);
        let found = queues.unused(day, 10).await.unwrap();
        assert_eq!(found, [Unused { queue: queue.to_owned(), dead_letters: Some("shop-dlq".to_owned()) }]);
        match used_by {
            "send" => queues.send(queue, "x").await.unwrap(),
            "receive" => {
                let lease = Duration::from_secs(30);
                assert_eq!(queues.receive(queue, 1, Duration::ZERO, lease).await.unwrap().len(), 1);
            }
            _ => queues.ensure(queue, Some("shop-dlq"), MAX_RECEIVES).await.unwrap(),
        }
        assert_eq!(queues.unused(day, 10).await.unwrap(), [], "{used_by}");
    }
    let queues = SqsQueues::new(clients);
    queues.send("deployed", "x").await.unwrap();
    assert!(row(clients, "deployed").await.is_empty(), "what the deployment made has no row");
}
