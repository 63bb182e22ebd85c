//! The loopback model gateway: it holds the key of the model's API, and agents only hold tokens of their own.

pub mod ask;
mod bedrock;
pub mod fault;
pub mod frames;
pub mod meter;
pub mod prices;
pub mod relay;
pub mod secret;
pub mod server;
pub mod token;
pub mod tools;
pub mod upstream;

pub use ask::Answered;
pub use meter::Usage;
pub use prices::Prices;
pub use secret::Secret;
pub use server::{Gateway, GatewayError, Terms};
pub use token::{AgentToken, Grant};
pub use tools::{TOOLS_PATH, Tools};
pub use upstream::{Credential, Patience, Role, Upstream};
