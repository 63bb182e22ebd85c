//! One project's turn: its open orders, one after the other, under its lease.

use crate::config::{BuildConfig, Deps};
use crate::history::LOOK_BACK;
use crate::lease::Lease;
use crate::source::Source;
use data_encoding::HEXLOWER;
use domain::message::{ReleaseEvent, Schema, Status};
use domain::names::RELEASE_EVENTS_QUEUE;
use domain::project::Project;
use domain::{MessageId, ProjectId, ReleaseId};
use ports::messages::Message;
use ports::releases::{Ending, Order, Ordered, ReleaseRow};
use ports::{ErrorKind, PortError};
use publish::{Packages, SiteStore};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use workspace::RepositoryKeys;

/// Tries of an order that fails for a reason that may pass, before its author is told.
const TRIES: u32 = 8;

/// Why an order is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The site's own: the words are for its owner, and the order is over.
    #[error("{0}")]
    Site(String),
    /// May pass: the order stays open.
    #[error("{0}")]
    Later(String),
    /// There was not enough time, which was this much.
    #[error("not done in time")]
    Late(Duration),
    /// The store's, which decides.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Trouble {
    fn is_lease_lost(&self) -> bool {
        matches!(self, Self::Port(err) if err.kind() == ErrorKind::LeaseLost)
    }
}

/// How a turn ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Every order that was open is closed.
    Done,
    /// Another service is at the project.
    Taken,
    /// There are open orders, but no time for another.
    Left,
    /// Asked to stop.
    Stopped,
}

/// What a turn may use.
pub(crate) struct Allowance {
    /// How often the first order failed before.
    pub(crate) tries: u32,
    /// When work must end; for ever without it. What has begun by then is over for good: it would not fit next time.
    pub(crate) until: Option<Instant>,
}

impl Allowance {
    /// Whether an order that may take `longest` can begin and not be cut off.
    fn fits(&self, longest: Duration) -> bool {
        self.until.is_none_or(|until| until.duration_since(Instant::now()) >= longest)
    }
}

/// Everything that a turn needs. Cheap to share.
pub(crate) struct Shop {
    pub(crate) deps: Deps,
    pub(crate) config: BuildConfig,
    pub(crate) packages: Arc<dyn Packages>,
}

/// One order of one project, being worked on.
pub(crate) struct Job<'a> {
    pub(crate) project: Project,
    pub(crate) order: &'a Ordered,
    pub(crate) id: ReleaseId,
    pub(crate) lease: &'a Lease,
    /// How often it failed before.
    pub(crate) tries: u32,
}

impl Shop {
    /// Works on a project's open orders until there are none, or no time for another.
    pub(crate) async fn turn(
        &self,
        project: &ProjectId,
        allowance: &Allowance,
        stop: &CancellationToken,
    ) -> Result<Turn, Trouble> {
        let Some(lease) = Lease::take(&self.deps.releases, project, self.config.lease).await? else {
            return Ok(Turn::Taken);
        };
        let turn = tokio::select! {
            biased;
            done = self.orders(project, &lease, allowance) => done,
            lost = lease.beat() => Err(lost.into()),
            () = stop.cancelled() => Ok(Turn::Stopped),
        };
        lease.give_back().await;
        turn
    }

    async fn orders(
        &self,
        project: &ProjectId,
        lease: &Lease,
        allowance: &Allowance,
    ) -> Result<Turn, Trouble> {
        let (mut tries, mut is_first) = (allowance.tries, true);
        loop {
            let open = self.deps.releases.open_orders().await?;
            let Some(order) = open.iter().find(|o| &o.project == project) else { return Ok(Turn::Done) };
            // The first has all the time that there is, so it is worth a try in any case.
            if !is_first && !allowance.fits(self.config.build_max) {
                return Ok(Turn::Left);
            }
            is_first = false;
            match self.deps.projects.get(project).await {
                Ok(found) => {
                    let id = release_id(order);
                    self.one(&Job { project: found, order, id, lease, tries }, allowance.until).await?;
                }
                Err(err) if err.kind() == ErrorKind::NotFound => {
                    tracing::warn!(project = %project, "an order for a project that is gone is closed");
                }
                Err(err) => return Err(err.into()),
            }
            self.deps.releases.close_order(&order.key).await?;
            tries = 0;
        }
    }

    async fn one(&self, job: &Job<'_>, until: Option<Instant>) -> Result<(), Trouble> {
        match self.deps.releases.get(&job.id).await {
            // Done before a crash; only the bell and the closing may be missing.
            Ok(row) => {
                self.ring(&row).await;
                return Ok(());
            }
            Err(err) if err.kind() == ErrorKind::NotFound => {}
            Err(err) => return Err(err.into()),
        }
        let row = match self.within(job, until).await {
            Err(Trouble::Late(time)) => {
                let says = format!(
                    "It was not done within {} seconds, the longest that this may take here.",
                    time.as_secs()
                );
                Some(self.give_up(job, says).await?)
            }
            Err(err) if job.tries + 1 >= TRIES && !err.is_lease_lost() => {
                let says = format!("It did not work, also after {TRIES} tries: {err}.");
                Some(self.give_up(job, says).await?)
            }
            other => other?,
        };
        let Some(row) = row else { return Ok(()) };
        job.lease.record(&row).await?;
        (self.config.fault)("release.recorded");
        let (project, release, commit) = (&row.project, &row.id, &row.commit);
        match &row.ending {
            Ending::Live => tracing::info!(%project, %release, %commit, "released"),
            Ending::Failed { says } => tracing::warn!(%project, %release, %commit, says, "not released"),
        }
        self.ring(&row).await;
        self.report_ending(&job.project, &row).await;
        Ok(())
    }

