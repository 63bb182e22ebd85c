//! The ready line, and the file that tells scripts where everything is.

use crate::data::{DataDir, write_private};
use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Where the running product is reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ready {
    /// The chat and the API.
    pub(crate) http: String,
    /// The previews.
    pub(crate) preview: String,
    /// The mail door, as host:port.
    pub(crate) smtp: String,
    /// The first project's production site.
    pub(crate) site: String,
    /// A link that signs the first project's owner in to the chat, once.
    pub(crate) sign_in: String,
}

impl Ready {
    pub(crate) fn write(&self, data: &DataDir) -> anyhow::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        write_private(&data.ready(), &text)
            .with_context(|| format!("cannot write {}", data.ready().display()))
    }

    /// Of the product that runs on this data directory.
    pub(crate) fn read(data: &DataDir) -> anyhow::Result<Self> {
        let text = std::fs::read(data.ready()).with_context(|| {
            format!(
                "nothing is running on {}; start it with `webordinary up` (or `cargo run`)",
                data.root().display()
            )
        })?;
        serde_json::from_slice(&text).context("ready.json cannot be understood")
    }

    /// What the terminal says.
    pub(crate) fn lines(&self, data: &DataDir, rehearsal: bool, program: &str) -> String {
        let model = if rehearsal {
            "  model     the rehearsal: a script that understands a few plain forms. Set ANTHROPIC_API_KEY for a real one.\n"
        } else {
            ""
        };
        format!(
            "\nWebOrdinary is ready.\n\n  chat      {}\n  site      {}\n  mail      {} (SMTP); sent mail is in {}\n{model}\n\
             Try it, in another terminal:\n\n  {program} mail 'replace \"We close at 6 on Fridays\" with \"We close at 4 on Fridays\"'\n  \
             {program} mail --reply-to-last publish\n",
            self.sign_in,
            self.site,
            self.smtp,
            data.outbox().display(),
        )
    }
}
