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
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true)
        .with_max_request_body_bytes(LARGEST_REQUEST);
    let service =
        StreamableHttpService::new(move || Ok(tools.clone()), Arc::new(NeverSessionManager::default()), config);
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
        let done = done.unwrap_or_else(|error| Err(ToolError::transient(format!("The tool broke off: {error}."))));
        let answer = done.map_err(|error| error.to_string())?;
        serde_json::to_string(&answer).map_err(|error| error.to_string())
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("site", env!("CARGO_PKG_VERSION")))
    }
}
