//! Previews: per thread one Astro dev server, and the proxy to it under `/session/{threadId}/`.
//!
//! - [`config`] what previews are set up with, and how a thread's site is found
//! - [`host`] all dev servers of this process: started on demand, ended when others need the room
//! - `server` one run of one dev server
//! - `output` what it printed last
//! - `serve` what happens to one request: passed on, held, or answered by a waiting page
//! - `proxy` passing one request on, streaming
//! - `headers` headers on the way there and back
//! - [`relay`] passing one request on to the container that serves it
//! - [`waking`] what a request is answered while its thread wakes
//! - `waiting` the page shown while a dev server starts
//! - [`prefix`] addresses moved under a prefix, and the way back for those that left it
//! - [`rewrite`] HTML rewritten while it streams
//! - [`saved`] a thread's last saved version, shown while its live preview is not there
//! - `scripts` scripts of our own that pages of a preview load
//! - [`shim`] the script that keeps script-made addresses under the prefix

pub mod config;
mod headers;
pub mod host;
mod output;
pub mod prefix;
mod proxy;
pub mod relay;
pub mod rewrite;
pub mod saved;
mod scripts;
mod serve;
mod server;
pub mod shim;
pub mod waiting;
pub mod waking;

pub use config::{Mode, PreviewConfig, Site, Sites};
pub use host::{PreviewError, PreviewHost};
pub use prefix::escaped;
pub use proxy::Body;
pub use relay::Relay;
pub use saved::Saved;
