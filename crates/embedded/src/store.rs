//! Opens the data directory and hands out the ports.

use crate::blobs::DirectoryBlobs;
use crate::claims::SqliteClaims;
use crate::containers::ContainerBook;
use crate::data::Data;
use crate::db::Db;
use crate::fault::Fault;
use crate::files;
use crate::fleet::InProcessFleet;
use crate::mailer::{MaildirMailer, Relay};
use crate::messages::SqliteMessages;
use crate::pool::SqlitePool;
use crate::projects::SqliteProjects;
use crate::queues::SqliteQueues;
use crate::releases::SqliteReleases;
use crate::replies::SqliteReplies;
use crate::sessions::SqliteSessions;
use crate::sign_in::SqliteSignIns;
use crate::spending::SqliteSpending;
use crate::threads::SqliteThreads;
use ports::{
    Blobs, Claims, Clock, Containers, Mailer, Messages, Pool, ProgressFeed, ProgressHub, Projects, Queues,
    Releases, Replies, Result, Sessions, SignIns, Spending, Threads,
};
use std::path::Path;
use std::sync::Arc;

/// Every port but the fleet, on one data directory. When it and every port it gave out are dropped, what was asked is
/// finished and the directory is free for another process.
#[derive(Clone)]
pub struct Embedded {
    db: Db,
    queues: Arc<SqliteQueues>,
    blobs: Arc<DirectoryBlobs>,
    mailer: Arc<MaildirMailer>,
    progress: Arc<ProgressHub>,
    containers: Arc<ContainerBook>,
}

impl Embedded {
    /// Takes the directory and opens what is in it. Leases are judged by `clock`. `Conflict` when another process has
    /// the directory, `Malformed` when a newer version wrote it, `Transient` when the disk refuses.
    pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::open_in(Data::lock(dir)?, clock, None).await
    }

    /// Opens what is in a directory that this process has already. Mail goes out by `relay` too.
    pub async fn open_in(data: Data, clock: Arc<dyn Clock>, relay: Option<Arc<dyn Relay>>) -> Result<Self> {
        let containers = Arc::new(ContainerBook::new(Arc::clone(&clock)));
        let db = Db::open(data, clock)?;
        let store = Self {
            queues: Arc::new(SqliteQueues::new(db.clone())),
            blobs: Arc::new(DirectoryBlobs::open(db.clone()).await?),
            mailer: Arc::new(MaildirMailer::open(db.clone(), relay).await?),
            progress: Arc::new(ProgressHub::default()),
            containers,
            db,
        };
        files::sync_dir(store.db.dir()).map_err(Fault::from)?;
        Ok(store)
    }

    /// Queues.
    pub fn queues(&self) -> Arc<dyn Queues> {
        self.queues.clone()
    }

    /// The register of projects.
    pub fn projects(&self) -> Arc<dyn Projects> {
        Arc::new(SqliteProjects(self.db.clone()))
    }

    /// Threads and their aliases.
    pub fn threads(&self) -> Arc<dyn Threads> {
        Arc::new(SqliteThreads(self.db.clone()))
    }

    /// Messages and outcomes.
    pub fn messages(&self) -> Arc<dyn Messages> {
        Arc::new(SqliteMessages(self.db.clone()))
    }

    /// Replies.
    pub fn replies(&self) -> Arc<dyn Replies> {
        Arc::new(SqliteReplies(self.db.clone()))
    }

    /// A fleet of tasks in this process, without services yet, which keeps desired counts here.
    pub fn fleet(&self) -> InProcessFleet {
        InProcessFleet::remembering(self.db.clone())
    }

    /// The pool's record.
    pub fn pool(&self) -> Arc<dyn Pool> {
        Arc::new(SqlitePool(self.db.clone()))
    }

    /// Claims.
    pub fn claims(&self) -> Arc<dyn Claims> {
        Arc::new(SqliteClaims(self.db.clone()))
    }

    /// The containers of this process.
    pub fn containers(&self) -> Arc<dyn Containers> {
        self.containers.clone()
    }

    /// Sessions.
    pub fn sessions(&self) -> Arc<dyn Sessions> {
        Arc::new(SqliteSessions(self.db.clone()))
    }

    /// The build service's book.
    pub fn releases(&self) -> Arc<dyn Releases> {
        Arc::new(SqliteReleases(self.db.clone()))
    }

    /// Sign-in tokens.
    pub fn sign_ins(&self) -> Arc<dyn SignIns> {
        Arc::new(SqliteSignIns(self.db.clone()))
    }

    /// The book of what the model has cost.
    pub fn spending(&self) -> Arc<dyn Spending> {
        Arc::new(SqliteSpending(self.db.clone()))
    }

    /// Blobs.
    pub fn blobs(&self) -> Arc<dyn Blobs> {
        self.blobs.clone()
    }

    /// Mail out: the Maildir `outbox` in the data directory.
    pub fn mailer(&self) -> Arc<dyn Mailer> {
        self.mailer.clone()
    }

    /// Live progress. Every call gives the same feed.
    pub fn progress(&self) -> Arc<dyn ProgressFeed> {
        self.progress.clone()
    }
}
