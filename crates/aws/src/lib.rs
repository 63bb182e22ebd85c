//! The ports on AWS: SQS, DynamoDB, S3, SES, ECS, CloudWatch. The only crate that names an AWS SDK.

pub mod cdn;
pub mod connect;
pub mod invoker;
pub mod secrets;

mod fault;
mod store_clock;

pub use cdn::CloudFront;
pub use connect::{Clients, Settings};
pub use invoker::LambdaInvoker;
pub use secrets::SecretsManager;
