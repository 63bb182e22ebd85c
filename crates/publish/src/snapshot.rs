//! Snapshots: built sites by the git tree they were built from, and the newest of each thread.
//!
//! A snapshot is what a release of the same tree would be, so that publishing can take it without another build.

use crate::manifest::{Manifest, is_site_path};
use crate::objects::Objects;
use crate::place::Built;
use crate::site::{self, File, Files, SiteResponse};
use crate::store::{JSON, to_json};
use async_trait::async_trait;
use domain::{ProjectId, ThreadId, Timestamp};
use http::request::Parts;
use ports::{Blobs, Clock, ErrorKind, Result, Threads};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How sites are built. Counted up when the same tree would become another site, so that what was built before is not
/// taken for it.
const RECIPE: u32 = 1;
/// How long it is believed which snapshot is a thread's newest.
const BELIEVED: Duration = Duration::from_secs(2);
/// Threads whose snapshots are remembered.
const REMEMBERED: usize = 256;

/// One project's built sites.
pub struct Snapshots {
    blobs: Arc<dyn Blobs>,
    project: ProjectId,
}

impl Snapshots {
    /// Those of `project`.
    pub fn new(blobs: Arc<dyn Blobs>, project: ProjectId) -> Self {
        Self { blobs, project }
    }

    /// Keeps what was built from the git tree with this id; whole when this returns.
    pub async fn keep(&self, tree: &str, built: &Built) -> Result<()> {
        let objects = Objects::new(Arc::clone(&self.blobs), self.project.clone());
        objects.upload(built, &Manifest::default()).await?;
        self.blobs.put(&self.key(tree), JSON, to_json(&built.manifest)?).await
    }

    /// What was built from this tree, if it was. One that this version cannot read is as good as none.
    pub async fn manifest(&self, tree: &str) -> Result<Option<Manifest>> {
        match self.blobs.get(&self.key(tree)).await {
            Ok((_, bytes)) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        }
    }

    fn key(&self, tree: &str) -> String {
        format!("snapshots/{}/{RECIPE}-{tree}.json", self.project)
    }
}

/// The newest snapshot of any thread, as a static server gives it.
pub struct ThreadSnapshots {
    blobs: Arc<dyn Blobs>,
    threads: Arc<dyn Threads>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<ThreadId, Known>>,
}

#[derive(Clone)]
struct Known {
    looked: Timestamp,
    snapshot: Option<Arc<Snapshot>>,
}

struct Snapshot {
    blobs: Arc<dyn Blobs>,
    project: ProjectId,
    objects: Objects,
    tree: String,
    manifest: Manifest,
}

impl ThreadSnapshots {
    /// Those that `threads` name and `blobs` has.
    pub fn new(blobs: Arc<dyn Blobs>, threads: Arc<dyn Threads>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { blobs, threads, clock, known: Mutex::default() })
    }

    /// Answers a request, whose path is that within the site. `None` when the thread has no snapshot.
    pub async fn answer(&self, thread: &ThreadId, request: &Parts) -> Result<Option<SiteResponse>> {
        let Some(snapshot) = self.newest(thread).await? else { return Ok(None) };
        Ok(Some(site::answer_from(&*snapshot, &snapshot.project, request).await))
    }

    async fn newest(&self, thread: &ThreadId) -> Result<Option<Arc<Snapshot>>> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(thread).cloned();
        if let Some(known) = known.as_ref().filter(|known| known.looked.plus(BELIEVED) > now) {
            return Ok(known.snapshot.clone());
        }
        let row = self.threads.get(thread).await?;
        let same =
            known.and_then(|known| known.snapshot).filter(|old| Some(&old.tree) == row.snapshot.as_ref());
        let snapshot = match (same, row.snapshot) {
            (Some(same), _) => Some(same),
            (None, Some(tree)) => self.load(row.pair.project_id, tree).await?,
            (None, None) => None,
        };
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, known| known.looked.plus(BELIEVED) > now);
        }
        all.insert(thread.clone(), Known { looked: now, snapshot: snapshot.clone() });
        Ok(snapshot)
    }

    async fn load(&self, project: ProjectId, tree: String) -> Result<Option<Arc<Snapshot>>> {
        let all = Snapshots::new(Arc::clone(&self.blobs), project.clone());
        let Some(manifest) = all.manifest(&tree).await? else { return Ok(None) };
        let blobs = Arc::clone(&self.blobs);
        let objects = Objects::new(Arc::clone(&blobs), project.clone());
        Ok(Some(Arc::new(Snapshot { blobs, project, objects, tree, manifest })))
    }
}

#[async_trait]
impl Files for Snapshot {
    async fn read(&self, path: &str) -> Result<Option<File>> {
        let Some(entry) = self.manifest.files.get(path).filter(|_| is_site_path(path)) else {
            return Ok(None);
        };
        let (_, bytes) = self.blobs.get(&self.objects.key(&entry.sha256)).await?;
        Ok(Some((entry.media_type.clone(), bytes)))
    }

    async fn exists(&self, path: &str) -> Result<bool> {
        Ok(self.manifest.files.contains_key(path))
    }
}
