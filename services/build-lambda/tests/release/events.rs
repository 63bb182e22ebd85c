//! The function's door and its schedule, called with the events that AWS sends.

use crate::edges::Runs;
use crate::world::World;
use build_lambda::event::Orders;
use build_lambda::notice::{PushedRef, SignedPush};
use build_lambda::{Event, Function};
use data_encoding::BASE64;
use ports::releases::Order;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const FUNCTION_URL: &str = include_str!("../events/function-url.json");
const LOAD_BALANCER: &str = include_str!("../events/load-balancer.json");
const SCHEDULE: &str = include_str!("../events/schedule.json");
const LEFT: Duration = Duration::from_mins(15);

pub(crate) fn function(world: &World) -> (Function, Arc<Runs>) {
    let runs = Arc::new(Runs::default());
    let service = world.service("builds-a", Duration::from_secs(20));
    (Function::new(&service, runs.clone(), Duration::from_secs(1)), runs)
}

/// Calls the function as the runtime does: with the event's JSON, for JSON.
pub(crate) async fn call(function: &Function, event: Value, left: Duration) -> Value {
    let event: Event = serde_json::from_value(event).unwrap();
    serde_json::to_value(function.handle(event, left).await.unwrap()).unwrap()
}

fn moved() -> PushedRef {
    PushedRef { old: "a".repeat(40), new: "b".repeat(40), reference: "refs/heads/main".to_owned() }
}

fn request(fixture: &str, push: &SignedPush) -> Value {
    let mut event: Value = serde_json::from_str(fixture).unwrap();
    for (name, value) in &push.headers {
        event["headers"][*name] = json!(value);
    }
    event["body"] = json!(std::str::from_utf8(&push.body).unwrap());
    event
}

fn in_base64(mut event: Value) -> Value {
    event["body"] = json!(BASE64.encode(event["body"].as_str().unwrap().as_bytes()));
    event["isBase64Encoded"] = json!(true);
    event
}

fn in_lists(mut event: Value) -> Value {
    let headers = event["headers"].take();
    let lists = headers.as_object().unwrap().iter().map(|(name, value)| (name.clone(), json!([value])));
    event["multiValueHeaders"] = Value::Object(lists.collect());
    event.as_object_mut().unwrap().remove("headers");
    event
}

#[tokio::test]
async fn a_signed_push_is_noted_and_handed_over_at_once() {
    let world = World::new().await;
    let (function, runs) = function(&world);
    let push = |delivery: &str| world.notice(&moved(), delivery);
    let events = [
        request(FUNCTION_URL, &push("d1")),
        in_base64(request(FUNCTION_URL, &push("d2"))),
        request(LOAD_BALANCER, &push("d3")),
        in_base64(in_lists(request(LOAD_BALANCER, &push("d4")))),
    ];
    for (at, event) in events.into_iter().enumerate() {
        let balanced = event["requestContext"]["elb"].is_object();
        let lists = event["multiValueHeaders"].is_object();
        let began = Instant::now();
        let reply = call(&function, event, LEFT).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert_eq!(reply["statusCode"], 202, "{at}: {reply}");
        assert!(reply["body"].as_str().unwrap().contains("will be built"), "{reply}");
        assert_eq!(reply["isBase64Encoded"], false);
        assert_eq!(reply.get("statusDescription").is_some(), balanced, "{reply}");
        let text = "text/plain; charset=utf-8";
        if lists {
            assert_eq!(reply["multiValueHeaders"]["content-type"], json!([text]));
            assert!(reply.get("headers").is_none());
        } else {
            assert_eq!(reply["headers"]["content-type"], text);
        }
        assert_eq!(runs.next(), Some(Orders::of(world.id())));
    }
    // GitHub makes a delivery again under the same id.
    let reply = call(&function, request(FUNCTION_URL, &push("d1")), LEFT).await;
    assert_eq!((&reply["statusCode"], &reply["body"]), (&json!(202), &json!("Noted before.\n")));
    let orders = world.store.releases().open_orders().await.unwrap();
    assert_eq!(orders.len(), 4);
    assert_eq!(orders[0].order, Order::Push { commit: "b".repeat(40) });
}

