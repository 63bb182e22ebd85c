//! A raw mail to a value: who wrote it, what it answers, its text and its attachments.

use crate::attachment::{self, Attachment};
use crate::charset;
use crate::headers::Headers;
use crate::mime::{self, Leaf, PartHead};
use data_encoding::HEXLOWER;
use domain::Timestamp;
use mail_parser::{HeaderName, Message};
use sha2::{Digest, Sha256};

/// Most ids that are kept of one In-Reply-To or References header; the newest are kept.
const IDS_MAX: usize = 200;
/// Most recipients that are kept of To and of Cc.
const RECIPIENTS_MAX: usize = 200;
/// Longest subject that is kept, in characters.
const SUBJECT_MAX: usize = 500;
/// Longest text that is kept of all text parts together, in bytes.
const TEXT_MAX: usize = 4 * 1024 * 1024;

/// Why bytes are not a mail that can be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No byte, or no header line.
    #[error("the mail is empty or has no headers")]
    NotAMail,
    /// From is absent or holds no address.
    #[error("the mail names no sender")]
    NoSender,
    /// From holds more than one address: nobody can say who wrote it.
    #[error("the mail names more than one sender")]
    ManySenders,
    /// From holds something that is not `name@host`.
    #[error("the sender's address is not an address")]
    BadSender,
    /// More MIME parts than any mail program makes.
    #[error("the mail has too many parts")]
    TooManyParts,
}

/// An address with the name that stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// `name@host`, lower-case.
    pub address: String,
    /// The display name, empty where there is none. Chosen by the sender: never an identity.
    pub name: String,
}

/// A part of the mail that is not read; the answer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its file name or what it is called in plain words.
    pub name: String,
    /// What it is.
    pub kind: UnreadKind,
}

/// Kinds of parts that are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadKind {
    /// A calendar invitation.
    Calendar,
    /// Outlook's winmail.dat.
    Tnef,
    /// Encrypted content (PGP or S/MIME).
    Encrypted,
    /// A MIME tree deeper than is followed.
    TooDeep,
}

/// One received mail. Every text in it was chosen by its sender.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// The one From address.
    pub from: Mailbox,
    /// Addresses of To, lower-case.
    pub to: Vec<String>,
    /// Addresses of Cc, lower-case.
    pub cc: Vec<String>,
    /// The subject, one line, at most 500 characters.
    pub subject: String,
    /// The RFC Message-ID without brackets, or `sha256:` and the hex digest of the raw mail.
    pub message_id: String,
    /// Ids this mail answers, without brackets, in the header's order.
    pub in_reply_to: Vec<String>,
    /// Ids of its ancestors, without brackets, oldest first.
    pub references: Vec<String>,
    /// The Date header.
    pub date: Option<Timestamp>,
    /// The headers that guards read.
    pub headers: Headers,
    /// All text/plain parts that are shown, joined.
    pub text: Option<String>,
    /// All text/html parts that are shown, joined.
    pub html: Option<String>,
    /// Files, in order.
    pub attachments: Vec<Attachment>,
    /// Parts that were not read.
    pub unread: Vec<Unread>,
}

impl Inbound {
    /// Reads `raw`. Never panics; linear in its length.
    ///
    /// # Errors
    /// [`ParseError`] where it is no mail, has not exactly one sender, or has more than 1,000 parts.
    pub fn parse(raw: &[u8]) -> Result<Self, ParseError> {
        let start = raw.iter().position(|b| !b.is_ascii_whitespace()).ok_or(ParseError::NotAMail)?;
        // An mbox line before the headers is not part of the mail.
        let start = if raw[start..].starts_with(b"From ") {
            raw[start..].iter().position(|&b| b == b'\n').map_or(raw.len(), |n| start + n + 1)
        } else {
            start
        };
        let body_at = mime::head_end(raw, start);
        let message = mime::parse_head(&raw[start..body_at]).ok_or(ParseError::NotAMail)?;
        let root = PartHead::of(&message, "text/plain");
        let mut mail = Self::of_head(&message, &root, raw)?;
        mail.unread.extend(encrypted(&root));
        for leaf in mime::leaves(raw, &root, body_at)? {
            mail.take(leaf, raw);
        }
        attachment::make_names_unique(&mut mail.attachments);
        Ok(mail)
    }

