//! The API as scripts use it.

use crate::support::*;
use domain::message::{Kind, Status};
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE, QueueSet};
use domain::project::Role;
use domain::{Pair, UserId};
use http::Method;
use ports::queues::Depth;
use serde_json::{Value, json};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

async fn call(bench: &Bench, request: http::Request<axum::body::Body>) -> (u16, Value) {
    let (status, body) = bench.ask(request).await;
    (status, serde_json::from_str(&body).unwrap_or_else(|_| panic!("no JSON: {body}")))
}

fn activation(user: &str, instruction: &str) -> String {
    json!({
        "clientId": "amelia", "projectId": "stamps", "userId": UserId::of_address(user), "instruction": instruction,
    })
    .to_string()
}

#[tokio::test]
async fn a_session_is_activated_looked_at_and_let_go() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let post = |path: &str, body: &str| api(Method::POST, path, &token, body);
    let (status, session) = call(&bench, post("sessions/activate", &activation(ANN, "Add a page"))).await;
    assert_eq!(status, 200, "{session}");
    let id = session["sessionId"].as_str().unwrap().to_owned();
    assert_eq!(session["threadId"], id.as_str());
    assert_eq!(session["previewUrl"], format!("http://127.0.0.1:8080/session/{id}/"));

    let (_, woken) = call(&bench, post(&format!("sessions/{id}/keepalive"), "")).await;
    assert_eq!(woken["status"], "initializing");
    let (_, seen) = call(&bench, api(Method::GET, &format!("sessions/{id}/status"), &token, "")).await;
    assert_eq!((&seen["status"], &seen["title"]), (&json!("initializing"), &json!("Add a page")));
    let (_, all) = call(&bench, api(Method::GET, "sessions/client/amelia", &token, "")).await;
    assert_eq!(all["sessions"].as_array().unwrap().len(), 1);
    let (status, _) = call(&bench, post(&format!("sessions/{id}/deactivate"), "")).await;
    assert_eq!(status, 200);
    let messages = bench.backends.messages.of_thread(&id.parse().unwrap()).await.unwrap();
    assert_eq!(messages.last().unwrap().kind, Kind::Cancel);
}

