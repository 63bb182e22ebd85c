//! What an owner's few words ask for: tables of phrases and one way of reading them. Pure: no I/O, no clock.
//!
//! Nothing is ever done by guess: words count only if, politeness aside, nothing is left that is not understood.

mod cancel;
mod day;
mod interruption;
mod order;
mod plan;
mod polite;
mod publish;
mod question;
mod reply;
mod resume;
mod rollback;
mod signature;
mod tokens;
mod undo;
mod words;

pub use day::Day;
pub use interruption::{Interruption, interruption};
pub use order::{Intent, intent, intent_by};
pub use plan::wants_plan;
pub use reply::{PlanReply, reply_to_plan, reply_to_plan_by};
pub use resume::is_resume;
pub use undo::{Undo, undo, undo_by};
