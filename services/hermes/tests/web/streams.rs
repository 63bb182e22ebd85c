//! What comes over the event streams.

use crate::support::*;
use axum::body::Body;
use domain::message::Status;
use http::Method;
use http_body_util::BodyExt;
use ports::progress::ProgressEvent;
use serde_json::Value;

/// An open stream, read event by event.
struct Stream {
    body: Body,
    read: String,
}

impl Stream {
    /// The next event: its name and data. `None` at the end.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect::<Vec<_>>().join("\n")
                };
                let found = (field("event:"), field("data:"));
                self.read = rest.into();
                return Some(found);
            }
            let frame = self.body.frame().await?.unwrap();
            self.read.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
    }

    /// The data of the next event of this name.
    async fn until(&mut self, name: &str) -> String {
        loop {
            let (event, data) = self.next().await.unwrap();
            if event == name {
                return data;
            }
        }
    }
}

async fn html(bench: &Bench, token: &str, thread: &str) -> Stream {
    let response = bench.send(get(&format!("/threads/{thread}/stream"), token)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Stream { body: response.into_body(), read: String::new() }
}

#[tokio::test]
async fn a_page_gets_the_present_state_then_what_happens_then_the_end() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let mut stream = html(&bench, &token, said.thread.as_str()).await;
    assert!(stream.until("conversation").await.contains("Add a page"));
    assert!(stream.until("state").await.contains("Getting ready"));

    let tell = |event| bench.backends.progress.publish(&said.thread, event);
    tell(ProgressEvent::Tool { verb: "reading".to_owned(), target: "src/pages/index.astro".to_owned() });
    assert!(stream.until("live").await.contains("Reading <code>src/pages/index.astro</code>"));
    assert_eq!(stream.until("announce").await, "Reading src/pages/index.astro");
    tell(ProgressEvent::Text { text: "I look at <it>.".to_owned() });
    let live = stream.until("live").await;
    assert!(live.contains("I look at &#60;it&#62;.") || live.contains("I look at &lt;it&gt;."), "{live}");

    answer(&bench.backends, &said, Status::Done, "I added the page.").await;
    assert!(stream.until("conversation").await.contains("I added the page."));
    assert!(stream.until("state").await.contains("Ready to look at"));

    bench.stop.cancel();
    while stream.next().await.is_some() {}
}

#[tokio::test]
async fn who_missed_events_is_shown_the_store() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let mut stream = html(&bench, &token, said.thread.as_str()).await;
    stream.until("state").await;
    answer(&bench.backends, &said, Status::Question, "Which page?").await;
    for _ in 0..20_000 {
        bench.backends.progress.publish(&said.thread, ProgressEvent::Text { text: "x".to_owned() });
    }
    assert!(stream.until("conversation").await.contains("Which page?"));
}

#[tokio::test]
async fn who_signs_out_sees_no_more() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let mut stream = html(&bench, &token, said.thread.as_str()).await;
    stream.until("state").await;
    bench.send(post("/sign-out", &token, "")).await;
    say(&bench.backends, BOB, Some(said.thread.clone()), "And this").await;
    while let Some((_, data)) = stream.next().await {
        assert!(!data.contains("And this"));
    }
}

#[tokio::test]
async fn the_api_streams_json() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let path = format!("threads/{}/events", said.thread.as_str());
    let response = bench.send(api(Method::GET, &path, &token, "")).await;
    assert_eq!(response.status(), 200);
    let mut stream = Stream { body: response.into_body(), read: String::new() };
    let state: Value = serde_json::from_str(&stream.until("state").await).unwrap();
    assert_eq!(state["threadId"], said.thread.as_str());
    assert_eq!(state["messages"][0]["text"], "Add a page");
    assert_eq!(state["messages"][0]["progress"], "waiting");

    let note = ProgressEvent::Note { text: "installing".to_owned() };
    bench.backends.progress.publish(&said.thread, note);
    assert_eq!(stream.until("progress").await, r#"{"type":"note","text":"installing"}"#);
    answer(&bench.backends, &said, Status::Done, "I added the page.").await;
    let answer: Value = serde_json::from_str(&stream.until("answer").await).unwrap();
    assert_eq!(answer["outcome"]["status"], "done");
    assert!(answer["replies"][0]["text"].as_str().unwrap().starts_with("I added the page."));
    bench.stop.cancel();
    while stream.next().await.is_some() {}
}

#[tokio::test]
async fn one_person_holds_so_many_streams_open_and_no_more() {
    let bench = Bench::open().await;
    let token = bench.token(ANN).await;
    let said = bench.thread("Add a page").await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(html(&bench, &token, said.thread.as_str()).await);
    }
    let path = format!("/threads/{}/stream", said.thread.as_str());
    assert_eq!(bench.send(get(&path, &token)).await.status(), 429);
    open.pop();
    assert_eq!(bench.send(get(&path, &token)).await.status(), 200);
}
