//! The gateway in front of a small upstream of the tests' own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::any;
use bytes::Bytes;
use domain::Money;
use futures_util::{StreamExt, stream};
use gateway::{Credential, Gateway, Patience, Secret, TOOLS_PATH, Terms, Tools, Upstream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const START: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n";
const END: &str =
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9}}\n\n";

/// Serves `router` until the test's runtime ends; returns its address.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn gateway(base_url: String) -> Gateway {
    let credential = Credential::ApiKey(Secret::new("real-key"));
    let patience = Patience { headers: Duration::from_millis(400), silence: Duration::from_millis(200) };
    let terms = Terms { patience, ..Terms::default() };
    Gateway::start_with(Upstream { base_url, credential }, terms, CancellationToken::new()).await.unwrap()
}

fn post(gateway: &Gateway, path: &str, token: &str) -> reqwest::RequestBuilder {
    let url = format!("{}{path}", gateway.base_url());
    reqwest::Client::builder().no_proxy().build().unwrap().post(url).bearer_auth(token).body("{}")
}

#[tokio::test]
async fn a_call_carries_the_real_key_and_is_counted() {
    let (sent, mut seen) = mpsc::unbounded_channel();
    let upstream = Router::new().fallback(any(move |request: Request| {
        sent.send((request.uri().to_string(), request.headers().clone())).unwrap();
        async { ([("content-type", "text/event-stream")], format!("{START}{END}")) }
    }));
    let gateway = gateway(serve(upstream).await + "/prefix").await;
    let token = gateway.issue("a test").unwrap();
    let grant = token.open(None);
    let answer = post(&gateway, "/v1/messages?beta=true", token.secret()).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), format!("{START}{END}"));
    let (uri, headers) = seen.recv().await.unwrap();
    assert_eq!(uri, "/prefix/v1/messages?beta=true");
    assert_eq!(headers["x-api-key"], "real-key");
    assert!(!headers.contains_key("authorization"));
    grant.first_request().await;
    let usage = grant.usage();
    assert_eq!((usage.calls, usage.input_tokens, usage.output_tokens), (1, 5, 9));
}

#[tokio::test]
async fn a_call_beyond_what_may_be_spent_ends_and_the_next_is_refused() {
    let upstream = Router::new()
        .fallback(any(async || ([("content-type", "text/event-stream")], format!("{START}{END}"))));
    let gateway = gateway(serve(upstream).await).await;
    let token = gateway.issue("a test").unwrap();
    let grant = token.open(Some(Money(100)));
    let call = || post(&gateway, "/v1/messages", token.secret()).send();
    let answer = call().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), format!("{START}{END}"));
    // 5 and 9 tokens of a model that is not listed.
    assert_eq!(grant.usage().cost, Money(5 * 15 + 9 * 75));
    assert!(!grant.is_used_up());
    let answer = call().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED);
    assert!(answer.text().await.unwrap().contains("billing_error"));
    assert!(grant.is_used_up());
    let free = post(&gateway, "/v1/messages/count_tokens", token.secret()).send().await.unwrap();
    assert_eq!(free.status(), StatusCode::OK, "counting costs nothing");
}

#[tokio::test]
async fn a_token_outside_its_grant_and_other_paths_are_refused() {
    let gateway = gateway(serve(Router::new().fallback(any(async || "reached"))).await).await;
    let token = gateway.issue("a test").unwrap();
    for secret in [token.secret(), "", "agent-guess"] {
        let answer = post(&gateway, "/v1/messages", secret).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(answer.text().await.unwrap().contains("authentication_error"));
    }
    let _grant = token.open(None);
    for path in ["/v1/models", "/v1/messages/batches", "/v1/messages/../files", "/v1/files"] {
        let answer = post(&gateway, path, token.secret()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let answer = post(&gateway, "/v1/messages/count_tokens", token.secret()).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "reached");
    let probe = reqwest::Client::builder().no_proxy().build().unwrap().head(gateway.base_url());
    assert_eq!(probe.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_first_piece_arrives_before_the_last_is_made_and_silence_ends_in_an_error() {
    let upstream = Router::new().fallback(any(async || {
        let pieces = stream::iter([Ok::<_, Infallible>(Bytes::from(START))]).chain(stream::pending());
        ([("content-type", "text/event-stream")], Body::from_stream(pieces))
    }));
    let gateway = gateway(serve(upstream).await).await;
    let token = gateway.issue("a test").unwrap();
    let _grant = token.open(None);
    let answer = post(&gateway, "/v1/messages", token.secret()).send().await.unwrap();
    let mut pieces = answer.bytes_stream();
    assert_eq!(pieces.next().await.unwrap().unwrap(), START);
    let rest = pieces.next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&rest).contains("event: error"));
    assert!(pieces.next().await.is_none());
}

#[tokio::test]
async fn closing_the_grant_cuts_the_stream() {
    let upstream = Router::new().fallback(any(async || {
        let pieces =
            stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(": ping\n\n"))).then(|piece| async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                piece
            });
        ([("content-type", "text/event-stream")], Body::from_stream(pieces))
    }));
    let gateway = gateway(serve(upstream).await).await;
    let token = gateway.issue("a test").unwrap();
    let grant = token.open(None);
    let answer = post(&gateway, "/v1/messages", token.secret()).send().await.unwrap();
    drop(grant);
    assert!(answer.text().await.unwrap().contains("the turn is over"));
}

