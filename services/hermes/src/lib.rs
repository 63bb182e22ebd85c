//! Hermes: believes a message or not, finds project and thread, sends work, tells the result.

pub mod attachments;
pub mod authenticity;
pub mod bells;
pub mod config;
pub mod conversation;
mod dead_count;
mod dead_letters;
pub mod desk;
pub mod door;
pub mod far;
pub mod hosts;
pub mod incoming;
mod last_look;
mod listen;
pub mod mailroom;
mod measure;
pub mod operator;
mod orphans;
mod outgoing;
pub mod preview_address;
mod refuse;
mod remind;
mod say;
mod scaler;
pub mod ses;
mod ses_mail;
pub mod session_router;
#[cfg(feature = "aws")]
pub mod settings;
mod sweep;
#[cfg(feature = "aws")]
pub mod task;
mod tell;
pub mod verdict;
pub mod web;
mod word;

pub use config::Config;
pub use desk::Hermes;
pub use preview_address::PreviewAddresses;
