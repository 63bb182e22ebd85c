//! The pages as a browser without scripts gets them.

use crate::support::*;
use axum::body::Body;
use domain::ThreadId;
use domain::message::{Kind, Status};
use hermes::web::sign_in_link;
use http::{Method, Request};
use ports::messages::Progress;
use std::time::Duration;

fn path_of(link: &str) -> String {
    link.strip_prefix(APP).unwrap().to_owned()
}

#[tokio::test]
async fn a_link_signs_in_once_and_looking_at_it_does_nothing() {
    let bench = Bench::open().await;
    let life = Duration::from_mins(1);
    let link = sign_in_link(&bench.backends, &identity(ANN), APP, life).await.unwrap();
    let path = path_of(&link);
    for _ in 0..2 {
        let (status, page) = bench.ask(get(&path, "")).await;
        assert_eq!(status, 200);
        assert!(page.contains(ANN) && page.contains("<form method=\"post\">"));
    }
    let response = bench.send(post(&path, "", "")).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/");
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"));
    let token = cookie.strip_prefix("webordinary=").unwrap().split(';').next().unwrap();
    assert_eq!(bench.ask(get("/", token)).await.0, 200);

    for request in [get(&path, ""), post(&path, "", "")] {
        let (status, page) = bench.ask(request).await;
        assert_eq!(status, 410);
        assert!(page.contains("webordinary sign-in"));
    }
    assert_eq!(bench.send(post("/sign-out", token, "")).await.status(), 303);
    assert_eq!(bench.ask(get("/", token)).await.0, 401);
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_how() {
    let bench = Bench::open().await;
    for request in [get("/", ""), get("/", "made-up"), get("/mail", ""), get("/threads/aaaaaaaaaaaa", "")] {
        let (status, page) = bench.ask(request).await;
        assert_eq!(status, 401);
        assert!(page.contains("webordinary sign-in"));
    }
}

#[tokio::test]
async fn another_sites_page_can_change_nothing() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let order = format!("/threads/{}/orders", said.thread.as_str());
    let link = sign_in_link(&bench.backends, &identity(ANN), APP, Duration::from_mins(1)).await.unwrap();
    for path in [order.as_str(), "/threads", "/sign-out", &path_of(&link), "/hermes/api/sign-in-links"] {
        for (name, value) in [
            ("origin", "http://127.0.0.1:8080"),
            ("origin", "null"),
            ("referer", "http://evil.org/"),
            ("x-none", ""),
        ] {
            let request = Request::post(path)
                .header("cookie", format!("webordinary={token}"))
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from("kind=cancel&once=1"))
                .unwrap();
            assert_eq!(bench.ask(request).await.0, 403, "{path} {name} {value}");
        }
    }
    assert_eq!(bench.backends.messages.of_thread(&said.thread).await.unwrap().len(), 1);
    assert_eq!(bench.ask(get(&path_of(&link), "")).await.0, 200, "the link is not spent");
}

#[tokio::test]
async fn a_conversation_shows_only_to_the_people_of_its_project() {
    let bench = Bench::open().await;
    let said = bench.thread("Add a page about stamps").await;
    answer(&bench.backends, &said, Status::Done, "I added the page.").await;
    let page = format!("/threads/{}", said.thread.as_str());
    // Who, what the page answers, may they write, may they publish.
    for (who, status, writes, publishes) in [
        (ANN, 200, true, true),
        (BOB, 200, true, false),
        (RITA, 200, false, false),
        (OLGA, 404, false, false),
    ] {
        let token = bench.token(who).await;
        let (got, html) = bench.ask(get(&page, &token)).await;
        assert_eq!(got, status, "{who}");
        assert_eq!(html.contains("<textarea"), writes, "{who}");
        assert_eq!(html.contains("value=\"publish\""), publishes, "{who}");
        assert_eq!(
            html.contains("23 s · $0.04 · 9700 tokens · $1.25 this month"),
            status == 200,
            "{who}: {html}"
        );
        let (_, list) = bench.ask(get("/", &token)).await;
        assert_eq!(list.contains("Add a page about stamps"), status == 200, "{who}");
        let (got, _) = bench.ask(post(&format!("{page}/orders"), &token, "kind=publish&once=1")).await;
        let want = if publishes {
            303
        } else if status == 404 {
            404
        } else {
            403
        };
        assert_eq!(got, want, "{who}");
        let (got, _) =
            bench.ask(compose(&format!("{page}/messages"), &token, &[("text", "More")], &[])).await;
        let want = if writes {
            303
        } else if status == 404 {
            404
        } else {
            403
        };
        assert_eq!(got, want, "{who}");
    }
    let messages = bench.backends.messages.of_thread(&said.thread).await.unwrap();
    assert_eq!(messages.iter().filter(|m| m.kind == Kind::Publish).count(), 1);
    assert_eq!(messages.len(), 4);
}

