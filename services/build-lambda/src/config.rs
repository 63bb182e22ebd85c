//! What the build service is given.

pub mod environment;

use crate::disk::Disk;
use domain::ProjectId;
use ports::secrets::secret_of;
use ports::{Backends, Blobs, Cdn, Clock, CodeHost, Messages, Projects, Queues, Releases, Secrets};
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
    /// What lies outside of the store.
    pub edges: Edges,
}

/// The seams to what lies outside of the store.
#[derive(Clone)]
pub struct Edges {
    /// The webhooks' secrets, and the repositories' tokens.
    pub secrets: Arc<dyn Secrets>,
    /// The caches before public sites.
    pub cdn: Arc<dyn Cdn>,
    /// Where commits are shown with their state.
    pub code_host: Arc<dyn CodeHost>,
}

impl Deps {
    /// Those of these backends.
    pub fn of(backends: &Backends, edges: Edges) -> Self {
        Self {
            projects: Arc::clone(&backends.projects),
            releases: Arc::clone(&backends.releases),
            messages: Arc::clone(&backends.messages),
            blobs: Arc::clone(&backends.blobs),
            queues: Arc::clone(&backends.queues),
            clock: Arc::clone(&backends.clock),
            edges,
        }
    }
}

/// What secrets are called. `{project}` in a name stands for the project's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretNames {
    /// The secret with which a project's webhook is signed.
    pub webhook: String,
    /// The token that opens a project's repository. There need not be one.
    pub repository: String,
}

impl SecretNames {
    /// The name of this project's webhook secret.
    pub fn webhook(&self, project: &ProjectId) -> String {
        secret_of(&self.webhook, project)
    }

    /// The name of the token of this project's repository.
    pub fn repository(&self, project: &ProjectId) -> String {
        secret_of(&self.repository, project)
    }
}

impl Default for SecretNames {
    fn default() -> Self {
        Self { webhook: "webhooks".to_owned(), repository: "repositories/{project}".to_owned() }
    }
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
    /// A program that calls [`workspace::run_if_askpass`] at its beginning, by which git gets the token of a
    /// repository: this very program when nothing else is said.
    pub askpass: PathBuf,
    /// What the secrets are called.
    pub secrets: SecretNames,
    /// The room that a build needs; without it nobody looks.
    pub disk: Option<Disk>,
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
            askpass: std::env::current_exe().unwrap_or_default(),
            secrets: SecretNames::default(),
            disk: None,
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
