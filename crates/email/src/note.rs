//! A mail as a person's program writes it: for the command line, and for tests of what comes in.

use crate::compose::{clean_id, mailbox};
use crate::parse::one_line;
use domain::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;

/// A mail of a person.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    /// Its Message-ID, without brackets.
    pub message_id: &'a str,
    /// The Date header.
    pub date: Timestamp,
    /// Address of the sender.
    pub from: &'a str,
    /// The one recipient.
    pub to: &'a str,
    /// The subject, as it shall read.
    pub subject: &'a str,
    /// The text.
    pub text: &'a str,
    /// The id answered, without brackets.
    pub in_reply_to: Option<&'a str>,
    /// Ids of the conversation, oldest first, without brackets.
    pub references: &'a [String],
    /// Files: name, media type and content.
    pub files: &'a [(String, String, Vec<u8>)],
}

/// The mail as bytes, with CRLF line ends. No field can add a header.
pub fn compose_note(note: &Note<'_>) -> Vec<u8> {
    let id = clean_id(note.message_id).unwrap_or_else(|| "note@localhost".into());
    let mut mail = MessageBuilder::new()
        .header("From", Raw::new(mailbox("", note.from)))
        .header("To", Raw::new(mailbox("", note.to)))
        .header("Subject", Text::new(one_line(note.subject, 250)))
        .header("Date", Date::new(note.date.0.max(0) / 1000))
        .header("Message-ID", MessageId::new(id))
        .text_body(note.text.replace('\0', ""));
    if let Some(id) = note.in_reply_to.and_then(clean_id) {
        mail = mail.header("In-Reply-To", MessageId::new(id));
    }
    let references: Vec<String> = note.references.iter().filter_map(|id| clean_id(id)).collect();
    if !references.is_empty() {
        mail = mail.header("References", MessageId::new_list(references.into_iter()));
    }
    for (name, media_type, bytes) in note.files {
        let kind: String = media_type.chars().filter(|c| c.is_ascii_graphic() && *c != ';').collect();
        mail = mail.attachment(kind, one_line(name, 200), bytes.as_slice());
    }
    // Writing into memory cannot fail.
    mail.write_to_vec().unwrap_or_default()
}
