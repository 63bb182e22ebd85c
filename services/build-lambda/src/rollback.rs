//! Bringing the release before back: manifests and copies, no build.

use crate::history::{self, LOOK_BACK};
use crate::run::{Job, Shop, Trouble};
use domain::MessageId;
use ports::releases::{Ending, ReleaseRow};
use publish::{Manifest, SiteStore};

const NOTHING_BEFORE: &str =
    "There is no earlier version of the site to go back to. What is live stays as it is.";

impl Shop {
    /// Carries a rollback out; the row says how it ended.
    pub(crate) async fn rollback(
        &self,
        job: &Job<'_>,
        message: Option<&MessageId>,
    ) -> Result<ReleaseRow, Trouble> {
        let project = &job.project.project_id;
        let rows = self.deps.releases.list(project, LOOK_BACK).await?;
        let mut row = self.stays(job, &rows, message, NOTHING_BEFORE);
        if let (Some(live), Some(before)) = (history::shown(&rows).first(), history::before(&rows)) {
            self.config.says(project, "going back");
            let store = self.store(project);
            let target =
                manifest_of(&store, before).await?.keeping_assets_of(&manifest_of(&store, live).await?);
            store.bring(&target, &job.id, job.lease).await?;
            (self.config.fault)("release.uploaded");
            row.commit.clone_from(&before.commit);
            row.restores = Some(before.id.clone());
            row.manifest.clone_from(&before.manifest);
            row.ending = Ending::Live;
            row.at = self.deps.clock.now();
        }
        Ok(row)
    }

    /// The row of a rollback that changed nothing.
    pub(crate) fn stays(
        &self,
        job: &Job<'_>,
        rows: &[ReleaseRow],
        message: Option<&MessageId>,
        says: &str,
    ) -> ReleaseRow {
        let live = history::shown(rows).first().copied();
        ReleaseRow {
            id: job.id.clone(),
            project: job.project.project_id.clone(),
            commit: live.map(|l| l.commit.clone()).unwrap_or_default(),
            // A row that restores something is never taken for a build.
            restores: Some(live.map_or_else(|| job.id.clone(), |l| l.id.clone())),
            manifest: None,
            ending: Ending::Failed { says: says.to_owned() },
            answers: message.cloned().into_iter().collect(),
            at: self.deps.clock.now(),
        }
    }

    /// Makes the public see what the book says is live; nothing changes where that is so already.
    pub(crate) async fn settle(&self, job: &Job<'_>, rows: &[ReleaseRow]) -> Result<(), Trouble> {
        let shown = history::shown(rows);
        let Some(live) = shown.first() else { return Ok(()) };
        let store = self.store(&job.project.project_id);
        let mut target = manifest_of(&store, live).await?;
        if let Some(before) = shown.get(1) {
            target = target.keeping_assets_of(&manifest_of(&store, before).await?);
        }
        store.bring(&target, &job.id, job.lease).await?;
        Ok(())
    }
}

/// The manifest of a release that was live; empty when it has none.
pub(crate) async fn manifest_of(store: &SiteStore, row: &ReleaseRow) -> Result<Manifest, Trouble> {
    match &row.manifest {
        Some(key) => Ok(store.manifest(key).await?),
        None => Ok(Manifest::default()),
    }
}
