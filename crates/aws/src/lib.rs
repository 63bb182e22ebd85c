//! The ports on AWS: SQS, DynamoDB, S3, SES, ECS, CloudWatch. The only crate that names an AWS SDK.

pub mod connect;
pub mod dynamo;
pub mod tables;

mod claims;
mod containers;
mod fault;
mod item;
mod messages;
mod projects;
mod releases;
mod replies;
mod sessions;
mod sign_in;
mod store;
mod store_clock;
mod threads;
mod write;

pub use connect::{Clients, Settings};
pub use dynamo::Dynamo;
