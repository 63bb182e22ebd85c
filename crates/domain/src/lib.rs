//! The words of the product as types: ids, messages, states and names. No I/O, no async, no clock.

pub mod commit;
pub mod id;
pub mod lease;
pub mod message;
pub mod money;
pub mod names;
pub mod progress;
pub mod project;
pub mod reply_address;
pub mod session;
pub mod time;

pub use id::{ClientId, ContainerId, Epoch, MessageId, Pair, ProjectId, ReleaseId, Seq, ThreadId, UserId};
pub use lease::Lease;
pub use money::Money;
pub use progress::Progress;
pub use time::Timestamp;
