//! The launcher: every child that runs site code or the agent starts through here.

pub mod child;
pub mod launcher;
pub mod spec;

mod argv;
mod confine;
mod earlier;
mod inherited;
mod supervisor;
mod tree;

pub use child::Confined;
pub use earlier::wait_for_earlier;
pub use launcher::{Launcher, run_if_launched};
pub use spec::{Limits, Spec, Stdio};
