//! The tools as Claude Code sees them: MCP over streamable HTTP, without sessions.

use crate::asks::{AddPhoto, CreatePost, DeletePage, ListContent, PreviewLink, UpdatePage, UpdatePost};
use crate::catalog::Catalog;
use crate::error::ToolError;
use crate::site::Site;
use crate::{pages, photo, posts};
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use serde::Serialize;
use std::sync::Arc;

/// Largest request, in bytes: a text that is written, and what JSON makes of it.
const LARGEST_REQUEST: usize = 2 << 20;

/// The tools of one turn. Each answers with JSON, or with what is wrong in words.
#[derive(Clone)]
struct Tools {
    site: Arc<Site>,
    tool_router: ToolRouter<Self>,
}

/// An answer, or why there is none.
type Answer = std::result::Result<String, String>;

/// The tools that work on `site`, as a router that answers at every path.
pub fn router(site: Site) -> axum::Router {
    let mut tool_router = Tools::tool_router();
    if site.builds.is_none() {
        tool_router.remove_route("build_check");
    }
    if site.preview.is_none() {
        tool_router.remove_route("preview_link");
    }
    let tools = Tools { site: Arc::new(site), tool_router };
    // One request, one answer: who asks is not remembered, and nothing is told unasked.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(LARGEST_REQUEST);
    let service = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    axum::Router::new().fallback_service(service)
}

#[tool_router]
impl Tools {
    #[tool(
        description = "List the site's pages with their addresses, and its collections with their posts, the newest first.",
        annotations(read_only_hint = true)
    )]
    async fn list_content(&self, Parameters(ask): Parameters<ListContent>) -> Answer {
        self.work(move |site| Ok(Catalog::of(&site.folder()?)?.matching(ask.matching.as_deref()))).await
    }

    #[tool(
        description = "Add a post to a collection: named after its title, with the front matter that the other posts have."
    )]
    async fn create_post(&self, Parameters(ask): Parameters<CreatePost>) -> Answer {
        self.work(move |site| posts::create(site, &ask)).await
    }

    #[tool(
        description = "Change a post's title, its whole text, or fields of its front matter. What is not given stays as it is written."
    )]
    async fn update_post(&self, Parameters(ask): Parameters<UpdatePost>) -> Answer {
        self.work(move |site| posts::update(site, &ask)).await
    }

    #[tool(
        description = "Change a page: replace a text that stands exactly once in its file (from, to), or, for a Markdown page, its title, text or fields."
    )]
    async fn update_page(&self, Parameters(ask): Parameters<UpdatePage>) -> Answer {
        self.work(move |site| pages::update(site, &ask)).await
    }

    #[tool(
        description = "Remove a page or post. The answer names the files that still link to it.",
        annotations(destructive_hint = true)
    )]
    async fn delete_page(&self, Parameters(ask): Parameters<DeletePage>) -> Answer {
        self.work(move |site| pages::delete(site, &ask)).await
    }

    #[tool(
        description = "Put an attached photo (JPEG, PNG, WebP, GIF) into the site: turned upright, without its place and other hidden data, at most 2560 pixels a side, where Astro makes small modern files of it. Look at the photo first (Read). The answer holds the lines that show it; putting them on the page is up to you."
    )]
    async fn add_photo(&self, Parameters(ask): Parameters<AddPhoto>) -> Answer {
        self.work(move |site| photo::add(site, &ask)).await
    }

    #[tool(
        description = "Build the site as it is now. Says that it builds, or the errors with file and line. Takes up to a minute or two.",
        annotations(read_only_hint = true)
    )]
    async fn build_check(&self) -> Answer {
        let builds = self.site.builds.as_ref().ok_or("There is no build here.")?;
        builds.check().await.map(|()| "The site builds.".to_owned())
    }

    #[tool(
        description = "The address at which the owner sees a page or post in the preview.",
        annotations(read_only_hint = true)
    )]
    async fn preview_link(&self, Parameters(ask): Parameters<PreviewLink>) -> Answer {
        self.work(move |site| site.preview_link(&ask.page)).await
    }
}

