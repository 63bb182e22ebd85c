//! The ports that are kept in DynamoDB, together.

use crate::Clients;
use crate::claims::DynamoClaims;
use crate::containers::DynamoContainers;
use crate::messages::DynamoMessages;
use crate::pool::DynamoPool;
use crate::projects::DynamoProjects;
use crate::releases::DynamoReleases;
use crate::replies::DynamoReplies;
use crate::sessions::DynamoSessions;
use crate::sign_in::DynamoSignIns;
use crate::spending::DynamoSpending;
use crate::store::Store;
use crate::threads::DynamoThreads;
use ports::{
    Blobs, Claims, Containers, Messages, Pool, Projects, Releases, Replies, Sessions, SignIns, Spending,
    Threads,
};
use std::sync::Arc;

/// The store. What is too large for a row goes to the blobs.
#[derive(Clone)]
pub struct Dynamo(Store);

impl Dynamo {
    /// The store on these clients' tables, which must exist.
    pub fn new(clients: &Clients, blobs: Arc<dyn Blobs>) -> Self {
        Self(Store::new(clients, blobs))
    }

    /// Claims.
    pub fn claims(&self) -> Arc<dyn Claims> {
        Arc::new(DynamoClaims(self.0.clone()))
    }

    /// The register of containers.
    pub fn containers(&self) -> Arc<dyn Containers> {
        Arc::new(DynamoContainers(self.0.clone()))
    }

    /// Messages and outcomes.
    pub fn messages(&self) -> Arc<dyn Messages> {
        Arc::new(DynamoMessages(self.0.clone()))
    }

    /// The pool's record.
    pub fn pool(&self) -> Arc<dyn Pool> {
        Arc::new(DynamoPool(self.0.clone()))
    }

    /// The register of projects.
    pub fn projects(&self) -> Arc<dyn Projects> {
        Arc::new(DynamoProjects(self.0.clone()))
    }

    /// The build service's book.
    pub fn releases(&self) -> Arc<dyn Releases> {
        Arc::new(DynamoReleases(self.0.clone()))
    }

    /// Replies.
    pub fn replies(&self) -> Arc<dyn Replies> {
        Arc::new(DynamoReplies(self.0.clone()))
    }

    /// Sessions.
    pub fn sessions(&self) -> Arc<dyn Sessions> {
        Arc::new(DynamoSessions(self.0.clone()))
    }

    /// Sign-in tokens.
    pub fn sign_ins(&self) -> Arc<dyn SignIns> {
        Arc::new(DynamoSignIns(self.0.clone()))
    }

    /// The book of what the model has cost.
    pub fn spending(&self) -> Arc<dyn Spending> {
        Arc::new(DynamoSpending(self.0.clone()))
    }

    /// Threads and their aliases.
    pub fn threads(&self) -> Arc<dyn Threads> {
        Arc::new(DynamoThreads(self.0.clone()))
    }
}
