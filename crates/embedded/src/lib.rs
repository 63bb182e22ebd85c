//! The ports on one machine: SQLite, a directory, a Maildir, and tasks in this process.
//!
//! Everything lives under one data directory, which one process has at a time. What a method confirms has been
//! synced to the disk: a `kill -9` at any moment loses nothing that was confirmed and leaves nothing half.

pub mod data;
pub mod edges;
pub mod fleet;
pub mod mailer;
pub mod metrics;
pub mod secrets;
pub mod store;

mod blobs;
mod claims;
mod codec;
mod containers;
mod db;
mod fault;
mod files;
mod messages;
mod pool;
mod projects;
mod queues;
mod releases;
mod replies;
mod sessions;
mod sign_in;
mod spending;
mod threads;

pub use data::Data;
pub use edges::{NoCache, NoCodeHost};
pub use fleet::{InProcessFleet, TaskContext};
pub use mailer::Relay;
pub use metrics::LogMetrics;
pub use secrets::FileSecrets;
pub use store::Embedded;
