//! What the proxy allows, adds and refuses; against a plain upstream that says what it received.

use crate::stage::{Stage, upstream};
use futures_util::{SinkExt, StreamExt};
use http::{StatusCode, header};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

const THREAD: &str = "abcdefghijkl";
const PREFIX: &str = "/session/abcdefghijkl/";

async fn attached() -> Stage {
    let stage = Stage::new(1).await;
    stage.host.attach(THREAD.parse().unwrap(), upstream().await);
    stage
}

#[tokio::test]
async fn requests_arrive_as_they_were_sent() {
    let stage = attached().await;
    let path = format!("{PREFIX}echo/a%20b?x=1&y=%2F");
    let seen = stage.get(&path, &[("x-custom", "1"), ("connection", "x-hop"), ("x-hop", "1")]).await;
    let lines: Vec<&str> = seen.body().lines().collect();
    assert_eq!(lines[0], format!("GET {path}"));
    let host = stage.origin.trim_start_matches("http://");
    for expected in [
        &format!("host: {host}"),
        &format!("x-forwarded-host: {host}"),
        "x-forwarded-proto: http",
        "x-custom: 1",
    ] {
        assert!(lines.contains(&expected), "{expected} is missing in {lines:#?}");
    }
    assert!(!seen.body().contains("x-hop"));
}

#[tokio::test]
async fn answers_are_protected() {
    let stage = attached().await;
    let page = stage.get(&format!("{PREFIX}page"), &[]).await;
    assert!(page.body().contains(r#"<a href="/session/abcdefghijkl/x">"#), "{}", page.body());
    let headers = page.headers();
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
    assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "frame-ancestors 'self' http://app.localhost:1");
    assert!(!headers.contains_key(header::ETAG));
    let missing = stage.get("/session/aaaaaaaaaaaa/", &[]).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(missing.headers()[header::REFERRER_POLICY], "same-origin");
    let slash = stage.get("/session/abcdefghijkl", &[]).await;
    assert_eq!(slash.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(slash.headers()[header::LOCATION], PREFIX);
    let worker = stage.get(&format!("{PREFIX}page"), &[("service-worker", "script")]).await;
    assert_eq!(worker.status(), StatusCode::FORBIDDEN);
    let back = stage.get("/data.json", &[("referer", &format!("{}{PREFIX}page", stage.origin))]).await;
    assert_eq!(back.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(back.headers()[header::LOCATION], "/session/abcdefghijkl/data.json");
}

#[tokio::test]
async fn only_the_previews_own_pages_and_the_app_open_websockets() {
    let stage = attached().await;
    let url = format!("{}{PREFIX}?token=t", stage.origin.replace("http", "ws"));
    let connect = async |origin: Option<&str>| {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, "vite-hmr".parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        }
        connect_async(request).await
    };
    for origin in [None, Some("http://evil.example"), Some("null")] {
        let Err(tungstenite::Error::Http(refused)) = connect(origin).await else {
            panic!("{origin:?} was let in")
        };
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    }
    for origin in [stage.origin.as_str(), "http://app.localhost:1"] {
        let (mut socket, response) = connect(Some(origin)).await.unwrap();
        assert_eq!(response.headers()[header::SEC_WEBSOCKET_PROTOCOL], "vite-hmr");
        socket.send(Message::text("ping")).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("ping"));
    }
    stage.end().await;
}
