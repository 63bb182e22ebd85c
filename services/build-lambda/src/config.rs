//! What the build service is given.

use domain::ProjectId;
use ports::{Blobs, Clock, Messages, Projects, Queues, Releases};
use publish::Builder;
use publish::build::BUILD_MAX;
use sandbox::Launcher;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Told in a few words what a release is at: "building", "uploading 12 files".
pub type Progress = Arc<dyn Fn(&ProjectId, &str) + Send + Sync>;

/// The seams.
#[derive(Clone)]
pub struct Deps {
    /// The register of projects.
    pub projects: Arc<dyn Projects>,
    /// The build service's book.
    pub releases: Arc<dyn Releases>,
    /// Who waits for a publish.
    pub messages: Arc<dyn Messages>,
    /// Where sites live.
    pub blobs: Arc<dyn Blobs>,
    /// To tell Hermes.
    pub queues: Arc<dyn Queues>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The settings.
#[derive(Clone)]
pub struct BuildConfig {
    /// A directory of its own, under one directory with the packages ([`Builder`]). Two services must not share it.
    pub work_dir: PathBuf,
    /// Starts builds.
    pub launcher: Launcher,
    /// The Node program, as an absolute path.
    pub node: PathBuf,
    /// `PATH` of the builds.
    pub path_env: OsString,
    /// The program that gives git the credentials (GIT_ASKPASS).
    pub askpass: Option<PathBuf>,
    /// Longest build.
    pub build_max: Duration,
    /// How long the right to change a project's site outlives its holder.
    pub lease: Duration,
    /// From one search for missed pushes to the next.
    pub sweep: Duration,
    /// Builds at the same time, of different projects.
    pub at_once: usize,
    /// Called between effects with the name of the boundary.
    pub fault: fn(&'static str),
    /// Told what is going on.
    pub progress: Option<Progress>,
}

impl BuildConfig {
    /// Builds at most 10 minutes long, two at a time; a lease of 20 s, a sweep every 30 s.
    pub fn new(work_dir: impl Into<PathBuf>, launcher: Launcher, node: impl Into<PathBuf>) -> Self {
        Self {
            work_dir: work_dir.into(),
            launcher,
            node: node.into(),
            path_env: OsString::from("/usr/local/bin:/usr/bin:/bin"),
            askpass: None,
            build_max: BUILD_MAX,
            lease: Duration::from_secs(20),
            sweep: Duration::from_secs(30),
            at_once: 2,
            fault: |_| {},
            progress: None,
        }
    }

    pub(crate) fn builder(&self) -> Builder {
        Builder {
            launcher: self.launcher.clone(),
            node: self.node.clone(),
            path_env: self.path_env.clone(),
            limit: self.build_max,
        }
    }

    pub(crate) fn says(&self, project: &ProjectId, words: &str) {
        if let Some(progress) = &self.progress {
            progress(project, words);
        }
    }
}
