//! Putting the head of the default branch live.

use crate::history::{self, Call, LOOK_BACK};
use crate::rollback::manifest_of;
use crate::run::{Job, Shop, Trouble};
use crate::source::Source;
use domain::MessageId;
use ports::messages::Message;
use ports::releases::{Ending, ReleaseRow};
use ports::{ErrorKind, PortError};
use publish::{BuildError, Built, Manifest, PackagesError, Snapshots};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use workspace::CommitId;

/// Every message that waits was pushed before the head was asked for, so what the head lacks was taken out of it.
const NOT_IN_HEAD: &str = "This was published, but the site's main branch has been set back since, from outside. \
    It is not live. Say \"publish\" to try again.";

/// What came of one head.
enum Attempt {
    /// It is live, with this manifest.
    Live(String),
    /// The site's own fault.
    Failed(String),
    /// There is a newer head.
    Superseded,
}

impl Shop {
    /// Carries a push out; the row says how it ended, and there is none when nothing was to be done.
    pub(crate) async fn push(&self, job: &Job<'_>, pushed: &str) -> Result<Option<ReleaseRow>, Trouble> {
        match self.newest_head(job).await {
            Err(Trouble::Site(says)) => self.failed(job, pushed, says).await.map(Some),
            other => other,
        }
    }

    /// Builds heads until one is still the head when it is built.
    async fn newest_head(&self, job: &Job<'_>) -> Result<Option<ReleaseRow>, Trouble> {
        let source = self.source(&job.project).await?;
        loop {
            let rows = self.deps.releases.list(&job.project.project_id, LOOK_BACK).await?;
            let waiting = self.waiting(&job.project.project_id).await?;
            let head = source.head().await?;
            let contained = source.contained(waiting.clone(), &head, self.scratch(job)).await?;
            let times: Vec<_> = contained.iter().map(|m| m.received_at).collect();
            match history::call(&rows, &head.to_string(), &times) {
                Call::Nothing if waiting.is_empty() => return Ok(None),
                Call::Nothing => {
                    let row = self.stays(job, &rows, None, NOT_IN_HEAD);
                    return Ok(Some(ReleaseRow { answers: ids(&waiting), ..row }));
                }
                Call::Tell(live) => return Ok(Some(self.again(job, live, &contained))),
                Call::Build => {}
            }
            self.report_building(&job.project, &head.to_string()).await;
            let ending = match self.attempt(job, &source, &head, &rows).await? {
                Attempt::Superseded => {
                    self.report_superseded(&job.project, &head.to_string()).await;
                    continue;
                }
                Attempt::Live(manifest) => (Ending::Live, Some(manifest)),
                Attempt::Failed(says) => (Ending::Failed { says }, None),
            };
            // Asked once more: somebody may have come while it was built.
            let waiting = self.waiting(&job.project.project_id).await?;
            let answers = ids(&source.contained(waiting, &head, self.scratch(job)).await?);
            return Ok(Some(self.row(job, &head.to_string(), ending, answers)));
        }
    }

    async fn attempt(
        &self,
        job: &Job<'_>,
        source: &Source,
        head: &CommitId,
        rows: &[ReleaseRow],
    ) -> Result<Attempt, Trouble> {
        if !self.store(&job.project.project_id).production().await?.is_settled() {
            self.settle(job, rows).await?;
        }
        let place = self.place(&job.project.project_id);
        let built = self.build(job, source, head, &place).await;
        let attempt = match built {
            // What became of a commit that is not the head any more interests nobody.
            Ok(_) | Err(Trouble::Site(_)) if source.head().await? != *head => Ok(Attempt::Superseded),
            Ok(built) => self.deploy(job, built, rows).await.map(Attempt::Live),
            Err(Trouble::Site(says)) => Ok(Attempt::Failed(says)),
            Err(other) => Err(other),
        };
        remove(&place).await?;
        if matches!(attempt, Ok(Attempt::Failed(_))) {
            self.settle(job, rows).await?;
        }
        attempt
    }

    async fn build(
        &self,
        job: &Job<'_>,
        source: &Source,
        head: &CommitId,
        place: &Path,
    ) -> Result<Built, Trouble> {
        let project = &job.project.project_id;
        remove(place).await?;
        tokio::fs::create_dir_all(place).await.map_err(|err| later(&err))?;
        self.make_room(place).await?;
        let checkout = place.join("site");
        source.checkout(head, &checkout).await?;
        (self.config.fault)("release.checkout");
        if let Some(built) = self.built_before(job, &checkout).await? {
            self.config.says(project, "taking the build of its preview");
            return Ok(built);
        }
        self.config.says(project, "preparing packages");
        let packages = self.packages.node_modules(&checkout).await.map_err(|err| match err {
            PackagesError::Site(says) => Trouble::Site(says),
            PackagesError::Unavailable(says) => Trouble::Later(says),
        })?;
        self.config.says(project, "building");
        let built = self.config.builder().build(&checkout, &packages, &place.join("home")).await;
        let built = built.map_err(|err| match err {
            BuildError::Site(says) => Trouble::Site(says),
            BuildError::Machine(err) => later(&err),
        })?;
        (self.config.fault)("release.built");
        Ok(built)
    }

