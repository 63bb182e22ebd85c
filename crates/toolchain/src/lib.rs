//! What the product needs from npm: tools at pinned versions, and sites' packages.

pub mod doctor;
pub mod error;
pub mod packages;
pub mod paths;
pub mod progress;
pub mod tools;
pub mod version;

mod pinned;
mod registry;
mod runner;
mod store;

pub use error::ToolchainError;
pub use packages::Packages;
pub use paths::ToolPaths;
pub use progress::{Progress, Silent};
pub use tools::{BuildTools, Toolchain};
