//! The SMTP door: refuses what cannot be worked on while the sender is still there to hear it, stores the rest.

use crate::authenticity::Authenticity;
use crate::incoming::{self, Envelope};
use crate::verdict::{Refusal, Verdict as Judgement, judge};
use async_trait::async_trait;
use domain::project::Project;
use email::Inbound;
use ports::Backends;
use smtp::Verdict;
use tracing::{info, warn};

/// Takes mail for the projects in the store. It needs no running Hermes: what it accepts waits.
pub struct MailDoor {
    backends: Backends,
}

impl MailDoor {
    /// A door to these stores.
    pub fn new(backends: Backends) -> Self {
        Self { backends }
    }

    async fn project(&self, address: &str) -> Result<Option<Project>, ports::PortError> {
        match incoming::mail_domain(address) {
            Some(domain) => self.backends.projects.by_mail_domain(domain).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl smtp::Door for MailDoor {
    async fn recipient(&self, _from: &str, to: &str) -> Verdict {
        match self.project(to).await {
            Ok(Some(_)) => Verdict::Accept("known".to_owned()),
            Ok(None) if incoming::mail_domain(to).is_none() => refuse(550, "5.1.1", Refusal::UnknownMailbox),
            Ok(None) => refuse(550, "5.1.1", Refusal::UnknownProject),
            Err(error) => later(&error),
        }
    }

    async fn mail(&self, envelope: smtp::Envelope, raw: Vec<u8>) -> Verdict {
        let mail = match Inbound::parse(&raw) {
            Ok(mail) => mail,
            Err(error) => return refuse(554, "5.6.0", format!("This mail cannot be read: {error}.")),
        };
        for to in &envelope.to {
            let project = match self.project(to).await {
                Ok(project) => project,
                Err(error) => return later(&error),
            };
            match judge(&mail, &envelope.from, Authenticity::LocalDoor, project.as_ref()) {
                Judgement::Ignored(silence) => {
                    info!(reason = silence.as_str(), "a mail was met with silence");
                    return Verdict::Accept("Received.".to_owned());
                }
                Judgement::Refused(refusal) => return refuse(550, "5.7.1", refusal),
                // No mail by this door is held: its sender is the machine's own user.
                Judgement::Accepted(_) | Judgement::Held(_) => {}
            }
        }
        let id = uuid::Uuid::now_v7().to_string();
        let envelope = Envelope { from: envelope.from, to: envelope.to };
        match incoming::store(&self.backends, &id, &envelope, &raw).await {
            Ok(()) => Verdict::Accept("Received; the answer comes by mail.".to_owned()),
            Err(error) => later(&error),
        }
    }
}

fn refuse(code: u16, enhanced: &'static str, says: impl std::fmt::Display) -> Verdict {
    Verdict::Refuse { code, enhanced, says: says.to_string() }
}

fn later(error: &ports::PortError) -> Verdict {
    warn!(%error, "mail cannot be stored just now");
    Verdict::Later { says: "This cannot be stored just now; please try again in a few minutes.".to_owned() }
}
