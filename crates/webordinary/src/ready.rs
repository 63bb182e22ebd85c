//! The ready line, and the file that tells scripts where everything is.

use crate::data::{DataDir, write_private};
use crate::ecs::Credentials;
use anyhow::Context;
use domain::names::{CLUSTER, EDIT_SERVICE, HERMES_SERVICE};
use hermes::config::Billing;
use sandbox::Report;
use serde::{Deserialize, Serialize};

const REHEARSAL: &str = "  model     the rehearsal: a script that understands a few plain forms. Set ANTHROPIC_API_KEY for a real one.\n";

/// What the terminal says beside where everything is.
pub(crate) struct Notes<'a> {
    pub(crate) billing: Billing,
    /// The desired count of Hermes.
    pub(crate) hermes: u32,
    /// What confines site code and the agent.
    pub(crate) sandbox: &'a Report,
    pub(crate) credentials: &'a Credentials,
    /// How the user can call this program again.
    pub(crate) program: &'a str,
}

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
    /// The endpoint for `aws ecs`.
    pub(crate) ecs: String,
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
    pub(crate) fn lines(&self, data: &DataDir, notes: &Notes<'_>) -> String {
        let (sign_in, site, smtp, ecs) = (&self.sign_in, &self.site, &self.smtp, &self.ecs);
        let (outbox, program) = (data.outbox(), notes.program);
        let model = match notes.billing {
            Billing::Rehearsal => REHEARSAL,
            Billing::Metered => "",
        };
        let hermes = match notes.hermes {
            0 => {
                "  hermes    asleep: its operator has scaled it to 0. Mail is stored and waits until it is 1 again\n"
            }
            _ => "",
        };
        let sandbox = match (notes.sandbox.is_enough(), &notes.sandbox.protection) {
            (true, _) => String::new(),
            (false, _) => format!(
                "  {:9} Mind: it is only for sites and people that you trust. {}\n",
                "",
                Report::ADVICE
            ),
        };
        let sandbox = format!("  sandbox   {}\n{sandbox}", notes.sandbox);
        let scale = notes.credentials.command(ecs, &scaling(notes.hermes));
        format!(
            "\nWebOrdinary is ready.\n\n  chat      {sign_in}\n  site      {site}\n  mail      {smtp} (SMTP); sent mail is in {}\n  \
             ecs       {ecs} (for the AWS CLI)\n{model}{hermes}{sandbox}\n\
             Try it, in another terminal:\n\n  {program} mail 'replace \"We close at 6 on Fridays\" with \"We close at 4 on Fridays\"'\n  \
             {program} mail --reply-to-last publish\n\n\
             Scale it (`{program} ecs-credentials` prints the variables again):\n\n  {scale}\n",
            outbox.display(),
        )
    }
}

/// The command that an operator most likely wants next.
fn scaling(hermes: u32) -> String {
    let (service, count) = if hermes == 0 { (HERMES_SERVICE, 1) } else { (EDIT_SERVICE, 2) };
    format!("update-service --cluster {CLUSTER} --service {service} --desired-count {count}")
}
