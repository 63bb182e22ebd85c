//! The build service: a signed push or a rollback comes in, and what the public sees changes, or stays as it was.

pub mod compose;
pub mod conceal;
pub mod config;
pub mod disk;
pub mod event;
pub mod function;
pub mod github;
pub mod history;
pub mod hook;
pub mod http_event;
pub mod notice;
pub mod packages;
pub mod service;
pub mod signature;
pub mod webhook;

#[cfg(feature = "aws")]
pub mod lambda;
mod lease;
mod push;
mod report;
mod rollback;
mod run;
mod source;
mod sweep;

pub use config::environment::Environment;
pub use config::{BuildConfig, Deps, Edges, SecretNames};
pub use event::Event;
pub use function::Function;
pub use github::GitHub;
pub use packages::NpmPackages;
pub use service::BuildService;
