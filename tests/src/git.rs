//! Repositories, asked and changed by the git program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository, bare or not.
#[derive(Clone, Debug)]
pub struct Git(PathBuf);

impl Git {
    /// The one at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Clones `from` into `to`.
    pub fn clone_of(from: &Path, to: &Path) -> Self {
        let parent = to.parent().expect("a directory to clone into");
        Self::at(parent).run(&[
            "clone",
            "--quiet",
            from.to_str().expect("UTF-8"),
            to.to_str().expect("UTF-8"),
        ]);
        Self::at(to)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What git says.
    ///
    /// # Panics
    /// When git fails.
    pub fn run(&self, words: &[&str]) -> String {
        self.try_run(words).unwrap_or_else(|says| panic!("git {words:?}: {says}"))
    }

    /// What git says, or why it failed.
    pub fn try_run(&self, words: &[&str]) -> Result<String, String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.0)
            .args(["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"])
            .args(words)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .output()
            .expect("git starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Names of branches.
    pub fn branches(&self) -> Vec<String> {
        let says = self.run(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
        says.lines().map(str::to_owned).collect()
    }

    /// Subjects of the commits of `range` (as `a..b`), newest first.
    pub fn subjects(&self, range: &str) -> Vec<String> {
        self.run(&["log", "--first-parent", "--format=%s", range]).lines().map(str::to_owned).collect()
    }

    /// Paths that differ within `range`.
    pub fn changed(&self, range: &str) -> Vec<String> {
        self.run(&["diff", "--name-only", range]).lines().map(str::to_owned).collect()
    }

    /// The content of a file at a revision.
    pub fn show(&self, revision: &str, path: &str) -> String {
        self.run(&["show", &format!("{revision}:{path}")])
    }

    /// The commit that a revision names.
    pub fn commit(&self, revision: &str) -> String {
        self.run(&["rev-parse", &format!("{revision}^{{commit}}")])
    }
}
