//! Names of threads: how long they live.

use crate::{StandIn, stand_in};
use aws::{Buckets, Dynamo, S3Blobs, resources};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::message::Kind;
use domain::names::MAPPINGS_TABLE;
use domain::{Pair, ThreadId, Timestamp};
use ports::Clock;
use ports::clock::SystemClock;
use ports::messages::{Channel, NewMessage};
use std::sync::Arc;

const DAY: i64 = 24 * 60 * 60;

/// The names of one project in the store.
struct Names {
    stand_in: StandIn,
    store: Dynamo,
}

impl Names {
    async fn open() -> Self {
        let stand_in = stand_in().await;
        let name = |of: &str| format!("webordinary-{of}");
        let buckets = Buckets { site: name("site"), mail: name("mail"), data: name("data") };
        resources::ensure_all(&stand_in.clients, &buckets).await.unwrap();
        let store = Dynamo::new(&stand_in.clients, Arc::new(S3Blobs::new(&stand_in.clients, buckets)));
        Self { stand_in, store }
    }

    fn key(name: &str) -> AttributeValue {
        AttributeValue::S(format!("demo#{name}"))
    }

    /// Days until the name goes, rounded.
    async fn days_left(&self, name: &str) -> i64 {
        let db = &self.stand_in.clients.dynamodb;
        let got =
            db.get_item().table_name(MAPPINGS_TABLE).key("mapping", Self::key(name)).send().await.unwrap();
        let at: i64 = got.item.unwrap()["expiresAt"].as_n().unwrap().parse().unwrap();
        (at - now() + DAY / 2) / DAY
    }

    /// As if the name had not been used for long.
    async fn leave(&self, name: &str, days: i64) {
        let at = AttributeValue::N((now() + days * DAY).to_string());
        let db = &self.stand_in.clients.dynamodb;
        let update = db.update_item().table_name(MAPPINGS_TABLE).key("mapping", Self::key(name));
        let change = update.update_expression("SET expiresAt = :at").expression_attribute_values(":at", at);
        change.send().await.unwrap();
    }

    async fn thread(&self, names: &[&str]) -> ThreadId {
        let pair: Pair = "demo/demo/owner".parse().unwrap();
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        let thread = ThreadId::from_entropy(high.to_be_bytes());
        let id = uuid::Uuid::now_v7().to_string();
        let new = NewMessage {
            id: id.parse().unwrap(),
            dedupe: id,
            thread: thread.clone(),
            title: "Hours".to_owned(),
            author: pair.user_id.clone(),
            pair,
            channel: Channel::Chat,
            aliases: names.iter().map(|name| (*name).to_owned()).collect(),
            kind: Kind::Instruct,
            instruction: "We close at 4".to_owned(),
            material: String::new(),
            attachments: Vec::new(),
            received_at: Timestamp(1_000),
        };
        self.store.messages().record(new).await.unwrap();
        thread
    }
}

fn now() -> i64 {
    SystemClock.now().0 / 1_000
}

#[tokio::test]
async fn a_name_that_is_used_lives_on_and_is_written_seldom() {
    let names = Names::open().await;
    let thread = names.thread(&["old@x.org", "young@x.org", "named@x.org"]).await;
    for (name, days) in [("old@x.org", 199), ("young@x.org", 201), ("named@x.org", 1)] {
        assert_eq!(names.days_left(name).await, 400, "{name}");
        names.leave(name, days).await;
    }
    let (threads, project) = (names.store.threads(), "demo".parse().unwrap());
    for name in ["old@x.org", "young@x.org"] {
        assert_eq!(threads.by_alias(&project, name).await.unwrap().as_ref(), Some(&thread));
    }
    assert_eq!(names.days_left("old@x.org").await, 400);
    assert_eq!(names.days_left("young@x.org").await, 201, "more than half is left");
    threads.add_aliases(&thread, &["named@x.org".to_owned()]).await.unwrap();
    assert_eq!(names.days_left("named@x.org").await, 400);

    // Another thread that is told the same name has no part in it.
    names.leave("named@x.org", 1).await;
    let other = names.thread(&[]).await;
    threads.add_aliases(&other, &["named@x.org".to_owned()]).await.unwrap();
    assert_eq!(names.days_left("named@x.org").await, 1);
    assert_eq!(threads.by_alias(&project, "unknown@x.org").await.unwrap(), None);
}
