//! HTTP as scripts and browsers speak it to the fleet.

use crate::fleet::Fleet;
use domain::ThreadId;
use reqwest::{Client, Response, header, redirect};
use serde_json::Value;
use std::time::Duration;

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The body, as text.
    pub text: String,
}

/// A client that follows no redirect and keeps no cookie.
///
/// # Panics
/// When none can be made.
pub fn client() -> Client {
    let builder = Client::builder().redirect(redirect::Policy::none()).timeout(Duration::from_secs(90));
    builder.no_proxy().build().expect("an HTTP client")
}

impl Page {
    /// Reads a response whole.
    ///
    /// # Panics
    /// When it ends early.
    pub async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        Self { status, text: response.text().await.expect("a whole answer") }
    }
}

impl Fleet {
    /// A page of a production site, asked for by the host name that its owner would type.
    pub async fn live(&self, project: &str, path: &str) -> Page {
        let site = self.ready.site.as_str();
        let port = site.rsplit(':').next().unwrap_or_default();
        let request = self
            .http
            .get(format!("{site}{path}"))
            .header(header::HOST, format!("{project}.localhost:{port}"));
        Page::of(request.send().await.expect("the site answers")).await
    }

    /// A page of the preview host, asked for as a browser does when it opens one.
    pub async fn preview_page(&self, url: &str) -> Page {
        let request = self.http.get(url).header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
        Page::of(request.send().await.expect("the preview host answers")).await
    }

    /// What runs and what waits.
    ///
    /// # Panics
    /// When the product does not say.
    pub async fn status(&self) -> Value {
        let url = format!("{}/hermes/api/status", self.ready.http);
        let response = self.http.get(url).bearer_auth(self.operator_token()).send().await.expect("a status");
        let status = response.status();
        let text = response.text().await.expect("a status");
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).expect("a status in JSON")
    }
}

/// Server-sent events as they come.
#[derive(Debug)]
pub struct Events {
    response: Response,
    read: String,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its data.
    pub data: String,
}

impl Events {
    /// Those of `response`.
    ///
    /// # Panics
    /// When it is no stream of events.
    pub fn of(response: Response) -> Self {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        assert_eq!((response.status().as_u16(), kind), (200, Some("text/event-stream")));
        Self { response, read: String::new() }
    }

    /// The next one; comments are passed over.
    ///
    /// # Panics
    /// When the stream ends.
    pub async fn next(&mut self) -> Event {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
                };
                let event = Event { name: field("event:"), data: field("data:") };
                if event.name.is_empty() {
                    continue;
                }
                return event;
            }
            let chunk = self.response.chunk().await.expect("a stream").expect("the stream goes on");
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The first of this name (any, when it is empty) whose data holds `part`; what comes before is passed over.
    ///
    /// # Panics
    /// When none comes within a minute.
    pub async fn until(&mut self, name: &str, part: &str) -> Event {
        let seek = async {
            loop {
                let event = self.next().await;
                if (name.is_empty() || event.name == name) && event.data.contains(part) {
                    return event;
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_mins(1), seek).await;
        found.unwrap_or_else(|_| panic!("no event {name:?} with {part:?}"))
    }
}

impl Fleet {
    /// A conversation as the API tells it.
    ///
    /// # Panics
    /// When it does not.
    pub async fn conversation(&self, thread: &ThreadId) -> Value {
        let url = format!("{}/hermes/api/threads/{}/events", self.ready.http, thread.as_str());
        let response = self.http.get(url).bearer_auth(self.operator_token()).send().await.expect("a stream");
        let state = Events::of(response).until("state", "").await;
        serde_json::from_str(&state.data).expect("a conversation in JSON")
    }
}
