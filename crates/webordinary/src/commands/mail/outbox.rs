//! The outbox as a mail program sees it: a Maildir.

use email::Inbound;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The Maildir of sent mail.
pub(super) struct Outbox(PathBuf);

/// A mail in it, received by whoever asks.
pub(super) struct Received {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) text: String,
    in_reply_to: Vec<String>,
    references: Vec<String>,
    reply_to: Option<String>,
    from: String,
    to: Vec<String>,
}

impl Outbox {
    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The answers to a mail, oldest first.
    pub(super) fn answers_to(&self, id: &str) -> Vec<Received> {
        self.mails().into_iter().filter(|mail| mail.in_reply_to.iter().any(|i| i == id)).collect()
    }

    /// The newest mail to this address.
    pub(super) fn last_to(&self, address: &str) -> Option<Received> {
        self.mails().into_iter().rev().find(|mail| mail.to.iter().any(|to| to.eq_ignore_ascii_case(address)))
    }

    fn mails(&self) -> Vec<Received> {
        let mut files: Vec<(SystemTime, PathBuf)> = ["new", "cur"]
            .iter()
            .filter_map(|part| fs::read_dir(self.0.join(part)).ok())
            .flat_map(Iterator::flatten)
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        files.into_iter().filter_map(|(_, path)| Received::read(&path)).collect()
    }
}

impl Received {
    fn read(path: &Path) -> Option<Self> {
        let mail = Inbound::parse(&fs::read(path).ok()?).ok()?;
        Some(Self {
            reply_to: mail.headers.get("reply-to").and_then(bare_address),
            id: mail.message_id,
            subject: mail.subject,
            text: mail.text.unwrap_or_default(),
            in_reply_to: mail.in_reply_to,
            references: mail.references,
            from: mail.from.address,
            to: mail.to,
        })
    }

    /// Where a mail program sends a reply.
    pub(super) fn reply_address(&self) -> String {
        self.reply_to.clone().unwrap_or_else(|| self.from.clone())
    }

    /// The References of a reply.
    pub(super) fn chain(&self) -> Vec<String> {
        self.references.iter().cloned().chain([self.id.clone()]).collect()
    }

    /// Whether this is what came of a message, and not only the word that it has arrived.
    pub(super) fn is_result(&self) -> bool {
        self.id.split('@').next().is_some_and(|local| local.ends_with(".result"))
    }
}

fn bare_address(header: &str) -> Option<String> {
    let inner = header.rsplit_once('<').map_or(header, |(_, rest)| rest);
    let address = inner.split('>').next()?.trim();
    address.contains('@').then(|| address.to_owned())
}
