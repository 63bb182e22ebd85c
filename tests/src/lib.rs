//! The whole fleet, tested from outside: the built program, real mail, real git, real browsers.

#![expect(clippy::expect_used, reason = "a harness of tests can only end the test")]

pub mod cloud;
pub mod fleet;
pub mod git;
pub mod letter;
pub mod outbox;
pub mod place;
pub mod processes;
mod repositories;
pub mod wait;
pub mod web;

pub use cloud::{Cloud, CloudOptions};
pub use fleet::{Fleet, Options};
pub use git::Git;
pub use letter::Letter;
pub use outbox::{Outbox, Received};
pub use place::Place;
pub use wait::until;
