//! What every service needs around its logic: telemetry, a life that can end well, and named fault points.

#[cfg(feature = "aws")]
pub mod aws;
pub mod fault;
pub mod lifecycle;
#[cfg(feature = "options")]
pub mod options;
pub mod telemetry;

pub use lifecycle::Lifecycle;
