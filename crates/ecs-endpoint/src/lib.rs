//! The calls of Amazon ECS by which an operator looks at a fleet and scales it, answered so that the AWS CLI works.
//!
//! The protocol is AWS JSON 1.1: `POST /`, the call's name in `X-Amz-Target`, the request signed with SigV4.

pub mod calls;
pub mod cluster;
pub mod fault;
pub mod names;
pub mod server;
pub mod sigv4;

mod shapes;

pub use cluster::{Cluster, Refusal, Service, Task, TaskState};
pub use fault::Fault;
pub use names::Names;
pub use server::router;
pub use sigv4::AccessKey;
