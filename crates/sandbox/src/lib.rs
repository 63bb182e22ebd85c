//! The launcher: every child that runs site code or the agent starts through here.

pub mod child;
pub mod demand;
pub mod launcher;
pub mod protection;
pub mod report;
pub mod spec;
pub mod steward;

mod argv;
mod bubblewrap;
mod cage;
mod confine;
mod earlier;
mod hatch;
mod inherited;
mod inside;
mod probe;
mod rules;
mod signals;
mod supervisor;
mod tree;
mod ways;

pub use child::Confined;
pub use demand::Demand;
pub use earlier::wait_for_earlier;
pub use launcher::{Launcher, run_if_launched};
pub use protection::Protection;
pub use report::{Guard, Report};
pub use spec::{Limits, Network, Reach, Spec, Stdio, Way};
pub use ways::free_port;
