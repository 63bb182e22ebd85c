//! A scripted Messages API on loopback, so that the real Claude Code runs with no account.

pub mod bedrock;
pub mod conversation;
pub mod delete;
pub mod form;
pub mod page;
pub mod photo;
pub mod planner;
pub mod post;
pub mod replace;
pub mod reply;
pub mod server;
mod short;
pub mod site_photo;
pub mod stream;
pub mod switches;
pub mod take_down;
pub mod write;

pub use bedrock::Verify;
pub use planner::next;
pub use reply::{MARK, Reply, ToolUse};
pub use server::{Rehearsal, RehearsalError};