    /// The build of this very tree that a conversation's preview has left. After a failure nothing is taken for granted.
    async fn built_before(&self, job: &Job<'_>, checkout: &Path) -> Result<Option<Built>, Trouble> {
        if job.tries > 0 {
            return Ok(None);
        }
        let dir = checkout.to_owned();
        let looked = tokio::task::spawn_blocking(move || workspace::tree_at(&dir)).await;
        let tree = looked.unwrap_or_else(|err| Err(io::Error::other(err).into()));
        let tree = tree.map_err(|err| Trouble::Later(format!("cannot read the checkout: {err}")))?;
        let snapshots = Snapshots::new(Arc::clone(&self.deps.blobs), job.project.project_id.clone());
        // Its contents are in the store already.
        let manifest = snapshots.manifest(&tree).await?;
        Ok(manifest.map(|manifest| Built { manifest, contents: BTreeMap::new() }))
    }

    async fn make_room(&self, place: &Path) -> Result<(), Trouble> {
        let Some(disk) = self.config.disk.clone() else { return Ok(()) };
        let place = place.to_owned();
        let looked = tokio::task::spawn_blocking(move || disk.make_room(&place)).await;
        let room = looked.unwrap_or_else(|err| Err(io::Error::other(err))).map_err(|err| later(&err))?;
        room.map_err(|none| {
            tracing::error!(error = %none, "no room for a build");
            Trouble::Site(none.to_string())
        })
    }

    /// Uploads what changed and shows it; returns the manifest's key.
    async fn deploy(&self, job: &Job<'_>, built: Built, rows: &[ReleaseRow]) -> Result<String, Trouble> {
        let project = &job.project.project_id;
        let store = self.store(project);
        let live = history::shown(rows).first().copied();
        // Without it there is only more to upload, and nothing to keep.
        let before = match live {
            Some(live) => manifest_of(&store, live).await.unwrap_or_default(),
            None => Manifest::default(),
        };
        let count = Manifest::diff(&before, &built.manifest).len();
        self.config.says(project, &format!("uploading {count} files"));
        // After a failure nothing is taken for granted.
        let known = if job.tries == 0 { before.clone() } else { Manifest::default() };
        store.upload(&built, &known).await?;
        // The same site is the same step of history: a rollback then leads to what looked different.
        let same = live.and_then(|l| l.manifest.clone()).filter(|_| built.manifest == before);
        let key = if let Some(key) = same {
            self.settle(job, rows).await?;
            key
        } else {
            let key = store.keep(&job.id, &built.manifest).await?;
            store.bring(&built.manifest.keeping_assets_of(&before), &job.id, job.lease).await?;
            key
        };
        (self.config.fault)("release.uploaded");
        Ok(key)
    }

    /// Where the history of a repository is looked at that is not on this machine.
    fn scratch(&self, job: &Job<'_>) -> PathBuf {
        self.config.work_dir.join("history").join(job.id.as_str())
    }

    /// Tells those who came late what is live.
    fn again(&self, job: &Job<'_>, live: &ReleaseRow, contained: &[Message]) -> ReleaseRow {
        let ending = (Ending::Live, live.manifest.clone());
        ReleaseRow { restores: live.restores.clone(), ..self.row(job, &live.commit, ending, ids(contained)) }
    }

    /// The end of an order that never got as far as a head: everybody who waits is told.
    pub(crate) async fn failed(
        &self,
        job: &Job<'_>,
        pushed: &str,
        says: String,
    ) -> Result<ReleaseRow, Trouble> {
        let answers = ids(&self.waiting(&job.project.project_id).await?);
        Ok(self.row(job, pushed, (Ending::Failed { says }, None), answers))
    }

    fn row(
        &self,
        job: &Job<'_>,
        commit: &str,
        (ending, manifest): (Ending, Option<String>),
        answers: Vec<MessageId>,
    ) -> ReleaseRow {
        ReleaseRow {
            id: job.id.clone(),
            project: job.project.project_id.clone(),
            commit: commit.to_owned(),
            restores: None,
            manifest,
            ending,
            answers,
            at: self.deps.clock.now(),
        }
    }
}

fn ids(messages: &[Message]) -> Vec<MessageId> {
    messages.iter().map(|m| m.id.clone()).collect()
}

async fn remove(dir: &Path) -> Result<(), Trouble> {
    match tokio::fs::remove_dir_all(dir).await {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(later(&err)),
        _ => Ok(()),
    }
}

fn later(err: &io::Error) -> Trouble {
    Trouble::Port(PortError::new(ErrorKind::Transient, format!("the work directory: {err}")))
}
