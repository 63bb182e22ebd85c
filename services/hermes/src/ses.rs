//! What Amazon SES says about a mail that it received, in each form in which that reaches the e-mail queue. Pure.

mod alignment;
mod event;
mod notification;
pub mod proof;
mod results;
pub mod stamps;

use crate::incoming::{self, Envelope, Pointer};
use bytes::Bytes;
use ports::{ErrorKind, PortError};
use serde::Deserialize;
use serde_json::Value;

/// Where SES' receipt rule puts raw mail.
pub const WAITING: &str = "mail/ses/";
/// What SES writes there once, when the rule is made.
const SETUP: &str = "AMAZON_SES_SETUP_NOTIFICATION";
/// Longest id that is believed to be one of SES.
const ID_MAX: usize = 200;

/// What a message of the e-mail queue means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bell {
    /// A mail that our own door stored.
    Stored(Pointer),
    /// Mails that SES received.
    Received(Vec<Notice>),
    /// No mail, and nothing wrong with that.
    Nothing(&'static str),
}

/// A mail that SES received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// SES' own id of it.
    pub id: String,
    /// Where it is.
    pub raw: Raw,
    /// What SES saw. An S3 event does not tell; the mail's topmost headers do.
    pub witness: Option<Witness>,
}

/// Where a raw mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// In the blob store, under this key.
    Blob(String),
    /// In the notice itself.
    Inline(Bytes),
}

/// What SES saw when a mail came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Who it was from and to.
    pub envelope: Envelope,
    /// What its checks say.
    pub verdicts: Verdicts,
}

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Grade {
    /// It passed.
    Pass,
    /// It failed.
    Fail,
    /// There was nothing to check by, or it is not certain.
    Gray,
    /// SES could not check.
    ProcessingFailed,
}

impl Grade {
    /// The grade of this name; `None` for words such as DISABLED, which say that nothing was checked.
    pub(crate) fn named(word: &str) -> Option<Self> {
        serde_json::from_value(Value::from(word.trim().to_ascii_uppercase())).ok()
    }
}

/// What a domain asks to be done with mail that fails DMARC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DmarcPolicy {
    /// Nothing.
    None,
    /// To suspect it.
    Quarantine,
    /// To refuse it.
    Reject,
}

/// SES' checks; those that it said nothing about are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the check of its name")]
pub struct Verdicts {
    pub spf: Option<Grade>,
    pub dkim: Option<Grade>,
    pub dmarc: Option<Grade>,
    pub spam: Option<Grade>,
    pub virus: Option<Grade>,
    /// Told only when DMARC failed.
    pub dmarc_policy: Option<DmarcPolicy>,
}

impl Notice {
    /// A mail of which only its place is known; `None` when there is no mail there, but what SES writes at setup.
    ///
    /// # Errors
    /// `Malformed` when the key is not one where SES puts mail.
    pub fn of_object(key: &str) -> Result<Option<Self>, PortError> {
        let name = key.strip_prefix(WAITING).and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        if name == SETUP {
            return Ok(None);
        }
        check_place(key)?;
        Ok(Some(Self { id: checked_id(name)?, raw: Raw::Blob(key.to_owned()), witness: None }))
    }
}

/// Reads a message of the e-mail queue: SES' notification or an S3 event, each bare or in SNS' envelope, or our own
/// pointer.
///
/// # Errors
/// `Malformed` when it is none of these.
pub fn read(body: &str) -> Result<Bell, PortError> {
    let value: Value = serde_json::from_str(body).map_err(|error| not_as_expected(&error))?;
    match value["Type"].as_str() {
        None => read_bare(value),
        Some("Notification") => {
            let message = value["Message"].as_str().ok_or_else(|| malformed("SNS brought no message"))?;
            read_bare(serde_json::from_str(message).map_err(|error| not_as_expected(&error))?)
        }
        Some(_) => Err(malformed("SNS brought something else than a notification")),
    }
}

fn read_bare(value: Value) -> Result<Bell, PortError> {
    if value["Event"] == "s3:TestEvent" {
        return Ok(Bell::Nothing("the test event of S3"));
    }
    if value["Records"].is_array() {
        return event::read(value).map(Bell::Received);
    }
    match value["notificationType"].as_str() {
        Some("Received") => notification::read(value).map(|notice| Bell::Received(vec![notice])),
        Some(_) => Ok(Bell::Nothing("a notification of SES about something else than a received mail")),
        None => read_pointer(serde_json::from_value(value).map_err(|error| not_as_expected(&error))?),
    }
}

fn read_pointer(pointer: Pointer) -> Result<Bell, PortError> {
    if pointer.blob.starts_with(incoming::WAITING) {
        return Ok(Bell::Stored(pointer));
    }
    Ok(Bell::Received(Notice::of_object(&pointer.blob)?.into_iter().collect()))
}

fn check_place(key: &str) -> Result<(), PortError> {
    let fits = key.starts_with(WAITING) && key.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if fits { Ok(()) } else { Err(malformed(format_args!("{key:?} is not where SES puts mail"))) }
}

/// The id becomes a part of keys.
fn checked_id(id: &str) -> Result<String, PortError> {
    let fits = (1..=ID_MAX).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if fits { Ok(id.to_owned()) } else { Err(malformed("the id of the mail is not one of SES")) }
}

/// Where JSON breaks off or is not as expected. What stands there may be a mail, which is not for logs.
fn not_as_expected(error: &serde_json::Error) -> PortError {
    malformed(format_args!("{:?} error in column {}", error.classify(), error.column()))
}

fn malformed(says: impl std::fmt::Display) -> PortError {
    PortError::new(ErrorKind::Malformed, format_args!("e-mail queue: {says}"))
}

#[cfg(test)]
mod tests;
