//! What tests of several crates share. Never a dependency of the product.

pub mod browser;
pub mod claude;
pub mod clock;
pub mod exchange;
pub mod faulty_proxy;
pub mod git_server;
pub mod launcher;
pub mod ministack;
pub mod node;

pub use browser::{Browser, Page};
pub use claude::claude;
pub use clock::ManualClock;
pub use exchange::Exchange;
pub use faulty_proxy::{Fault, FaultyProxy};
pub use git_server::GitServer;
pub use launcher::{launcher, unconfined};
pub use ministack::Ministack;
pub use node::node;
