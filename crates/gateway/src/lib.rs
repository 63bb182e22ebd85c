//! The loopback model gateway: it holds the key of the model's API, and agents only hold tokens of their own.

pub mod ask;
pub mod fault;
pub mod meter;
pub mod relay;
pub mod secret;
pub mod server;
pub mod token;
pub mod tools;
pub mod upstream;

pub use ask::SMALL_MODEL;
pub use meter::Usage;
pub use secret::Secret;
pub use server::{Gateway, GatewayError};
pub use token::{AgentToken, Grant};
pub use tools::{TOOLS_PATH, Tools};
pub use upstream::{Credential, Patience, Upstream};
