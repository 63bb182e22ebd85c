//! The edit container: claims one client+project+user, carries out its messages with Claude Code on the thread's
//! branch, and serves each thread's preview.

mod before;
mod bell;
mod check;
mod claimed;
pub mod config;
pub mod container;
mod desk;
pub mod door;
mod draft;
mod error;
mod instruct;
mod interruption;
mod mend;
mod plan;
mod publish;
mod purse;
pub mod registry;
#[cfg(feature = "aws")]
pub mod settings;
mod site;
mod stop;
#[cfg(feature = "aws")]
pub mod task;
mod thread;
mod tools;
mod turn;
mod undo;
mod words;

pub use config::Config;
pub use container::Container;
pub use registry::PreviewRegistry;
