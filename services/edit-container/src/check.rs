//! A turn ends in a building site: what it made is built, plain and in a place of its own, and the build is kept.

use crate::claimed::{Claimed, Tree};
use crate::config::Previews;
use crate::error::TurnError;
use bootstrap::fault;
use domain::ThreadId;
use ports::progress::ProgressEvent;
use publish::{BuildError, Built, Snapshots};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use toolchain::Silent;
use tracing::warn;
use workspace::CommitId;

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// It builds, and the build is kept under this git tree.
    Built(String),
    /// It does not; the words say where and why.
    Broken(String),
    /// It could not be found out, through no fault of the site's.
    Unknown,
    /// Nothing is checked here.
    Off,
}

/// The builds of one container.
#[derive(Default)]
pub(crate) struct Builds {
    /// One at a time: each keeps a core or two busy.
    room: tokio::sync::Mutex<()>,
    /// Trees that do not build, and why.
    broken: Mutex<HashMap<String, String>>,
}

impl Builds {
    fn broken(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Builds the site as `commit` has it, unless its tree was built before. Dropping the call ends the build.
pub(crate) async fn check(
    claimed: &Claimed,
    (thread, tree): (&ThreadId, &Arc<Tree>),
    commit: &CommitId,
) -> Result<Check, TurnError> {
    if claimed.config.previews == Previews::Off {
        return Ok(Check::Off);
    }
    let _room = claimed.builds.room.lock().await;
    let of = commit.clone();
    let id = claimed.git(tree, move |tree| tree.tree_id(&of)).await?;
    if let Some(says) = claimed.builds.broken().get(&id) {
        return Ok(Check::Broken(says.clone()));
    }
    let snapshots = Snapshots::new(Arc::clone(&claimed.backends.blobs), claimed.pair.project_id.clone());
    if snapshots.manifest(&id).await?.is_some() {
        return Ok(Check::Built(id));
    }
    let building = ProgressEvent::Note { text: "Building the site".to_owned() };
    claimed.backends.progress.publish(thread, building);
    let place = claimed.config.places.local.join(claimed.pair_dir()).join("builds").join(thread.as_str());
    let built = build(claimed, &place, tree, commit).await?;
    let check = match built {
        Ok(built) => {
            snapshots.keep(&id, &built).await?;
            fault::point("snapshot.kept");
            Check::Built(id)
        }
        Err(BuildError::Site(says)) => {
            claimed.builds.broken().insert(id, says.clone());
            Check::Broken(says)
        }
        Err(BuildError::Machine(error)) => {
            warn!(thread.id = %thread, %error, "whether the site builds was not found out");
            Check::Unknown
        }
    };
    // What was built is kept elsewhere. The home stays, and with it the pictures that were made.
    let _ = tokio::fs::remove_dir_all(place.join("site")).await;
    Ok(check)
}

async fn build(
    claimed: &Claimed,
    place: &Path,
    tree: &Arc<Tree>,
    commit: &CommitId,
) -> Result<Result<Built, BuildError>, TurnError> {
    let (site, of) = (place.join("site"), commit.clone());
    let to = site.clone();
    claimed.git(tree, move |tree| tree.export(&of, &to)).await?;
    let packages = match claimed.config.packages.ensure(&site, &Silent).await {
        Ok(packages) => packages,
        Err(error) if error.is_the_sites() => return Ok(Err(BuildError::Site(error.to_string()))),
        Err(error) => return Ok(Err(BuildError::Machine(std::io::Error::other(error)))),
    };
    Ok(claimed.config.builder.build(&site, &packages, &place.join("home")).await)
}
