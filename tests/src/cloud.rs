//! The fleet on the AWS stand-in: the resources, the services' own programs, and what ECS and SES do around them.

pub mod ecs;
pub mod inbox;
pub mod lambda;
pub mod ledger;
pub mod operator;
mod repository;
pub mod ses;
pub mod site;
pub mod tenants;
mod units;
pub mod way;
pub mod world;

pub use ecs::Ecs;
pub use inbox::Inbox;
pub use lambda::Lambda;
pub use ledger::{Ledger, Line, Lines};
pub use ses::Ses;
pub use way::Way;
pub use world::{Cloud, CloudOptions};