    fn of_head(message: &Message<'_>, root: &PartHead, raw: &[u8]) -> Result<Self, ParseError> {
        let headers = Headers::of(message, root);
        let message_id = ids(message, "message-id")
            .into_iter()
            .next()
            .unwrap_or_else(|| format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(raw))));
        let date = message.date().filter(|d| d.is_valid()).map(mail_parser::DateTime::to_timestamp);
        Ok(Self {
            from: sender(message)?,
            to: recipients(message, HeaderName::To),
            cc: recipients(message, HeaderName::Cc),
            subject: one_line(message.subject().unwrap_or_default(), SUBJECT_MAX),
            message_id,
            in_reply_to: ids(message, "in-reply-to"),
            references: ids(message, "references"),
            date: date.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
            headers,
            text: None,
            html: None,
            attachments: Vec::new(),
            unread: Vec::new(),
        })
    }

    fn take(&mut self, leaf: Leaf, raw: &[u8]) {
        let head = leaf.head;
        let shown = !head.attached && head.file_name.is_none();
        if let Some(unread) = unread_kind(&head) {
            self.unread.push(unread);
            return;
        }
        let bytes = charset::transfer_decode(&raw[leaf.body], head.encoding);
        match head.media_type.as_str() {
            "text/plain" if shown => {
                let text = charset::text(&bytes, head.charset.as_deref());
                let text = head.flowed.map_or_else(|| text.clone(), |flowed| charset::unflow(&text, flowed));
                append(&mut self.text, &text);
            }
            "text/html" if shown => {
                append(&mut self.html, &charset::text(&bytes, head.charset.as_deref()));
            }
            "message/delivery-status"
            | "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "text/rfc822-headers" => {}
            _ if bytes.is_empty() => {}
            _ => self.attachments.push(Attachment::of(head, bytes.into_owned(), self.attachments.len() + 1)),
        }
    }
}

fn append(body: &mut Option<String>, part: &str) {
    let body = body.get_or_insert_default();
    if !body.is_empty() && !body.ends_with('\n') {
        body.push('\n');
    }
    let room = TEXT_MAX.saturating_sub(body.len());
    body.push_str(cut_at(part, room));
}

fn unread_kind(head: &PartHead) -> Option<Unread> {
    let (kind, plain) = match head.media_type.as_str() {
        "text/calendar" | "application/ics" => (UnreadKind::Calendar, "calendar invitation"),
        "application/ms-tnef" | "application/vnd.ms-tnef" => (UnreadKind::Tnef, "winmail.dat"),
        "application/pgp-encrypted" | "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            (UnreadKind::Encrypted, "encrypted content")
        }
        kind if kind.starts_with("multipart/") => (UnreadKind::TooDeep, "deeply nested content"),
        _ => return None,
    };
    let name = head.file_name.as_deref().map(attachment::safe_name).filter(|name| !name.is_empty());
    Some(Unread { name: name.unwrap_or_else(|| plain.to_owned()), kind })
}

fn encrypted(root: &PartHead) -> Option<Unread> {
    (root.media_type == "multipart/encrypted"
        && root.protocol.as_deref() != Some("application/pgp-encrypted"))
    .then(|| Unread { name: "encrypted content".into(), kind: UnreadKind::Encrypted })
}

fn sender(message: &Message<'_>) -> Result<Mailbox, ParseError> {
    let mut found = message
        .header_values(HeaderName::From)
        .filter_map(|value| value.as_address())
        .flat_map(mail_parser::Address::iter)
        .filter(|addr| addr.address.as_ref().is_some_and(|a| !a.trim().is_empty()) || addr.name.is_some());
    let first = found.next().ok_or(ParseError::NoSender)?;
    if found.next().is_some() {
        return Err(ParseError::ManySenders);
    }
    let address = first.address().unwrap_or_default().trim().to_lowercase();
    if !is_address(&address) {
        return Err(ParseError::BadSender);
    }
    Ok(Mailbox { address, name: one_line(first.name().unwrap_or_default(), 200) })
}

/// Whether `text` is `name@host` in a form that can be compared and answered.
pub fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let odd =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')');
    !local.is_empty() && !host.is_empty() && text.len() <= 320 && !local.contains('@') && !text.contains(odd)
}

fn recipients(message: &Message<'_>, header: HeaderName<'static>) -> Vec<String> {
    message
        .header_values(header)
        .filter_map(|value| value.as_address())
        .flat_map(mail_parser::Address::iter)
        .filter_map(|addr| addr.address())
        .map(|address| address.trim().to_lowercase())
        .filter(|address| is_address(address))
        .take(RECIPIENTS_MAX)
        .collect()
}

/// The ids of a header: programs separate them by blanks, commas or nothing, with or without brackets.
fn ids(message: &Message<'_>, name: &str) -> Vec<String> {
    let raw = message.headers_raw().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, v)| v);
    let mut ids: Vec<String> = raw
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '>' | ';'))
        .filter(|id| id.len() > 2 && id.len() <= 500 && !id.contains(char::is_control))
        .map(str::to_owned)
        .collect();
    if ids.iter().any(|id| id.contains('@')) {
        ids.retain(|id| id.contains('@'));
    }
    ids.split_off(ids.len().saturating_sub(IDS_MAX))
}

/// At most `max` bytes of `text`, no character cut.
pub(crate) fn cut_at(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `text` on one line without control characters, at most `max` characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > max * 4 {
            break;
        }
    }
    line.chars().take(max).collect()
}
