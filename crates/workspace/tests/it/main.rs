//! The workspace on the real git program and real repositories.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's own steps may fail it")]

mod aside;
mod fixture;
mod hostile;
mod origins;
mod publishing;
mod threads;
