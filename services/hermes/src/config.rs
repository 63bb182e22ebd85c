//! What Hermes is told when it starts.

use crate::preview_address::PreviewAddresses;
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
    /// Where the chat is found, without a path.
    pub app_origin: String,
    /// Where previews are found.
    pub previews: PreviewAddresses,
    /// Signs reply addresses.
    pub reply_addresses: ReplyAddresses,
    /// What answers say about cost.
    pub billing: Billing,
    /// Most edit containers at once.
    pub max_containers: u32,
    /// Edit containers that wait for work beside those that have some.
    pub warm_spare: u32,
    /// How often the sweep looks for what nobody answered.
    pub sweep: Duration,
}
