//! Sent mail as its recipients see it: a Maildir.

use crate::wait::until;
use domain::ThreadId;
use email::Inbound;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How long an answer may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The Maildir of sent mail.
#[derive(Clone, Debug)]
pub struct Outbox(PathBuf);

/// A mail of the product.
#[derive(Clone, Debug)]
pub struct Received {
    /// The mail.
    pub mail: Inbound,
}

impl Outbox {
    /// The one at `path`.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// All mails, oldest first.
    pub fn mails(&self) -> Vec<Received> {
        let mut files: Vec<(SystemTime, PathBuf)> = ["new", "cur"]
            .iter()
            .filter_map(|part| fs::read_dir(self.0.join(part)).ok())
            .flat_map(Iterator::flatten)
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let parsed = files.iter().filter_map(|(_, path)| Inbound::parse(&fs::read(path).ok()?).ok());
        parsed.map(|mail| Received { mail }).collect()
    }

    /// The answers to a mail, oldest first.
    pub fn answers_to(&self, id: &str) -> Vec<Received> {
        self.mails().into_iter().filter(|answer| answer.mail.in_reply_to.iter().any(|i| i == id)).collect()
    }

    /// The results among them.
    pub fn results_of(&self, id: &str) -> Vec<Received> {
        self.answers_to(id).into_iter().filter(Received::is_result).collect()
    }

    /// Waits for the result of a mail.
    ///
    /// # Panics
    /// When none comes.
    pub async fn result_of(&self, id: &str) -> Received {
        until("the result of a mail", PATIENCE, async || self.results_of(id).into_iter().next()).await
    }

    /// Waits for the word that a mail has arrived.
    ///
    /// # Panics
    /// When none comes.
    pub async fn receipt_of(&self, id: &str) -> Received {
        let of = async || self.answers_to(id).into_iter().find(|answer| !answer.is_result());
        until("the word that a mail has arrived", PATIENCE, of).await
    }
}

impl Received {
    /// Its Message-ID without brackets.
    pub fn id(&self) -> &str {
        &self.mail.message_id
    }

    /// Its words.
    pub fn text(&self) -> &str {
        self.mail.text.as_deref().unwrap_or_default()
    }

    /// Where a mail program sends an answer.
    pub fn reply_address(&self) -> String {
        let header = self.mail.headers.get("reply-to").unwrap_or(&self.mail.from.address);
        let inner = header.rsplit_once('<').map_or(header, |(_, rest)| rest);
        inner.split('>').next().unwrap_or_default().trim().to_owned()
    }

    /// The References of an answer.
    pub fn chain(&self) -> Vec<String> {
        self.mail.references.iter().cloned().chain([self.mail.message_id.clone()]).collect()
    }

    /// Whether this is what came of a message, and not only the word that it has arrived.
    pub fn is_result(&self) -> bool {
        self.mail.message_id.split('@').next().is_some_and(|local| local.ends_with(".result"))
    }

    /// The address of the preview that it names.
    ///
    /// # Panics
    /// When it names none.
    pub fn preview(&self) -> String {
        let link = self.text().split_whitespace().find(|word| word.contains("/session/"));
        link.unwrap_or_else(|| panic!("no preview link in {}", self.text())).to_owned()
    }

    /// The thread that its preview shows.
    ///
    /// # Panics
    /// When it names none.
    pub fn thread(&self) -> ThreadId {
        let link = self.preview();
        let id = link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        id.parse().expect("a thread id in the preview link")
    }
}
