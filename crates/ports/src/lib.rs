//! The seams to the outside: what the services need, in the product's words. Adapters live in
//! `embedded` (one machine) and on AWS; both pass the suites in `contract`.

pub mod backends;
pub mod blobs;
pub mod cdn;
pub mod claims;
pub mod clock;
pub mod code_host;
pub mod containers;
#[cfg(feature = "contract")]
pub mod contract;
pub mod dead_letters;
pub mod error;
pub mod fleet;
pub mod invoker;
pub mod mailer;
pub mod messages;
pub mod metrics;
pub mod pool;
pub mod progress;
pub mod progress_hub;
pub mod projects;
pub mod queues;
pub mod releases;
pub mod replies;
pub mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod signer;
pub mod spending;
pub mod threads;

pub use backends::Backends;
pub use blobs::Blobs;
pub use cdn::Cdn;
pub use claims::Claims;
pub use clock::Clock;
pub use code_host::CodeHost;
pub use containers::Containers;
pub use error::{ErrorKind, PortError, Result};
pub use fleet::Fleet;
pub use invoker::Invoker;
pub use mailer::Mailer;
pub use messages::Messages;
pub use metrics::Metrics;
pub use pool::Pool;
pub use progress::ProgressFeed;
pub use progress_hub::ProgressHub;
pub use projects::Projects;
pub use queues::Queues;
pub use releases::Releases;
pub use replies::Replies;
pub use secrets::{Secret, Secrets};
pub use sessions::Sessions;
pub use sign_in::SignIns;
pub use signer::Signer;
pub use spending::Spending;
pub use threads::Threads;
