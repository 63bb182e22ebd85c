//! What an edit container is told when it starts.

use agent::AgentConfig;
use domain::money::Caps;
use preview::PreviewConfig;
use std::path::PathBuf;
use std::time::Duration;
use workspace::RepositoryKeys;

/// Where an edit container keeps things.
#[derive(Clone, Debug)]
pub struct Places {
    /// Persistent: bare repositories, transcripts, attachments.
    pub persistent: PathBuf,
    /// Local and disposable: worktrees, caches of dev servers.
    pub local: PathBuf,
}

/// How long an edit container waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Life of the claim between two renewals. It is renewed every third of this.
    pub lease: Duration,
    /// How long one receive waits.
    pub poll: Duration,
    /// How long nothing may happen before the claim is released.
    pub idle: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { lease: Duration::from_secs(30), poll: Duration::from_secs(20), idle: Duration::from_mins(5) }
    }
}

/// Whether the site is built after each turn, and threads have a preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Previews {
    /// A build after each turn, which is kept as the thread's snapshot, and a dev server per thread.
    Live,
    /// Neither: for tests of everything else.
    Off,
}

/// An edit container's configuration.
#[derive(Clone)]
pub struct Config {
    /// Where things are kept.
    pub places: Places,
    /// How long it waits.
    pub times: Times,
    /// Claude Code.
    pub agent: AgentConfig,
    /// What may be spent on the model, where a project says nothing else.
    pub caps: Caps,
    /// The dev servers.
    pub preview: PreviewConfig,
    /// Whether there are builds and dev servers.
    pub previews: Previews,
    /// What builds the site after each turn.
    pub builder: publish::Builder,
    /// What opens projects' repositories.
    pub keys: RepositoryKeys,
    /// The packages of sites.
    pub packages: toolchain::Packages,
}
