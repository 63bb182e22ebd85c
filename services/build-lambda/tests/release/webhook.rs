//! The webhook's door, and the hook that knocks.

use crate::world::{SECRET, World, answer_text};
use axum::body::Body;
use build_lambda::notice::{PushedRef, SignedPush};
use build_lambda::{hook, signature, webhook};
use http::{Request, StatusCode};
use ports::releases::Order;
use std::time::Duration;
use tower::ServiceExt;

fn moved() -> PushedRef {
    PushedRef { old: "a".repeat(40), new: "b".repeat(40), reference: "refs/heads/main".to_owned() }
}

fn with(mut push: SignedPush, header: &str, value: Option<&str>) -> SignedPush {
    push.headers.retain(|(name, _)| *name != header);
    if let (Some(value), Some(name)) = (value, known(header)) {
        push.headers.push((name, value.to_owned()));
    }
    push
}

fn known(header: &str) -> Option<&'static str> {
    use build_lambda::notice::{DELIVERY_HEADER, EVENT_HEADER, SIGNATURE_HEADER};
    [DELIVERY_HEADER, EVENT_HEADER, SIGNATURE_HEADER, "content-type"].into_iter().find(|name| *name == header)
}

#[tokio::test]
async fn only_a_signed_push_to_the_default_branch_is_noted() {
    let world = World::new().await;
    let service = world.service("builds-a", Duration::from_secs(20));
    let notice = |pushed: &PushedRef| world.notice(pushed, "d1");
    let other = PushedRef { reference: "refs/heads/thread-x".to_owned(), ..moved() };
    let gone = PushedRef { new: "0".repeat(40), ..moved() };
    let odd = PushedRef { new: "nothing".to_owned(), ..moved() };
    let mut forged = notice(&moved());
    forged.body.push(b' ');
    let cases = [
        (forged, 401),
        (with(notice(&moved()), "x-hub-signature-256", None), 401),
        (with(notice(&moved()), "x-hub-signature-256", Some("sha256=00")), 401),
        (with(notice(&moved()), "x-github-event", None), 400),
        (with(notice(&moved()), "x-github-event", Some("ping")), 200),
        (with(notice(&moved()), "x-github-event", Some("issues")), 200),
        (with(notice(&moved()), "x-github-delivery", None), 400),
        (with(notice(&moved()), "content-type", Some("application/x-www-form-urlencoded")), 415),
        (notice(&other), 200),
        (notice(&gone), 200),
        (notice(&odd), 400),
    ];
    for (push, want) in cases {
        let headers = push.headers.clone();
        let (status, words) = world.post(&service, push).await;
        assert_eq!(status.as_u16(), want, "{headers:?}: {words}");
        assert!(!words.is_empty());
    }
    assert!(world.store.releases().open_orders().await.unwrap().is_empty());

    for (delivery, says) in [("d1", "will be built"), ("d1", "before"), ("d2", "will be built")] {
        let (status, words) = world.post(&service, world.notice(&moved(), delivery)).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        assert!(words.contains(says), "{words}");
    }
    let orders = world.store.releases().open_orders().await.unwrap();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[0].order, Order::Push { commit: "b".repeat(40) });
}

#[tokio::test]
async fn what_is_no_project_or_too_long_is_refused() {
    let world = World::new().await;
    let service = world.service("builds-a", Duration::from_secs(20));
    let router = webhook::router(service.webhooks(service.bell()));
    for path in ["/webhooks/push/other", "/webhooks/push/..%2f", "/webhooks/push/UPPER"] {
        let request = Request::post(path).body(Body::from("{}")).unwrap();
        let (status, _) = answer_text(router.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let long = vec![b' '; webhook::BODY_MAX + 1];
    let request = Request::post("/webhooks/push/demo")
        .header("x-hub-signature-256", signature::sign(SECRET, &long))
        .body(Body::from(long))
        .unwrap();
    let (status, words) = answer_text(router.oneshot(request).await.unwrap()).await;
    assert_eq!((status, words.as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "The body is longer than 25 MB.\n"));
}

#[tokio::test]
async fn the_hook_tells_the_service() {
    let world = World::new().await;
    let service = world.service("builds-a", Duration::from_secs(20));
    let router = webhook::router(service.webhooks(service.bell()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/push/demo", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let target = hook::Target {
        url,
        secret: SECRET.to_vec(),
        project: world.id().clone(),
        repository: "demo".to_owned(),
    };
    let lines = format!("{} {} refs/heads/main\n", "a".repeat(40), "b".repeat(40));
    let wrong = hook::Target { secret: b"wrong".to_vec(), ..target.clone() };
    let told = tokio::task::spawn_blocking(move || {
        (hook::run(lines.as_bytes(), &target), hook::run(lines.as_bytes(), &wrong))
    });
    let (told, refused) = told.await.unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert!(refused[0].contains("401"), "{refused:?}");
    assert_eq!(world.store.releases().open_orders().await.unwrap().len(), 1);
    server.abort();
}
