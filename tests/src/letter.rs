//! Mails as people's programs write them.

use crate::outbox::Received;
use domain::Timestamp;
use email::compose::reply_subject;
use email::{Note, compose_note};
use std::time::{SystemTime, UNIX_EPOCH};

/// The demo project's owner.
pub const OWNER: &str = "owner@demo.localhost";
/// The demo project.
pub const DEMO: &str = "edit@demo.localhost";

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its Message-ID without brackets.
    pub id: String,
    /// Who writes: MAIL FROM and From.
    pub from: String,
    /// To whom.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The id that is answered.
    pub in_reply_to: Option<String>,
    /// Ids of the conversation, oldest first.
    pub references: Vec<String>,
    /// Files: name, media type, content.
    pub files: Vec<(String, String, Vec<u8>)>,
}

impl Letter {
    /// From the demo project's owner to the demo project, in a new conversation.
    pub fn new(text: &str) -> Self {
        Self {
            id: format!("{}@client.example", uuid::Uuid::now_v7()),
            from: OWNER.to_owned(),
            to: DEMO.to_owned(),
            subject: "My website".to_owned(),
            text: text.to_owned(),
            in_reply_to: None,
            references: Vec::new(),
            files: Vec::new(),
        }
    }

    /// An answer as mail programs write it: to Reply-To, with In-Reply-To and References.
    pub fn answering(answered: &Received, text: &str) -> Self {
        Self {
            from: answered.mail.to.first().cloned().unwrap_or_default(),
            to: answered.reply_address(),
            subject: reply_subject(&answered.mail.subject),
            in_reply_to: Some(answered.id().to_owned()),
            references: answered.chain(),
            ..Self::new(text)
        }
    }

    /// Written by somebody else.
    pub fn from(self, address: &str) -> Self {
        Self { from: address.to_owned(), ..self }
    }

    /// Sent somewhere else.
    pub fn to(self, address: &str) -> Self {
        Self { to: address.to_owned(), ..self }
    }

    /// With this subject.
    pub fn subject(self, subject: &str) -> Self {
        Self { subject: subject.to_owned(), ..self }
    }

    /// With a file.
    pub fn attach(mut self, name: &str, media_type: &str, bytes: &[u8]) -> Self {
        self.files.push((name.to_owned(), media_type.to_owned(), bytes.to_owned()));
        self
    }

    /// The mail as bytes.
    pub fn raw(&self) -> Vec<u8> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        compose_note(&Note {
            message_id: &self.id,
            date: Timestamp(i64::try_from(now).unwrap_or(0)),
            from: &self.from,
            to: &self.to,
            subject: &self.subject,
            text: &self.text,
            in_reply_to: self.in_reply_to.as_deref(),
            references: &self.references,
            files: &self.files,
        })
    }
}

/// The instruction to replace one text by another, as the rehearsal understands it.
pub fn replace(old: &str, new: &str) -> String {
    format!("replace \"{old}\" with \"{new}\"")
}
