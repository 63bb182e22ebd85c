//! The suites that every adapter passes: what the ports promise, as tests. Behind the feature `contract`.
//!
//! A suite panics at the first promise that is not kept. It uses names of its own, so that suites may run beside each
//! other, and beside whatever else is stored.
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use crate::{
    Blobs, Claims, Containers, Fleet, Mailer, Messages, Pool, Projects, Queues, Releases, Replies, Sessions,
    SignIns, Spending, Threads,
};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

mod blobs;
mod claims;
mod containers;
mod edges;
mod fleet;
mod mailer;
mod messages;
mod pool;
mod projects;
mod queues;
mod releases;
mod replies;
mod sample;
mod sessions;
mod sign_in;
mod spending;
mod threads;
mod work;

pub use blobs::blobs_contract;
pub use claims::claims_contract;
pub use containers::containers_contract;
pub use edges::{cdn_contract, secrets_contract};
pub use fleet::fleet_contract;
pub use mailer::mailer_contract;
pub use messages::messages_contract;
pub use pool::pool_contract;
pub use projects::projects_contract;
pub use queues::queues_contract;
pub use releases::releases_contract;
pub use replies::replies_contract;
pub use sessions::sessions_contract;
pub use sign_in::sign_in_contract;
pub use spending::spending_contract;
pub use threads::threads_contract;
pub use work::work_contract;

/// A backend under test. Every port must work on the same stores.
#[async_trait]
pub trait Harness: Send + Sync {
    /// Queues.
    fn queues(&self) -> Arc<dyn Queues>;
    /// The register of projects.
    fn projects(&self) -> Arc<dyn Projects>;
    /// Threads.
    fn threads(&self) -> Arc<dyn Threads>;
    /// Messages.
    fn messages(&self) -> Arc<dyn Messages>;
    /// Replies.
    fn replies(&self) -> Arc<dyn Replies>;
    /// The pool's record. Nothing else writes it meanwhile.
    fn pool(&self) -> Arc<dyn Pool>;
    /// Claims.
    fn claims(&self) -> Arc<dyn Claims>;
    /// The register of containers.
    fn containers(&self) -> Arc<dyn Containers>;
    /// Sessions.
    fn sessions(&self) -> Arc<dyn Sessions>;
    /// The build service's book.
    fn releases(&self) -> Arc<dyn Releases>;
    /// Sign-in tokens.
    fn sign_ins(&self) -> Arc<dyn SignIns>;
    /// The book of what the model has cost.
    fn spending(&self) -> Arc<dyn Spending>;
    /// Blobs.
    fn blobs(&self) -> Arc<dyn Blobs>;
    /// Mail out.
    fn mailer(&self) -> Arc<dyn Mailer>;
    /// A fleet, and one of its services, whose tasks run until they are stopped. Its desired count is 0.
    fn fleet(&self) -> (Arc<dyn Fleet>, String);
    /// A lease that lapses when this much time is let pass, and never by a slow machine before. Whole seconds.
    fn lease(&self) -> Duration;
    /// Lets time pass for the stores: moves their clock, or waits.
    async fn pass(&self, d: Duration);
}