#[tokio::test]
async fn the_same_key_is_the_same_message() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page").await;
    let path = format!("threads/{}/messages", said.thread.as_str());
    let mut ids = Vec::new();
    for (who, key) in [(ANN, "k1"), (ANN, "k1"), (ANN, "k2"), (BOB, "k1")] {
        let mut request = api(Method::POST, &path, &bench.token(who).await, r#"{"text":"More"}"#);
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        let (status, body) = call(&bench, request).await;
        assert_eq!(status, 202);
        ids.push(body["messageId"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0] != ids[2] && ids[0] != ids[3] && ids[2] != ids[3]);
}

#[tokio::test]
async fn who_may_not_is_told_why_in_one_form() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page").await;
    let id = said.thread.as_str();
    let (ann, olga, rita) = (bench.token(ANN).await, bench.token(OLGA).await, bench.token(RITA).await);
    let messages = format!("threads/{id}/messages");
    let long = json!({ "text": "x".repeat(200_001) }).to_string();
    let huge = "x".repeat(2_000_000);
    for (method, path, token, body, status, code) in [
        ("GET", format!("sessions/{id}/status"), "made-up", "", 401, "notSignedIn"),
        ("GET", format!("sessions/{id}/status"), &olga, "", 404, "notFound"),
        ("GET", format!("threads/{id}/events"), &olga, "", 404, "notFound"),
        ("GET", "sessions/aaaaaaaaaaaa/status".to_owned(), &ann, "", 404, "notFound"),
        ("GET", "sessions/client/other-client".to_owned(), &ann, "", 404, "notFound"),
        ("POST", messages.clone(), &rita, r#"{"text":"More"}"#, 403, "forbidden"),
        ("POST", messages.clone(), &olga, r#"{"text":"More"}"#, 404, "notFound"),
        ("POST", messages.clone(), &ann, r#"{"text":" "}"#, 400, "badRequest"),
        ("POST", messages.clone(), &ann, "{", 400, "badRequest"),
        ("POST", messages.clone(), &ann, r#"{"text":"x","kind":"explode"}"#, 400, "badRequest"),
        ("POST", messages.clone(), &ann, &long, 413, "tooMuch"),
        ("POST", messages, &ann, &huge, 413, "tooMuch"),
        ("POST", "sessions/activate".to_owned(), &ann, &activation(BOB, "x"), 403, "forbidden"),
        ("POST", "sessions/activate".to_owned(), &olga, &activation(OLGA, "x"), 403, "forbidden"),
        ("GET", "status".to_owned(), &ann, "", 403, "forbidden"),
        ("POST", "projects/stamps/rollback".to_owned(), &ann, "", 403, "forbidden"),
        ("GET", "projects".to_owned(), &ann, "", 403, "forbidden"),
        ("PUT", "projects/stamps".to_owned(), &ann, "{}", 403, "forbidden"),
        ("GET", "projects/stamps/releases".to_owned(), &ann, "", 403, "forbidden"),
        ("GET", "pool".to_owned(), &ann, "", 403, "forbidden"),
        ("POST", "pool".to_owned(), &ann, r#"{"paused":true}"#, 403, "forbidden"),
        ("POST", "sign-in-links".to_owned(), &ann, "{}", 403, "forbidden"),
        ("GET", "nothing".to_owned(), &ann, "", 404, "notFound"),
    ] {
        let request = api(method.parse().unwrap(), &path, token, body);
        let (got, answer) = call(&bench, request).await;
        assert_eq!(
            (got, answer["error"]["code"].as_str().unwrap()),
            (status, code),
            "{method} {path}: {answer}"
        );
        assert!(answer["error"]["says"].as_str().is_some_and(|says| !says.is_empty()));
    }
    assert_eq!(bench.backends.messages.of_thread(&said.thread).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_writes_too_often_is_asked_to_wait() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page").await;
    let token = bench.token(ANN).await;
    let path = format!("sessions/{}/keepalive", said.thread.as_str());
    let mut last = 0;
    for _ in 0..=60 {
        last = bench.ask(api(Method::POST, &path, &token, "")).await.0;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn the_operator_sees_all_and_acts_for_anyone() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page").await;
    let (status, seen) = call(&bench, api(Method::GET, "status", OPERATOR, "")).await;
    assert_eq!(status, 200);
    assert_eq!(seen["projects"].as_array().unwrap().len(), 2);
    assert_eq!(seen["waitingPairs"].as_array().unwrap().len(), 1);
    assert_eq!(seen["heldMails"], 0);
    for key in ["mail/held/1", "mail/held/1.json", "mail/held/2", "mail/read/3"] {
        bench.backends.blobs.put(key, "text/plain", "x".into()).await.unwrap();
    }
    let (_, seen) = call(&bench, api(Method::GET, "status", OPERATOR, "")).await;
    assert_eq!(seen["heldMails"], 2);
    assert!(!seen.to_string().contains(said.thread.as_str()), "a thread id is a capability");

    let asked = activation(BOB, "Change the title");
    let (status, session) = call(&bench, api(Method::POST, "sessions/activate", OPERATOR, &asked)).await;
    assert_eq!(status, 200, "{session}");
    let thread = session["threadId"].as_str().unwrap().parse().unwrap();
    let thread = bench.backends.threads.get(&thread).await.unwrap();
    assert_eq!(thread.pair.user_id, UserId::of_address(BOB));

    let (status, _) = call(&bench, api(Method::POST, "projects/stamps/rollback", OPERATOR, "")).await;
    assert_eq!(status, 202);
    assert_eq!(bench.backends.releases.open_orders().await.unwrap().len(), 1);
    assert_eq!(bench.bells.builder.load(Relaxed), 1);
    let (status, _) = call(&bench, api(Method::POST, "projects/nobody/rollback", OPERATOR, "")).await;
    assert_eq!(status, 404);

    let asked = json!({ "projectId": "stamps", "address": "Bob@stamps.example" }).to_string();
    let (status, made) = call(&bench, api(Method::POST, "sign-in-links", OPERATOR, &asked)).await;
    assert_eq!(status, 200);
    let path = made["link"].as_str().unwrap().strip_prefix(APP).unwrap().to_owned();
    assert_eq!(bench.send(post(&path, "", "")).await.status(), 303);
    let asked = json!({ "projectId": "stamps", "address": OLGA }).to_string();
    let (status, _) = call(&bench, api(Method::POST, "sign-in-links", OPERATOR, &asked)).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_operator_holds_the_pool_and_a_change_is_heard_at_once() {
    let bench = Bench::open().await;
    bench.thread("Add a page").await;
    let mut want = json!({
        "desired": 0, "running": 0, "claims": 0, "waiting": 1, "floor": 0, "paused": false, "hermes": 1,
    });
    assert_eq!(call(&bench, api(Method::GET, "pool", OPERATOR, "")).await, (200, want.clone()));
    for (change, paused, floor) in
        [(r#"{"paused":true}"#, true, 0), (r#"{"floor":2}"#, true, 2), (r#"{"paused":false}"#, false, 2)]
    {
        (want["paused"], want["floor"]) = (paused.into(), floor.into());
        assert_eq!(call(&bench, api(Method::POST, "pool", OPERATOR, change)).await, (200, want.clone()));
    }
    assert_eq!(bench.bells.pool.load(Relaxed), 3);
    let row = bench.backends.pool.read().await.unwrap();
    assert_eq!((row.paused, row.floor), (false, 2));
    assert_eq!(call(&bench, api(Method::POST, "pool", OPERATOR, "no JSON")).await.0, 400);
}

#[tokio::test]
async fn a_project_is_added_once_and_replaced_when_that_is_meant() {
    let bench = Bench::open().await;
    let mut new = project("bikes", &[(ANN, Role::Owner)]);
    let put = |project: &domain::project::Project, once: bool| {
        let body = serde_json::to_string(project).unwrap();
        let mut request = api(Method::PUT, &format!("projects/{}", project.project_id), OPERATOR, &body);
        if once {
            request.headers_mut().insert("if-none-match", "*".parse().unwrap());
        }
        request
    };
    assert_eq!(call(&bench, put(&new, true)).await.0, 201);
    let (status, says) = call(&bench, put(&new, true)).await;
    assert_eq!(status, 409);
    assert!(says["error"]["says"].as_str().unwrap().contains("a project bikes already"), "{says}");
    new.site_url = "https://bikes.example".to_owned();
    assert_eq!(call(&bench, put(&new, false)).await.0, 200);
    let (_, list) = call(&bench, api(Method::GET, "projects", OPERATOR, "")).await;
    let known: Vec<_> =
        list.as_array().unwrap().iter().map(|project| project["siteUrl"].as_str().unwrap()).collect();
    assert_eq!(known.len(), 3);
    assert!(known.contains(&"https://bikes.example"), "{known:?}");
    let releases = |id: &str| api(Method::GET, &format!("projects/{id}/releases"), OPERATOR, "");
    assert_eq!(call(&bench, releases("bikes")).await, (200, json!([])));
    assert_eq!(call(&bench, releases("nobody")).await.0, 404);
}

#[tokio::test]
async fn without_a_hermes_the_operator_reaches_the_stores_and_nobody_else_reaches_anything() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page").await;
    let router = hermes::web::office(
        config(bench.dir.path()),
        bench.backends.clone(),
        bench.bells.clone(),
        bench.stop.clone(),
    );
    let status = async |method: Method, path: &str, token: &str, body: &str| {
        let request = api(method, path, token, body);
        tower::ServiceExt::oneshot(router.clone(), request).await.unwrap().status().as_u16()
    };
    let ann = bench.token(ANN).await;
    for (method, path, token, body, want) in [
        (Method::GET, "pool", OPERATOR, "", 200),
        (Method::POST, "pool", OPERATOR, r#"{"paused":true}"#, 200),
        (Method::GET, "projects", OPERATOR, "", 200),
        (Method::POST, "projects/stamps/rollback", OPERATOR, "", 202),
        (Method::GET, "projects", &ann, "", 403),
        (Method::GET, "spending", OPERATOR, "", 200),
        (Method::GET, "spending", &ann, "", 403),
        (Method::POST, "projects/stamps/caps", OPERATOR, r#"{"projectDay":2500000}"#, 200),
        (Method::POST, "projects/stamps/caps", OPERATOR, r#"{"projectDay":-1}"#, 400),
        (Method::POST, "projects/stamps/caps", &ann, "{}", 403),
        (Method::GET, "projects/nowhere/caps", OPERATOR, "", 404),
        (Method::GET, "status", OPERATOR, "", 404),
        (Method::GET, &format!("sessions/{}/status", said.thread.as_str()), &ann, "", 404),
    ] {
        assert_eq!(status(method, path, token, body).await, want, "{path}");
    }
}

#[tokio::test]
async fn an_editor_who_is_removed_may_nothing_at_once() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page").await;
    answer(&bench.backends, &said, Status::Done, "I added the page.").await;
    let token = bench.token(BOB).await;
    let path = format!("sessions/{}/status", said.thread.as_str());
    assert_eq!(bench.ask(api(Method::GET, &path, &token, "")).await.0, 200);
    let mut project = bench.backends.projects.get(&"stamps".parse().unwrap()).await.unwrap();
    project.editors.retain(|editor| editor.address != BOB);
    bench.backends.projects.update(&project).await.unwrap();
    assert_eq!(bench.ask(api(Method::GET, &path, &token, "")).await.0, 401);
}

#[tokio::test]
async fn the_operator_looks_at_dead_letters_sends_them_again_and_drops_them() {
    let bench = Bench::open().await;
    let queues = bench.backends.queues.clone();
    let pair = Pair {
        client_id: "amelia".parse().unwrap(),
        project_id: "stamps".parse().unwrap(),
        user_id: UserId::of_address(BOB),
    };
    let set = QueueSet::of(&pair);
    queues.ensure(EMAIL_QUEUE, Some(EMAIL_DLQ), 3).await.unwrap();
    queues.ensure(&set.input, Some(&set.dlq), 3).await.unwrap();
    let hour_ago = bench.backends.clock.now().minus(Duration::from_hours(1));
    let aged = json!({ "issuedAt": hour_ago }).to_string();
    for (queue, body) in [(EMAIL_DLQ, "one"), (EMAIL_DLQ, "two"), (set.dlq.as_str(), aged.as_str())] {
        queues.send(queue, body).await.unwrap();
    }
    let post = |path: &str, body: &str| api(Method::POST, &format!("dead-letters{path}"), OPERATOR, body);

    let (_, listed) = call(&bench, api(Method::GET, "dead-letters", OPERATOR, "")).await;
    let want = json!([
        { "queue": EMAIL_DLQ, "ready": 2, "inFlight": 0 }, { "queue": set.dlq, "ready": 1, "inFlight": 0 },
    ]);
    assert_eq!(listed["queues"], want);
    let (_, seen) = call(&bench, post(&format!("/{}/look", set.dlq), "")).await;
    let letter = &seen["letters"][0];
    assert_eq!((letter["body"].as_str(), &letter["attempts"]), (Some(aged.as_str()), &json!(1)));
    assert!((3_600..3_660).contains(&letter["ageSeconds"].as_u64().unwrap()), "{letter}");

    // Looked at, it is there as before.
    let (_, seen) = call(&bench, post(&format!("/{EMAIL_DLQ}/look"), "")).await;
    let ids: Vec<&str> =
        seen["letters"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), queues.depth(EMAIL_DLQ).await.unwrap().ready), (2, 2));
    let asked = json!({ "ids": [ids[1], "none"] }).to_string();
    let (_, done) = call(&bench, post(&format!("/{EMAIL_DLQ}/replay"), &asked)).await;
    assert_eq!(done, json!({ "done": 1, "missing": ["none"] }));
    let back = queues.receive(EMAIL_QUEUE, 10, Duration::ZERO, Duration::from_mins(1)).await.unwrap();
    assert_eq!(back.iter().map(|d| d.body.as_str()).collect::<Vec<_>>(), ["two"]);
    let (_, done) = call(&bench, post(&format!("/{EMAIL_DLQ}/drop"), "{}")).await;
    assert_eq!(done, json!({ "done": 1, "missing": [] }));
    assert_eq!(queues.depth(EMAIL_DLQ).await.unwrap(), Depth::default());

    // The input queue of a pair that has slept for long is made anew.
    queues.remove(&set.input).await.unwrap();
    let (_, done) = call(&bench, post(&format!("/{}/replay", set.dlq), "{}")).await;
    assert_eq!((&done["done"], queues.depth(&set.input).await.unwrap().ready), (&json!(1), 1));

    let ann = bench.token(ANN).await;
    for (path, token, status) in [
        (format!("{EMAIL_QUEUE}/drop"), OPERATOR, 404),
        (format!("{}/drop", set.input), OPERATOR, 404),
        (format!("{EMAIL_DLQ}/drop"), &ann, 403),
        (format!("{EMAIL_DLQ}/replay"), &ann, 403),
        (format!("{EMAIL_DLQ}/look"), &ann, 403),
    ] {
        let request = api(Method::POST, &format!("dead-letters/{path}"), token, "{}");
        assert_eq!(bench.ask(request).await.0, status, "{path}");
    }
    assert_eq!(bench.ask(api(Method::GET, "dead-letters", &ann, "")).await.0, 403);
}
