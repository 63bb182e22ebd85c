//! All ports together, as a service is given them.

use crate::{
    Blobs, Claims, Clock, Containers, Fleet, Mailer, Messages, Metrics, Pool, ProgressFeed, Projects, Queues,
    Releases, Replies, Sessions, SignIns, Spending, Threads,
};
use std::sync::Arc;

/// One adapter for each port. Cloning shares them.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its name")]
pub struct Backends {
    pub blobs: Arc<dyn Blobs>,
    pub claims: Arc<dyn Claims>,
    pub clock: Arc<dyn Clock>,
    pub containers: Arc<dyn Containers>,
    pub fleet: Arc<dyn Fleet>,
    pub mailer: Arc<dyn Mailer>,
    pub messages: Arc<dyn Messages>,
    pub pool: Arc<dyn Pool>,
    pub metrics: Arc<dyn Metrics>,
    pub progress: Arc<dyn ProgressFeed>,
    pub projects: Arc<dyn Projects>,
    pub queues: Arc<dyn Queues>,
    pub releases: Arc<dyn Releases>,
    pub replies: Arc<dyn Replies>,
    pub sessions: Arc<dyn Sessions>,
    pub sign_ins: Arc<dyn SignIns>,
    pub spending: Arc<dyn Spending>,
    pub threads: Arc<dyn Threads>,
}
