//! What Hermes is told when it starts.

use domain::ThreadId;
use domain::reply_address::ReplyAddresses;
use std::time::Duration;

/// What answers say about the price of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billing {
    /// The scripted model answered: nothing was charged.
    Rehearsal,
    /// A real model answered.
    Metered,
}

/// Hermes' configuration.
#[derive(Clone)]
pub struct Config {
    /// Where previews are served: `http://127.0.0.1:8080`.
    pub preview_origin: String,
    /// Where each preview has a host of its own, what follows its `t-{threadId}.`, with the port.
    pub preview_suffix: Option<String>,
    /// Signs reply addresses.
    pub reply_addresses: ReplyAddresses,
    /// What answers say about cost.
    pub billing: Billing,
    /// Most edit containers at once.
    pub max_containers: u32,
    /// How often the sweep looks for what nobody answered.
    pub sweep: Duration,
}

impl Config {
    /// The address at which a thread's preview opens.
    pub fn preview_url(&self, thread: &ThreadId) -> String {
        match &self.preview_suffix {
            None => format!("{}{}", self.preview_origin, thread.preview_path()),
            Some(suffix) => {
                let scheme = self.preview_origin.split("://").next().unwrap_or("http");
                format!("{scheme}://t-{}.{suffix}/", thread.as_str())
            }
        }
    }
}