#[tokio::test]
async fn a_new_conversation_takes_words_and_files_without_a_script() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let picture: &[u8] = b"\x89PNG\r\n\x1a\nrest";
    let form = || {
        compose(
            "/threads",
            &token,
            &[("text", "Put it <b>there</b>"), ("once", "o-1")],
            &[("a.png", picture)],
        )
    };
    let response = bench.send(form()).await;
    assert_eq!(response.status(), 303);
    let page = response.headers()["location"].to_str().unwrap().to_owned();
    let again = bench.send(form()).await;
    assert_eq!(again.headers()["location"], page.as_str(), "the same form is the same message");

    let (status, html) = bench.ask(get(&page, &token)).await;
    assert_eq!(status, 200);
    assert!(html.contains("Put it &lt;b&gt;there&lt;/b&gt;"));
    let id = page.strip_prefix("/threads/").unwrap();
    assert!(html.contains(&format!("src=\"http://127.0.0.1:8080/session/{id}/\"")));
    let thread: ThreadId = id.parse().unwrap();
    let messages = bench.backends.messages.of_thread(&thread).await.unwrap();
    let file = format!("{page}/files/{}/0", messages[0].id);
    let response = bench.send(get(&file, &token)).await;
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(bench.ask(get(&file, &bench.token(OLGA).await)).await.0, 404);
}

#[tokio::test]
async fn what_is_refused_stands_in_the_composer_with_the_reason() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let long = "x".repeat(200_001);
    let eleven: Vec<(&str, &[u8])> = vec![("a.txt", b"x"); 11];
    let large = vec![b'x'; 25_000_001];
    for (fields, files, status, says) in [
        (vec![("text", " ")], vec![], 400, "There is nothing in this message"),
        (vec![("text", long.as_str())], vec![], 413, "longer than 200 KB"),
        (vec![("text", "Look")], eleven, 413, "at most 10 files"),
        (vec![("text", "Look")], vec![("big.bin", large.as_slice())], 413, "larger than 25 MB"),
    ] {
        let (got, html) = bench.ask(compose("/threads", &token, &fields, &files)).await;
        assert_eq!(got, status, "{says}");
        assert!(html.contains(says), "{says}");
        assert_eq!(html.contains(">Look</textarea>"), fields[0].1 == "Look");
    }
    assert!(bench.backends.threads.list(&"stamps".parse().unwrap(), None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn with_htmx_only_the_parts_that_changed_are_sent() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let path = format!("/threads/{}/messages", said.thread.as_str());
    let mut request = compose(&path, &token, &[("text", "And a photo")], &[]);
    request.headers_mut().insert("hx-request", "true".parse().unwrap());
    let (status, html) = bench.ask(request).await;
    assert_eq!(status, 200);
    assert!(html.trim_start().starts_with("<form id=\"composer\""));
    assert!(html.contains("And a photo</div>") && html.contains("hx-swap-oob"));
    assert!(!html.contains("<html"));
}

#[tokio::test]
async fn get_never_acts() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let id = said.thread.as_str();
    for path in [
        format!("/threads/{id}/orders"),
        format!("/threads/{id}/messages"),
        "/threads".to_owned(),
        "/sign-out".to_owned(),
    ] {
        assert_eq!(bench.ask(get(&path, &token)).await.0, 405, "{path}");
    }
    for path in ["sessions/activate", "sign-in-links", "projects/stamps/rollback"] {
        assert_eq!(bench.ask(api(Method::GET, path, OPERATOR, "")).await.0, 405, "{path}");
    }
    let messages = bench.backends.messages.of_thread(&said.thread).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].progress, Progress::Waiting);
}