    /// Carries an order out, or breaks off at `until`.
    async fn within(&self, job: &Job<'_>, until: Option<Instant>) -> Result<Option<ReleaseRow>, Trouble> {
        let work = async {
            match &job.order.order {
                Order::Push { commit } => self.push(job, commit).await,
                Order::Rollback { message } => self.rollback(job, message.as_ref()).await.map(Some),
            }
        };
        let Some(until) = until else { return work.await };
        let began = Instant::now();
        // What is dropped ends with its children.
        timeout_at(until, work).await.unwrap_or_else(|_| Err(Trouble::Late(until.duration_since(began))))
    }

    /// The end of an order that cannot be done: production goes back to what the book says, where that is possible.
    async fn give_up(&self, job: &Job<'_>, says: String) -> Result<ReleaseRow, Trouble> {
        let rows = self.deps.releases.list(&job.project.project_id, LOOK_BACK).await?;
        if let Err(err) = self.settle(job, &rows).await {
            tracing::error!(project = %job.project.project_id, error = %err, "the public site may be half changed");
        }
        match &job.order.order {
            Order::Push { commit } => self.failed(job, commit, says).await,
            Order::Rollback { message } => Ok(self.stays(job, &rows, message.as_ref(), &says)),
        }
    }

    /// Tells Hermes. It looks for what it was not told.
    async fn ring(&self, row: &ReleaseRow) {
        let event =
            ReleaseEvent { schema: Schema, project_id: row.project.clone(), release_id: row.id.clone() };
        let rung = match serde_json::to_string(&event) {
            Ok(body) => self.deps.queues.send(RELEASE_EVENTS_QUEUE, &body).await,
            Err(err) => Err(PortError::new(ErrorKind::Malformed, err)),
        };
        if let Err(err) = rung {
            tracing::warn!(project = %row.project, release = %row.id, error = %err, "nobody was told of a release");
        }
    }

    pub(crate) async fn source(&self, project: &Project) -> Result<Source, Trouble> {
        Ok(Source::new(self.keys().origin(project).await?))
    }

    fn keys(&self) -> RepositoryKeys {
        RepositoryKeys {
            secrets: Arc::clone(&self.deps.edges.secrets),
            name: self.config.secrets.repository.clone(),
            program: self.config.askpass.clone(),
            place: self.config.work_dir.join("credentials"),
        }
    }

    pub(crate) fn store(&self, project: &ProjectId) -> SiteStore {
        let (blobs, cdn) = (Arc::clone(&self.deps.blobs), Arc::clone(&self.deps.edges.cdn));
        SiteStore::new(blobs, cdn, project.clone())
    }

    /// A directory that only the holder of the project's lease uses.
    pub(crate) fn place(&self, project: &ProjectId) -> PathBuf {
        self.config.work_dir.join("builds").join(project.as_str())
    }

    /// Publishes that no release answers yet.
    pub(crate) async fn waiting(&self, project: &ProjectId) -> Result<Vec<Message>, PortError> {
        let published = self.deps.messages.untold(Some(project), Some(Status::Published)).await?;
        if published.is_empty() {
            return Ok(published);
        }
        let answered: HashSet<MessageId> =
            self.deps.releases.untold().await?.into_iter().flat_map(|row| row.answers).collect();
        Ok(published.into_iter().filter(|m| !answered.contains(&m.id)).collect())
    }
}

/// The release that an order leads to: always the same, so that an order is never carried out twice.
fn release_id(order: &Ordered) -> ReleaseId {
    let mut bytes = [0; 16];
    let hash = Sha256::digest(format!("release/1/{}/{}", order.project, order.key));
    bytes.copy_from_slice(&hash[..16]);
    // Version 8, RFC 9562: an id that a program makes by a rule of its own.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    let text = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    text.parse().unwrap_or_else(|_| unreachable!("made in the form of a UUID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_leads_to_one_release() {
        let order = |key: &str| Ordered {
            key: key.to_owned(),
            project: "p".parse().unwrap(),
            order: Order::Rollback { message: None },
        };
        assert_eq!(release_id(&order("a")), release_id(&order("a")));
        assert_ne!(release_id(&order("a")), release_id(&order("b")));
        assert_eq!(release_id(&order("a")).as_str().parse::<uuid::Uuid>().unwrap().get_version_num(), 8);
    }
}
