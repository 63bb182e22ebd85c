//! What the sweep puts in order, and what it leaves alone.

use crate::letter::Letter;
use crate::office::Office;
use domain::Pair;
use domain::names::{EMAIL_QUEUE, QueueSet};
use domain::session::{Event, Session};
use ports::ErrorKind;
use ports::queues::ensure_set;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn pair(user: &str) -> Pair {
    format!("amelia/stamps/{user}").parse().unwrap()
}

impl Office {
    async fn open_queues(&self, user: &str) -> QueueSet {
        let set = QueueSet::of(&pair(user));
        ensure_set(&*self.backends.queues, &set).await.unwrap();
        set
    }

    async fn is_there(&self, queue: &str) -> bool {
        match self.backends.queues.depth(queue).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound);
                false
            }
        }
    }
}

#[tokio::test]
async fn queues_go_after_a_day_unless_somebody_waits_works_or_a_letter_is_dead() {
    let office = Office::open().await;
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    office.deliver(&letter).await;
    office.ring(&letter.in_s3().to_string()).await;
    let waits = QueueSet::of(&office.messages().await.remove(0).pair);
    let [forgotten, dead, works] =
        [office.open_queues("bob").await, office.open_queues("cid").await, office.open_queues("dot").await];
    office.backends.queues.send(&dead.dlq, "no sense").await.unwrap();
    let by = "c1".parse().unwrap();
    office.backends.claims.take(&pair("dot"), &by, DAY * 3).await.unwrap().unwrap();

    office.clock.pass(Duration::from_hours(22));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(office.is_there(&forgotten.input).await, "not yet");

    office.clock.pass(Duration::from_hours(3));
    office
        .until("the forgotten queues are gone", async || {
            !office.is_there(&forgotten.input).await && !office.is_there(&forgotten.output).await
        })
        .await;
    assert!(!office.is_there(&forgotten.dlq).await);
    for kept in [&waits.input, &waits.dlq, &dead.input, &dead.dlq, &works.input, &works.output, &works.dlq] {
        assert!(office.is_there(kept).await, "{kept}");
    }
    assert!(office.is_there(EMAIL_QUEUE).await);
    office.close().await;
}

#[tokio::test]
async fn a_session_that_a_container_left_without_a_word_is_put_to_sleep() {
    let office = Office::open().await;
    let letter = Letter::of_ann("o3vrnil0e2ic28trm7df");
    office.deliver(&letter).await;
    office.ring(&letter.in_s3().to_string()).await;
    let message = office.messages().await.remove(0);
    let (by, lease) = ("c1".parse().unwrap(), Duration::from_mins(1));
    let epoch = office.backends.claims.take(&message.pair, &by, lease).await.unwrap().unwrap();
    office.backends.sessions.apply(&message.thread, Event::Served { by, epoch }).await.unwrap();
    office.clock.pass(lease);
    // Long enough for the sweep, which then has left nothing to do.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(office.backends.sessions.lapse().await.unwrap().is_empty());
    let row = office.backends.sessions.get(&message.thread).await.unwrap().unwrap();
    assert!(matches!(row.session, Session::Sleeping { .. }), "{row:?}");
    office.close().await;
}