#[tokio::test]
async fn answers_carry_what_keeps_them_in_their_place() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    for path in ["/", "/nowhere", "/health/live"] {
        let response = bench.send(get(path, &token)).await;
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(
            policy.contains("frame-src http://127.0.0.1:8080;") && policy.contains("frame-ancestors 'none'")
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cache-control"], "no-store");
    }
    let (_, html) = bench.ask(get("/", &token)).await;
    let inline = html.split("<script").skip(1).any(|rest| !rest.starts_with(" src="));
    assert!(!inline && !html.contains(" style=") && !html.contains(" onclick="));
    for name in ["app.css", "app.js", "htmx.min.js", "htmx-sse.min.js"] {
        let at = html.find(name).unwrap();
        let start = html[..at].rfind('"').unwrap() + 1;
        let response = bench.send(get(&html[start..at + name.len()], "")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
    }
    assert_eq!(bench.ask(get("/assets/000000000000/app.css", "")).await.0, 404);
}

#[tokio::test]
async fn mail_shows_to_its_addressee_only() {
    let bench = Bench::open().await;
    let new = bench.dir.path().join("outbox/new");
    std::fs::create_dir_all(&new).unwrap();
    let mail = format!(
        "From: edit@stamps.localhost\r\nTo: {ANN}\r\nSubject: Done\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html\r\n\r\n<p>See <script>alert(1)</script></p>"
    );
    std::fs::write(new.join("1"), mail).unwrap();
    let token = bench.token(ANN).await;
    let (_, list) = bench.ask(get("/mail", &token)).await;
    let at = list.find("/mail/").map(|_| list.match_indices("href=\"/mail/").next().unwrap().0).unwrap();
    let path = &list[at + 6..at + 6 + "/mail/".len() + 16];
    let (status, page) = bench.ask(get(path, &token)).await;
    assert_eq!(status, 200);
    assert!(page.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(!page.contains("<script>alert"));
    let bob = bench.token(BOB).await;
    assert_eq!(bench.ask(get(path, &bob)).await.0, 404);
    assert!(!bench.ask(get("/mail", &bob)).await.1.contains(">Done<"));
}

#[tokio::test]
async fn ready_tells_the_truth() {
    let bench = Bench::open().await;
    let (status, body) = bench.ask(get("/health/ready", "")).await;
    assert_eq!(status, 200, "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["status"], "ready");
    for (check, vital) in
        [("store", true), ("queues", true), ("blobs", true), ("fleet", false), ("mailer", false)]
    {
        assert_eq!(body["checks"][check]["ok"], true, "{body}");
        assert_eq!(body["checks"][check]["vital"], vital, "{body}");
        assert!(body["checks"][check]["latencyMs"].is_u64());
    }
    bench.stop.cancel();
    assert_eq!(bench.ask(get("/health/ready", "")).await.0, 503);
    assert_eq!(bench.ask(get("/health/live", "")).await.0, 200);
}

#[tokio::test]
async fn without_a_mailer_hermes_is_impaired_and_stays_in_the_load_balancer() {
    let bench = Bench::open().await;
    std::fs::remove_dir_all(bench.dir.path().join("outbox")).unwrap();
    let (status, body) = bench.ask(get("/health/ready", "")).await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["status"]), (200, &"impaired".into()), "{body}");
    assert_eq!(
        (&body["checks"]["mailer"]["ok"], &body["checks"]["fleet"]["ok"]),
        (&false.into(), &true.into())
    );
    // It is asked now and then only: what was seen is believed for a while.
    std::fs::create_dir_all(bench.dir.path().join("outbox/new")).unwrap();
    assert!(bench.ask(get("/health/ready", "")).await.1.contains("impaired"));
}

#[tokio::test]
async fn the_list_says_where_each_conversation_stands() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    bench.thread("Somebody begins").await;
    for (status, says) in [
        (Status::Plan, "Waits for your yes"),
        (Status::Question, "Has a question"),
        (Status::Failed, "Needs a look"),
        (Status::Interrupted, "Stopped"),
        (Status::Published, "Published"),
        (Status::Done, "Ready to look at"),
    ] {
        let said = bench.thread("Change it").await;
        answer(&bench.backends, &said, status, "So it went.").await;
        let page = bench.ask(get(&format!("/threads/{}", said.thread.as_str()), &token)).await.1;
        assert!(page.contains(says), "{says}");
        assert_eq!(page.contains("value=\"approve\""), status == Status::Plan);
        assert!(!page.contains("value=\"cancel\""));
        assert!(bench.ask(get("/", &token)).await.1.contains(says), "{says}");
    }
    assert!(bench.ask(get("/", &token)).await.1.contains("Getting ready"));
}