#[tokio::test]
async fn an_upstream_that_is_down_or_slow_gives_an_api_error() {
    let down = gateway("http://127.0.0.1:1".to_owned()).await;
    let token = down.issue("a test").unwrap();
    let _grant = token.open(None);
    let answer = post(&down, "/v1/messages", token.secret()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(answer.text().await.unwrap().contains("api_error"));

    let slow = gateway(serve(Router::new().fallback(any(std::future::pending::<&str>))).await).await;
    let token = slow.issue("a test").unwrap();
    let _grant = token.open(None);
    let answer = post(&slow, "/v1/messages", token.secret()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 529);
    assert!(answer.text().await.unwrap().contains("overloaded_error"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let gateway = gateway(serve(Router::new().fallback(any(async || "reached"))).await).await;
    let token = gateway.issue("a test").unwrap();
    let _grant = token.open(None);
    let pieces = stream::iter((0..33).map(|_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; 1 << 20]))));
    let answer =
        post(&gateway, "/v1/messages", token.secret()).body(reqwest::Body::wrap_stream(pieces)).send().await;
    // The refusal may overtake the upload, which then breaks off on the sender's side.
    if let Ok(answer) = answer {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let stop = CancellationToken::new();
    let upstream = Upstream { base_url: "http://127.0.0.1:1".to_owned(), credential: Credential::None };
    let gateway = Gateway::start(upstream, stop.clone()).await.unwrap();
    let address = gateway.base_url().trim_start_matches("http://").to_owned();
    stop.cancel();
    gateway.closed().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_short_question_is_answered_or_given_up_in_time() {
    let (sent, mut seen) = mpsc::unbounded_channel();
    let upstream = Router::new().fallback(any(move |request: Request| {
        sent.send(request.headers().clone()).unwrap();
        async { r#"{"content":[{"type":"text","text":" queue "}]}"# }
    }));
    let quick = gateway(serve(upstream).await).await;
    assert_eq!(quick.ask("One word.", "What?", Duration::from_secs(5)).await.unwrap().text, "queue");
    let headers = seen.recv().await.unwrap();
    assert_eq!(headers["x-api-key"], "real-key");
    assert!(headers.contains_key("anthropic-version"));

    let silent = Router::new().fallback(any(async || std::future::pending::<StatusCode>().await));
    let refusing = Router::new().fallback(any(async || StatusCode::SERVICE_UNAVAILABLE));
    for upstream in [silent, refusing] {
        let gateway = gateway(serve(upstream).await).await;
        assert!(gateway.ask("One word.", "What?", Duration::from_millis(300)).await.is_err());
    }
}

#[tokio::test]
async fn tools_answer_to_the_token_that_they_were_opened_with_until_its_grant_ends() {
    let gateway = gateway("http://127.0.0.1:1".to_owned()).await;
    let (one, other) = (gateway.issue("one").unwrap(), gateway.issue("other").unwrap());
    let tools =
        |says: &'static str| Some(Tools::new(Router::new().route(TOOLS_PATH, any(async move || says))));
    let (first, _second) = (one.open_with(None, tools("one")), other.open_with(None, tools("other")));
    assert_eq!(gateway.tools_url(), format!("{}{TOOLS_PATH}", gateway.base_url()));
    for (token, says) in [(&one, "one"), (&other, "other")] {
        let answer = post(&gateway, TOOLS_PATH, token.secret()).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), says);
    }
    let status = async |token: &str| post(&gateway, TOOLS_PATH, token).send().await.unwrap().status();
    assert_eq!(status("agent-guessed").await, StatusCode::UNAUTHORIZED);
    drop(first);
    assert_eq!(status(one.secret()).await, StatusCode::UNAUTHORIZED);
    let _bare = one.open(None);
    assert_eq!(status(one.secret()).await, StatusCode::NOT_FOUND, "a turn without tools");
}

#[tokio::test]
async fn a_tool_that_is_under_way_is_cut_when_its_grant_ends() {
    let gateway = gateway("http://127.0.0.1:1".to_owned()).await;
    let token = gateway.issue("one").unwrap();
    let (begun, mut called) = mpsc::unbounded_channel();
    let slow = any(move || {
        begun.send(()).unwrap();
        std::future::pending::<()>()
    });
    let grant = token.open_with(None, Some(Tools::new(Router::new().route(TOOLS_PATH, slow))));
    let asking = tokio::spawn(post(&gateway, TOOLS_PATH, token.secret()).send());
    called.recv().await.unwrap();
    drop(grant);
    assert_eq!(asking.await.unwrap().unwrap().status(), StatusCode::UNAUTHORIZED);
}
