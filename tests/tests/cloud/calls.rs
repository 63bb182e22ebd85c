//! Calls of AWS: none for those who sleep, and failing ones lose nothing.

use domain::message::{Cost, Kind, Outcome, Schema, Status};
use domain::names::EDIT_SERVICE;
use domain::{ContainerId, Pair};
use domain::{MessageId, ThreadId, Timestamp};
use fleet_tests::letter::{OWNER, replace};
use fleet_tests::{Cloud, CloudOptions, Letter, until};
use ports::messages::{Channel, NewMessage};
use ports::replies::{Reply, ReplyKind};
use std::time::Duration;
use testkit::faulty_proxy::Fault;

/// How long calls are counted: Hermes sweeps every 2 s here.
const WINDOW: Duration = Duration::from_secs(8);

fn quick() -> CloudOptions {
    let previews = (EDIT_SERVICE, "WEBORDINARY_PREVIEWS".to_owned(), "off".to_owned());
    CloudOptions { env: vec![previews] }
}

#[tokio::test]
async fn tenants_who_sleep_cost_no_call() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let calls = async || {
        let before = cloud.aws.seen();
        tokio::time::sleep(WINDOW).await;
        cloud.aws.seen() - before
    };
    let few = calls().await;
    for n in 0..40 {
        asleep(&cloud, &format!("tenant{n}")).await;
    }
    let many = calls().await;
    // A sweep more or less may fall into the window; forty tenants at one call each would show as a multiple.
    assert!(few > 0 && many <= few + few / 2 + 4, "{few} calls with one tenant, {many} with 41");
    cloud.end().await;
}

/// A tenant with a conversation that is over: answered, told, its claim let go.
async fn asleep(cloud: &Cloud, name: &str) {
    cloud.register(name, &cloud.origin, OWNER).await;
    let pair = Pair {
        client_id: name.parse().unwrap(),
        project_id: name.parse().unwrap(),
        user_id: "owner".parse().unwrap(),
    };
    let id: MessageId = uuid::Uuid::now_v7().to_string().parse().unwrap();
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    let thread = ThreadId::from_entropy(high.to_be_bytes());
    let by: ContainerId = uuid::Uuid::new_v4().to_string().parse().unwrap();
    // The claim comes first, so that no container is asked for.
    let claims = cloud.store.claims();
    let epoch = claims.take(&pair, &by, Duration::from_mins(1)).await.unwrap().unwrap();
    let new = NewMessage {
        id: id.clone(),
        dedupe: id.to_string(),
        thread: thread.clone(),
        pair: pair.clone(),
        title: "Hours".to_owned(),
        author: pair.user_id.clone(),
        channel: Channel::Chat,
        aliases: Vec::new(),
        kind: Kind::Instruct,
        instruction: "We close at 4".to_owned(),
        material: String::new(),
        attachments: Vec::new(),
        received_at: Timestamp(1_000),
    };
    let messages = cloud.store.messages();
    messages.record(new).await.unwrap();
    let outcome = Outcome {
        schema: Schema,
        message_id: id.clone(),
        thread_id: thread.clone(),
        turn: 1,
        status: Status::Done,
        summary: "Done.".to_owned(),
        files_changed: Vec::new(),
        commit: None,
        branch: thread.branch(),
        preview_path: thread.preview_path(),
        cost: Cost::default(),
        duration_ms: 1,
        error: None,
    };
    messages.answer(&outcome, &by, epoch).await.unwrap();
    let reply = Reply {
        message: id,
        kind: ReplyKind::Result,
        thread,
        text: "Done.".to_owned(),
        mail: None,
        at: Timestamp(2_000),
    };
    // Hermes' sweep may have told it first.
    cloud.store.replies().record(&reply).await.unwrap();
    claims.release(&pair, &by, epoch).await.unwrap();
}

#[tokio::test]
async fn calls_that_fail_lose_nothing_and_double_nothing() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let mut first = None;
    for (old, new, fault) in [
        ("We close at 6 on Fridays", "We close at 5", Fault::Throttle),
        ("We close at 5", "We close at 4", Fault::Cut),
        ("We close at 4", "We close at 3", Fault::LoseAnswer),
    ] {
        let words = replace(old, new);
        let letter = first.as_ref().map_or_else(|| Letter::new(&words), |to| Letter::answering(to, &words));
        cloud.aws.fail_next(6, fault);
        cloud.inbox.arrives(&letter).await;
        let result = cloud.result_of(&letter).await;
        assert!(result.text().contains("I replaced"), "{fault:?}: {}", result.text());
        assert_eq!(cloud.inbox.results_of(&letter.id).len(), 1, "{fault:?}: results");
        first.get_or_insert(result);
    }
    let calm = async || cloud.store.messages().waiting_pairs().await.unwrap().is_empty().then_some(());
    until("nothing to wait", Duration::from_mins(1), calm).await;
    cloud.end().await;
}
