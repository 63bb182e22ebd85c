//! The ports on AWS: SQS, DynamoDB, S3, SES, ECS, CloudWatch. The only crate that names an AWS SDK.

pub mod blobs;
pub mod cdn;
pub mod connect;
pub mod dynamo;
pub mod fleet;
pub mod invoker;
pub mod mailer;
pub mod metrics;
pub mod queues;
pub mod resources;
pub mod secrets;
pub mod signer;
pub mod tables;
pub mod task;

mod claims;
mod containers;
mod fault;
mod item;
mod messages;
mod pool;
mod projects;
mod releases;
mod replies;
mod sessions;
mod sign_in;
mod spending;
mod store;
mod store_clock;
mod threads;
mod write;

pub use blobs::{Buckets, S3Blobs};
pub use cdn::CloudFront;
pub use connect::{Clients, Settings};
pub use dynamo::Dynamo;
pub use fleet::EcsFleet;
pub use invoker::LambdaInvoker;
pub use mailer::SesMailer;
pub use metrics::CloudWatchMetrics;
pub use queues::SqsQueues;
pub use secrets::SecretsManager;
pub use signer::RoleSigner;
pub use task::{Agent, TaskIdentity};
