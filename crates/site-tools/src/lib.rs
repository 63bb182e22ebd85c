//! The site's own verbs for Claude Code: an MCP server whose tools are thin over the functions here.

mod asks;
mod builds;
mod catalog;
mod config;
mod error;
mod folder;
mod front;
mod manner;
mod pages;
mod photo;
mod picture;
mod place;
mod posts;
mod scalar;
mod server;
mod site;
mod slug;
#[cfg(test)]
#[path = "../tests/support/stage.rs"]
mod stage;
mod yaml;

pub use builds::Builds;
pub use error::{ErrorKind, ToolError};
pub use folder::{Changes, EndOfChanges};
pub use server::router;
pub use site::Site;
