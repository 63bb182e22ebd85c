//! HTTP as scripts and browsers speak it to the fleet.

use crate::fleet::Fleet;
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
