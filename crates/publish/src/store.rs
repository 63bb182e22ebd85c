//! A project's objects, manifests and public files in the blob store.
//!
//! Contents are kept once, by their hash; a manifest names the contents of a release; the public site consists of
//! copies. So an earlier release is brought back by copying, without a build.

use crate::manifest::{Manifest, Phase, Step};
use crate::objects::{AT_ONCE, Objects, Uploaded};
use crate::place::Built;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::names::site_prefix;
use domain::{ProjectId, ReleaseId};
use futures_util::FutureExt;
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use ports::{Blobs, Cdn, ErrorKind, PortError, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Keys per listing.
const PAGE: usize = 1000;
pub(crate) const JSON: &str = "application/json";

/// Says whether the right to change the public site still holds. Asked before each write to it.
pub trait Gate: Send + Sync {
    /// An error ends the work.
    fn check(&self) -> Result<()>;
}

/// What the public sees, as far as it is certain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Production {
    /// Files that are there with exactly this content.
    pub sure: Manifest,
    /// Files that may be there or not, with whatever content: a change of them began and may not have ended.
    pub unsure: BTreeSet<String>,
}

/// One project's part of the blob store.
#[derive(Clone)]
pub struct SiteStore {
    blobs: Arc<dyn Blobs>,
    objects: Objects,
    cdn: Arc<dyn Cdn>,
    project: ProjectId,
}

impl Production {
    /// Whether no change is half done.
    pub fn is_settled(&self) -> bool {
        self.unsure.is_empty()
    }

    /// The steps to `target`, whatever became of the unsure files.
    pub fn steps_to(&self, target: &Manifest) -> Vec<Step> {
        let mut steps = Manifest::diff(&self.sure, target);
        let stray = self
            .unsure
            .iter()
            .filter(|p| !target.files.contains_key(*p) && !self.sure.files.contains_key(*p));
        steps.extend(stray.map(|path| Step::Remove { path: path.clone() }));
        steps
    }

    /// What is certain once these steps have begun.
    fn begun(&self, steps: &[Step]) -> Self {
        let mut begun = self.clone();
        for step in steps {
            begun.sure.files.remove(step.path());
            begun.unsure.insert(step.path().to_owned());
        }
        begun
    }
}

impl SiteStore {
    /// The part of `blobs` that belongs to `project`, which the public sees through `cdn`.
    pub fn new(blobs: Arc<dyn Blobs>, cdn: Arc<dyn Cdn>, project: ProjectId) -> Self {
        let objects = Objects::new(Arc::clone(&blobs), project.clone());
        Self { blobs, objects, cdn, project }
    }

    /// Stores every content of `built` that the store does not have. Contents of `known` are there already.
    pub async fn upload(&self, built: &Built, known: &Manifest) -> Result<Uploaded> {
        self.objects.upload(built, known).await
    }

    /// Keeps the manifest of a release; returns its key.
    pub async fn keep(&self, release: &ReleaseId, manifest: &Manifest) -> Result<String> {
        let key = format!("releases/{}/manifests/{release}.json", self.project);
        self.blobs.put(&key, JSON, to_json(manifest)?).await?;
        Ok(key)
    }

    /// A kept manifest. `NotFound` when there is none, `Malformed` when this version cannot read it.
    pub async fn manifest(&self, key: &str) -> Result<Manifest> {
        let (_, bytes) = self.blobs.get(key).await?;
        serde_json::from_slice(&bytes)
            .map_err(|err| PortError::new(ErrorKind::Malformed, format!("{key}: {err}")))
    }

    /// What the public sees. Without a readable record of it, everything that is there is unsure.
    pub async fn production(&self) -> Result<Production> {
        match self.blobs.get(&self.record()).await {
            Ok((_, bytes)) => match serde_json::from_slice(&bytes) {
                Ok(production) => Ok(production),
                Err(_) => self.listed().await,
            },
            Err(err) if err.kind() == ErrorKind::NotFound => self.listed().await,
            Err(err) => Err(err),
        }
    }

