//! The ports on AWS: SQS, DynamoDB, S3, SES, ECS, CloudWatch. The only crate that names an AWS SDK.

pub mod connect;

mod fault;
mod store_clock;

pub use connect::{Clients, Settings};