#[tokio::test]
async fn what_is_no_signed_push_to_the_default_branch_is_answered_in_words() {
    let world = World::new().await;
    let (function, runs) = function(&world);
    let good = || request(FUNCTION_URL, &world.notice(&moved(), "d1"));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut event = good();
        change(&mut event);
        event
    };
    let other = PushedRef { reference: "refs/heads/thread-x".to_owned(), ..moved() };
    let path = |path: &'static str| move |event: &mut Value| event["rawPath"] = json!(path);
    let cases = [
        (with(&|e| e["body"] = json!(format!("{} ", e["body"].as_str().unwrap()))), 401, "signature"),
        (with(&|e| e["headers"]["x-hub-signature-256"] = json!("sha256=00")), 401, "signature"),
        // The signature is over the bytes, not over their base64.
        (with(&|e| e["isBase64Encoded"] = json!(true)), 400, "base64"),
        (in_base64(with(&|e| e["body"] = json!("{}"))), 401, "signature"),
        (with(&|e| e["headers"]["x-github-event"] = json!("ping")), 200, "pong"),
        (with(&|e| e["headers"]["x-github-event"] = json!("issues")), 200, "Ignored"),
        (request(FUNCTION_URL, &world.notice(&other, "d1")), 200, "default branch"),
        (with(&path("/webhooks/push/other")), 404, "no project"),
        (with(&path("/webhooks/push/UPPER")), 404, "no project"),
        (with(&path("/else")), 404, ""),
        (with(&|e| e["requestContext"]["http"]["method"] = json!("GET")), 405, ""),
        (with(&|e| e["headers"]["bad\nname"] = json!("x")), 400, "header"),
        // Above the limit of the door, though Lambda's own is lower.
        (with(&|e| e["body"] = json!(" ".repeat(26 << 20))), 413, "longer than 25 MB"),
    ];
    for (event, status, says) in cases {
        let reply = call(&function, event, LEFT).await;
        assert_eq!(reply["statusCode"], status, "{says}: {reply}");
        assert!(reply["body"].as_str().unwrap().contains(says), "{says}: {reply}");
    }
    assert!(world.store.releases().open_orders().await.unwrap().is_empty());
    assert_eq!(runs.next(), None);
}

#[tokio::test]
async fn a_push_that_cannot_be_handed_over_is_noted_and_found_by_the_schedule() {
    let world = World::new().await;
    let (function, runs) = function(&world);
    runs.gone.store(true, Ordering::SeqCst);
    let reply = call(&function, request(FUNCTION_URL, &world.notice(&moved(), "d1")), LEFT).await;
    assert_eq!(reply["statusCode"], 202, "{reply}");
    runs.gone.store(false, Ordering::SeqCst);
    assert_eq!(runs.next(), None);
    let schedule: Value = serde_json::from_str(SCHEDULE).unwrap();
    assert_eq!(call(&function, schedule, LEFT).await, json!({ "done": "handed-over", "projects": 1 }));
    assert_eq!(runs.next(), Some(Orders::of(world.id())));
}

#[tokio::test]
async fn the_schedule_finds_a_push_whose_webhook_never_came() {
    let world = World::new().await;
    let pushed = world.push();
    let (function, runs) = function(&world);
    let schedule: Value = serde_json::from_str(SCHEDULE).unwrap();
    assert_eq!(
        call(&function, schedule.clone(), LEFT).await,
        json!({ "done": "handed-over", "projects": 1 })
    );
    let orders = world.store.releases().open_orders().await.unwrap();
    assert_eq!(orders[0].order, Order::Push { commit: pushed.new.clone() });
    let orders = runs.next().unwrap();
    assert_eq!(
        call(&function, serde_json::from_str(&orders.to_event()).unwrap(), LEFT).await,
        json!({ "done": "nothing" })
    );
    assert_eq!(world.next_release().await.commit, pushed.new);
    // Now there is nothing that nobody told.
    assert_eq!(call(&function, schedule, LEFT).await, json!({ "done": "handed-over", "projects": 0 }));
    assert_eq!(runs.next(), None);
}

#[tokio::test]
async fn hermes_asks_for_all_open_orders() {
    let world = World::new().await;
    let (function, runs) = function(&world);
    assert_eq!(
        call(&function, json!({ "orders": {} }), LEFT).await,
        json!({ "done": "handed-over", "projects": 0 })
    );
    world.order(&"b".repeat(40), "k1").await;
    world.order(&"b".repeat(40), "k2").await;
    let reply = call(&function, json!({ "orders": {} }), LEFT).await;
    assert_eq!(reply, json!({ "done": "handed-over", "projects": 1 }));
    assert_eq!(runs.next(), Some(Orders::of(world.id())));
    assert_eq!(runs.next(), None);
}
