//! The API as scripts use it.

use crate::support::*;
use domain::UserId;
use domain::message::{Kind, Status};
use http::Method;
use serde_json::{Value, json};

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
