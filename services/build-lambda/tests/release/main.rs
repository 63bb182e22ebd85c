//! Releases from push to public site: real git, real Astro, the embedded store.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod blobs;
mod crash;
mod edges;
mod events;
mod function;
mod hostile;
mod private;
mod push;
mod rollback;
mod stop;
mod webhook;
mod world;
