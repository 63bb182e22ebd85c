//! SMTP: a small listener that takes mail in, and a client that hands mail to a relay.

pub mod client;
pub mod door;
pub mod server;

pub use client::{RelayUrl, SendError, Sent, send};
pub use door::{Door, Envelope, Verdict};
pub use server::{Limits, Server};