    /// Makes the public site what `target` says, out of contents that are stored, for `release`. What will be touched
    /// is written down first, and that it is done only after the caches know, so that a run that breaks off is finished,
    /// or undone, by the next. Returns the number of files that changed.
    pub async fn bring(&self, target: &Manifest, release: &ReleaseId, gate: &dyn Gate) -> Result<usize> {
        let production = self.production().await?;
        let steps = production.steps_to(target);
        if steps.is_empty() && production.is_settled() {
            return Ok(0);
        }
        gate.check()?;
        self.note(&production.begun(&steps)).await?;
        for phase in [Phase::Assets, Phase::Pages, Phase::Removals] {
            let now = steps.iter().filter(|s| s.phase() == phase).cloned();
            let now: Vec<_> = now.map(|step| self.step(step, gate).boxed()).collect();
            iter(now).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        self.cdn.invalidate(&self.project, &reference(release, target)?).await?;
        gate.check()?;
        self.note(&Production { sure: target.clone(), unsure: BTreeSet::new() }).await?;
        Ok(steps.len())
    }

    async fn step(&self, step: Step, gate: &dyn Gate) -> Result<()> {
        gate.check()?;
        match step {
            Step::Put { path, entry } => {
                let (from, to) = (self.objects.key(&entry.sha256), public_key(&self.project, &path));
                self.blobs.copy(&from, &to, &entry.media_type).await
            }
            Step::Remove { path } => self.blobs.remove(&public_key(&self.project, &path)).await,
        }
    }

    async fn note(&self, production: &Production) -> Result<()> {
        self.blobs.put(&self.record(), JSON, to_json(production)?).await
    }

    async fn listed(&self) -> Result<Production> {
        let prefix = public_key(&self.project, "");
        let mut found = Production::default();
        let mut after: Option<String> = None;
        loop {
            let keys = self.blobs.list(&prefix, after.as_deref(), PAGE).await?;
            found.unsure.extend(keys.iter().filter_map(|k| k.strip_prefix(&prefix)).map(str::to_owned));
            after = keys.last().cloned();
            if keys.len() < PAGE {
                return Ok(found);
            }
        }
    }

    fn record(&self) -> String {
        format!("releases/{}/production.json", self.project)
    }
}

/// Blob key of a public file.
pub fn public_key(project: &ProjectId, path: &str) -> String {
    format!("{}{path}", site_prefix(project))
}

/// What makes two invalidations the same: the release, and the files that it shows. A release that breaks off and is
/// done again may show others.
fn reference(release: &ReleaseId, target: &Manifest) -> Result<String> {
    let hash = HEXLOWER.encode(&Sha256::digest(to_json(target)?));
    Ok(format!("{release}-{}", &hash[..16]))
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<Bytes> {
    let json = serde_json::to_vec(value).map_err(|err| PortError::new(ErrorKind::Malformed, err))?;
    Ok(json.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Entry;

    fn site(files: &[(&str, &str)]) -> Manifest {
        let entry = |sha: &str| Entry { sha256: sha.to_owned(), bytes: 1, media_type: "text/css".to_owned() };
        Manifest {
            files: files.iter().map(|(p, s)| ((*p).to_owned(), entry(s))).collect(),
            ..Manifest::default()
        }
    }

    #[test]
    fn a_broken_off_change_is_finished_or_undone() {
        let (old, new) =
            (site(&[("a", "1"), ("b", "1"), ("c", "1")]), site(&[("a", "2"), ("b", "1"), ("d", "1")]));
        let settled = Production { sure: old.clone(), unsure: BTreeSet::new() };
        let broken = settled.begun(&settled.steps_to(&new));
        assert_eq!(broken.sure, site(&[("b", "1")]));
        assert!(!broken.is_settled());
        let paths = |steps: Vec<Step>| steps.iter().map(|s| s.path().to_owned()).collect::<Vec<_>>();
        assert_eq!(paths(broken.steps_to(&new)), ["a", "d", "c"]);
        assert_eq!(paths(broken.steps_to(&old)), ["a", "c", "d"]);
        // Breaking off again changes nothing about it.
        let again = broken.begun(&broken.steps_to(&old));
        assert_eq!(paths(again.steps_to(&new)), ["a", "d", "c"]);
    }
}
