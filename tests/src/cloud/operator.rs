//! The operator's command line, far from the fleet.

use super::world::{Cloud, SECRET};
use crate::fleet::command;

impl Cloud {
    /// Runs a command of `webordinary` against this fleet's Hermes; what it printed, or why it failed.
    ///
    /// # Errors
    /// What the program said when it refused or failed.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub async fn command(&self, words: &[&str]) -> Result<String, String> {
        self.command_with(&[("WEBORDINARY_HERMES", &self.app), ("WEBORDINARY_OPERATOR_TOKEN", SECRET)], words)
            .await
    }

    /// The same in another environment.
    ///
    /// # Errors
    /// As [`Cloud::command`].
    ///
    /// # Panics
    /// As [`Cloud::command`].
    pub async fn command_with(&self, env: &[(&str, &str)], words: &[&str]) -> Result<String, String> {
        let mut command = command();
        // What a machine without a fleet has: nothing.
        command.args(["--data", "nothing-here"]).current_dir(self.dir());
        let output = command.envs(env.iter().copied()).args(words).output().await.expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}