impl Tools {
    /// Work on files, away from the threads that wait for the network.
    async fn work<T: Serialize + Send + 'static>(
        &self,
        work: impl FnOnce(&Site) -> crate::error::Result<T> + Send + 'static,
    ) -> Answer {
        let site = Arc::clone(&self.site);
        let done = tokio::task::spawn_blocking(move || work(&site)).await;
        let done =
            done.unwrap_or_else(|error| Err(ToolError::transient(format!("The tool broke off: {error}."))));
        let answer = done.map_err(|error| error.to_string())?;
        serde_json::to_string(&answer).map_err(|error| error.to_string())
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("site", env!("CARGO_PKG_VERSION")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::Builds;
    use crate::stage::Stage;
    use async_trait::async_trait;
    use axum::body::Body;
    use http::{Request, header};
    use http_body_util::BodyExt;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    struct Failing;

    #[async_trait]
    impl Builds for Failing {
        async fn check(&self) -> std::result::Result<(), String> {
            Err("[ERROR] src/pages/about.astro:1:1".to_owned())
        }
    }

    async fn ask(site: &Site, method: &str, params: Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let request = Request::post("/mcp")
            .header(header::HOST, "127.0.0.1:1")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .body(Body::from(body.to_string()));
        let answer = router(site.clone()).oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{method}");
        serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    async fn call(site: &Site, tool: &str, arguments: Value) -> (bool, String) {
        let answer = ask(site, "tools/call", json!({"name": tool, "arguments": arguments})).await;
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        (result["isError"] == true, text)
    }

    #[tokio::test]
    async fn every_tool_answers() {
        let stage = Stage::new();
        stage.attach("gate.jpg", include_bytes!("../tests/photos/turned-with-gps.jpg"));
        let site = Site { builds: Some(Arc::new(Failing)), ..stage.site() };
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let hello = ask(&site, "initialize", hello).await;
        assert_eq!(hello["result"]["serverInfo"]["name"], "site", "{hello}");
        for (tool, arguments, says) in [
            ("list_content", json!({"matching": "oven"}), "\"title\":\"The new oven is in\""),
            ("create_post", json!({"title": "T", "body": "B"}), "src/content/blog/t.md"),
            ("update_post", json!({"post": "T", "fields": {"draft": true}}), "draft: true"),
            (
                "update_page",
                json!({"page": "/about/", "from": "at 9", "to": "at 8"}),
                "src/pages/about.astro",
            ),
            ("delete_page", json!({"page": "/about/"}), "\"links_remain_in\":[\"src/pages/index.astro\"]"),
            ("add_photo", json!({"attachment": "gate.jpg", "alt": "A gate"}), "src/assets/photos/gate-"),
            ("preview_link", json!({"page": "/"}), "http://127.0.0.1:1/session/t/"),
        ] {
            let (failed, text) = call(&site, tool, arguments).await;
            assert!(!failed && text.contains(says), "{tool}: {text}");
        }
        let (failed, text) = call(&site, "build_check", json!({})).await;
        assert!(failed && text.contains("src/pages/about.astro:1:1"), "{text}");
        let (failed, text) = call(&site, "delete_page", json!({"page": "/about/"})).await;
        assert!(failed && text.contains("no page or post"), "{text}");
        let wrong =
            ask(&site, "tools/call", json!({"name": "add_photo", "arguments": {"attachment": "x"}})).await;
        assert!(wrong.to_string().contains("alt"), "an alternative text is asked for: {wrong}");
    }

    #[tokio::test]
    async fn only_what_can_be_done_is_offered() {
        let stage = Stage::new();
        let names = async |site: &Site| -> Vec<String> {
            let answer = ask(site, "tools/list", json!({})).await;
            let tools = answer["result"]["tools"].as_array().unwrap().clone();
            assert!(
                tools.iter().all(|tool| tool["description"].as_str().is_some_and(|says| says.len() > 40))
            );
            tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
        };
        let all = Site { builds: Some(Arc::new(Failing)), ..stage.site() };
        assert_eq!(
            names(&all).await,
            [
                "add_photo",
                "build_check",
                "create_post",
                "delete_page",
                "list_content",
                "preview_link",
                "update_page",
                "update_post",
            ]
        );
        let few = names(&Site { preview: None, ..stage.site() }).await;
        assert_eq!(few.len(), 6, "{few:?}");
    }
}
