//! The build service: a signed push or a rollback comes in, and what the public sees changes, or stays as it was.

pub mod config;
pub mod history;
pub mod hook;
pub mod notice;
pub mod packages;
pub mod service;
pub mod signature;
pub mod webhook;

mod lease;
mod push;
mod rollback;
mod run;
mod source;
mod sweep;

pub use config::{BuildConfig, Deps};
pub use packages::NpmPackages;
pub use service::BuildService;
