//! The ports on AWS: SQS, DynamoDB, S3, SES, ECS, CloudWatch. The only crate that names an AWS SDK.

pub mod blobs;
pub mod connect;
pub mod fleet;
pub mod mailer;
pub mod metrics;
pub mod queues;
pub mod resources;
pub mod task;

mod fault;
mod store_clock;

pub use blobs::{Buckets, S3Blobs};
pub use connect::{Clients, Settings};
pub use fleet::EcsFleet;
pub use mailer::SesMailer;
pub use metrics::CloudWatchMetrics;
pub use queues::SqsQueues;
pub use task::{Agent, TaskIdentity};
