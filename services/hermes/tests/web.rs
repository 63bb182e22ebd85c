//! The app host as its callers see it, over real adapters.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "web/api.rs"]
mod api;
#[path = "web/ask_link.rs"]
mod ask_link;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/streams.rs"]
mod streams;
#[path = "web/support.rs"]
mod support;
