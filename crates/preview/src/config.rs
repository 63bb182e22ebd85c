//! What the previews of one process are set up with.

use crate::prefix::Prefix;
use crate::saved::Saved;
use async_trait::async_trait;
use domain::ThreadId;
use sandbox::Launcher;
use std::ffi::OsString;
use std::path::PathBuf;

/// How previews are told apart by their address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All on one host, under `/session/{threadId}/`. Sites are rewritten to fit.
    Path,
    /// Each on `t-{threadId}.{suffix}` (with the port, where it is not the usual one). Sites stay as they are and
    /// cannot reach each other. Needs a wildcard name and, behind TLS, a wildcard certificate.
    SubDomain {
        /// What follows the first label.
        suffix: String,
    },
}

/// Settings of all previews.
#[derive(Clone, Debug)]
pub struct PreviewConfig {
    /// A Node of 22.12 or newer, as an absolute path.
    pub node: PathBuf,
    /// `PATH` of the dev servers.
    pub path_env: OsString,
    /// Starts the dev servers.
    pub launcher: Launcher,
    /// A directory of our own, for the program that runs the dev servers.
    pub tools_dir: PathBuf,
    /// How many dev servers run at once, at least 1. One takes about 400 MB.
    pub max_servers: usize,
    /// How previews are addressed.
    pub mode: Mode,
    /// The app, as `scheme://host[:port]`: the only other origin that may frame a preview.
    pub app_origin: String,
    /// Where browsers see previews, as `scheme://host[:port]`. In sub-domain mode its scheme counts.
    pub preview_origin: String,
}

impl PreviewConfig {
    /// Where `thread` is previewed.
    pub fn prefix(&self, thread: &ThreadId) -> Prefix {
        match &self.mode {
            Mode::Path => Prefix::new(thread.preview_path(), self.preview_origin.as_str()),
            Mode::SubDomain { suffix } => {
                let scheme = self.preview_origin.split("://").next().unwrap_or("http");
                Prefix::new("/", format!("{scheme}://t-{}.{suffix}", thread.as_str()))
            }
        }
    }
}

/// One thread's checkout, ready to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Whose it is.
    pub thread: ThreadId,
    /// The worktree. It and `node_modules` must have a directory in common below `/`: Astro takes other paths for
    /// ones within the worktree.
    pub root: PathBuf,
    /// The packages, already linked into `root`.
    pub node_modules: PathBuf,
    /// Where Astro and Vite keep their caches: kept from start to start, outside `node_modules`, of this thread alone.
    pub cache_dir: PathBuf,
}

/// Finds the site of a thread that is asked for while no dev server of it runs.
#[async_trait]
pub trait Sites: Send + Sync + 'static {
    /// The site, checked out and with its packages in place, or `None` when there is no such thread here.
    async fn locate(&self, thread: &ThreadId) -> Option<Site>;
    /// What is shown while a dev server is not there; nothing unless there are snapshots.
    fn saved(&self) -> Option<&Saved> {
        None
    }
}
