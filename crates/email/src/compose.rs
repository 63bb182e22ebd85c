//! A mail of ours as bytes: threaded, marked as automatic, and closed against header injection.

use crate::parse::{is_address, one_line};
use data_encoding::{BASE64, HEXLOWER};
use domain::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;
use sha2::{Digest, Sha256};

/// Most ids in a References header: the first and the newest are kept (RFC 5537 asks for at least that).
const REFERENCES_MAX: usize = 20;
/// Longest subject, in characters.
const SUBJECT_MAX: usize = 250;

/// What goes into a mail of ours.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// Our Message-ID, without brackets.
    pub message_id: &'a str,
    /// The Date header.
    pub date: Timestamp,
    /// Display name of the sender.
    pub from_name: &'a str,
    /// Address of the sender.
    pub from: &'a str,
    /// The one recipient.
    pub to: &'a str,
    /// The address that continues the thread, with its token.
    pub reply_to: Option<&'a str>,
    /// The subject of the mail answered; `Re: ` is put before it unless it is there. A mail that answers none has it as it is.
    pub subject: &'a str,
    /// The id answered, without brackets.
    pub in_reply_to: Option<&'a str>,
    /// Ids of the conversation, theirs and ours, oldest first, without brackets.
    pub references: &'a [String],
    /// The plain text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: &'a str,
    /// The value of our X-WebOrdinary header, by which we know our own mail.
    pub header: &'a str,
}

/// The mail as bytes, with CRLF line ends. Control characters in a header field become blanks, and ids and
/// addresses that are none are left out, so that no field can add a header.
pub fn compose(out: &Outgoing<'_>) -> Vec<u8> {
    let mut mail = MessageBuilder::new()
        .header("From", Raw::new(mailbox(out.from_name, out.from)))
        .header("To", Raw::new(mailbox("", out.to)))
        .header("Subject", Text::new(subject(out)))
        .header("Date", Date::new(out.date.0.max(0) / 1000))
        .header("Message-ID", MessageId::new(clean_id(out.message_id).unwrap_or_else(|| digest(out))));
    if let Some(address) = out.reply_to {
        mail = mail.header("Reply-To", Raw::new(mailbox(out.from_name, address)));
    }
    if let Some(id) = out.in_reply_to.and_then(clean_id) {
        mail = mail.header("In-Reply-To", MessageId::new(id));
    }
    let references = references(out);
    if !references.is_empty() {
        mail = mail.header("References", MessageId::new_list(references.into_iter()));
    }
    mail = mail
        .header("Auto-Submitted", Raw::new(if answers(out) { "auto-replied" } else { "auto-generated" }))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .header("X-WebOrdinary", Raw::new(ascii(&one_line(out.header, 200))));
    let kind = ContentType::new("multipart/alternative").attribute("boundary", digest(out));
    let parts =
        vec![MimePart::new("text/plain", ended(out.text)), MimePart::new("text/html", ended(out.html))];
    // Writing into memory cannot fail.
    mail.body(MimePart::new(kind, parts)).write_to_vec().unwrap_or_default()
}

/// Whether this is an answer to a mail, and not the first of its conversation.
fn answers(out: &Outgoing<'_>) -> bool {
    out.in_reply_to.is_some() || !out.references.is_empty()
}

fn subject(out: &Outgoing<'_>) -> String {
    if answers(out) { reply_subject(out.subject) } else { one_line(out.subject, SUBJECT_MAX) }
}

/// `subject` with exactly one `Re: ` before it, whatever language's marks stand there.
pub fn reply_subject(subject: &str) -> String {
    let bare = bare_subject(subject);
    if bare.is_empty() { "Re: your website".to_owned() } else { format!("Re: {bare}") }
}

/// `subject` on one line, without the marks of replies before it, whatever their language.
pub fn bare_subject(subject: &str) -> String {
    let line = one_line(subject, SUBJECT_MAX);
    let mut rest = line.as_str();
    while let Some(shorter) = without_reply_mark(rest) {
        rest = shorter;
    }
    rest.to_owned()
}

/// Takes off one `Re:`, `AW:`, `SV: `, `Re[2]:` and the like.
fn without_reply_mark(subject: &str) -> Option<&str> {
    const MARKS: [&str; 16] = [
        "re", "aw", "sv", "vs", "antw", "antwort", "odp", "ref", "rif", "res", "rép", "回复", "回覆", "答复",
        "ynt", "πετ",
    ];
    let colon = subject.find([':', '：'])?;
    let mark = subject[..colon].trim().to_lowercase();
    let mark = mark.split(['[', '(']).next().unwrap_or_default().trim();
    let after = subject[colon..].chars().next().map_or(0, char::len_utf8);
    MARKS.contains(&mark).then(|| subject[colon + after..].trim_start())
}

/// Theirs and ours without doubles; when there are too many, the first and the newest.
fn references(out: &Outgoing<'_>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let candidates = out.references.iter().map(String::as_str).chain(out.in_reply_to);
    for id in candidates.filter_map(clean_id) {
        // The newest mention counts: the last id must be the one that is answered.
        if let Some(at) = ids.iter().position(|known| *known == id) {
            ids.remove(at);
        }
        ids.push(id);
        if ids.len() > REFERENCES_MAX {
            ids.remove(1);
        }
    }
    ids
}

/// A Message-ID that can stand between brackets, or `None`. An id of ours for a mail without one
/// (`sha256:…`) names nothing that another program knows.
pub(crate) fn clean_id(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let plain = id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b','));
    (plain && (3..=250).contains(&id.len()) && id.contains('@')).then(|| id.to_owned())
}

pub(crate) fn mailbox(name: &str, address: &str) -> String {
    let address: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let address = if is_address(&address) { address } else { "undisclosed@invalid".to_owned() };
    let name = one_line(name, 60);
    if name.is_empty() {
        return format!("<{address}>");
    }
    if name.is_ascii() {
        return format!("\"{}\" <{address}>", name.replace(['"', '\\'], "'"));
    }
    // An encoded word holds at most 75 characters, and none may be cut within a character.
    let chars: Vec<char> = name.chars().collect();
    let words: Vec<String> = chars
        .chunks(10)
        .map(|chunk| format!("=?utf-8?B?{}?=", BASE64.encode(chunk.iter().collect::<String>().as_bytes())))
        .collect();
    format!("{} <{address}>", words.join(" "))
}

fn ascii(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
}

fn ended(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    if text.ends_with('\n') { text } else { format!("{text}\n") }
}

/// A boundary that no content of this mail holds by accident, the same for the same mail.
fn digest(out: &Outgoing<'_>) -> String {
    let mut hash = Sha256::new();
    for field in [out.message_id, out.to, out.text, out.html] {
        hash.update(field.as_bytes());
        hash.update([0]);
    }
    format!("{}@webordinary", &HEXLOWER.encode(&hash.finalize())[..32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn outgoing<'a>() -> Outgoing<'a> {
        Outgoing {
            message_id: "out1@demo.localhost",
            date: Timestamp(1_700_000_000_000),
            from_name: "Demo site",
            from: "edit@demo.localhost",
            to: "ann@example.com",
            reply_to: Some("edit+token@demo.localhost"),
            subject: "New photo",
            in_reply_to: Some("in2@example.com"),
            references: &[],
            text: "Hello",
            html: "<p>Hello</p>",
            header: "sent",
        }
    }

    fn header<'a>(raw: &'a str, name: &str) -> Vec<&'a str> {
        let head = raw.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").filter(|line| line.starts_with(&format!("{name}:"))).collect()
    }

    #[test]
    fn a_composed_mail_reads_back() {
        let references =
            ["in1@example.com".to_owned(), "in2@example.com".to_owned(), "out0@demo.localhost".to_owned()];
        let long = format!("https://example.com/session/{}/?a=b=c&d", "x".repeat(200));
        let text = format!("Grüße\n{long}\n.\nFrom here\n");
        let html = format!("<p>Grüße <a href=\"{long}\">look</a></p>");
        let raw = compose(&Outgoing { references: &references, text: &text, html: &html, ..outgoing() });
        for line in String::from_utf8(raw.clone()).unwrap().split("\r\n") {
            assert!(line.len() <= 78 && !line.contains(['\n', '\r']), "{line:?}");
        }
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(mail.message_id(), Some("out1@demo.localhost"));
        assert_eq!(mail.in_reply_to().as_text(), Some("in2@example.com"));
        let ids: Vec<_> = mail.references().as_text_list().unwrap().iter().map(AsRef::as_ref).collect();
        assert_eq!(ids, ["in1@example.com", "out0@demo.localhost", "in2@example.com"]);
        assert_eq!(mail.reply_to().unwrap().first().unwrap().address(), Some("edit+token@demo.localhost"));
        assert_eq!(mail.date().unwrap().to_timestamp(), 1_700_000_000);
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), text);
        assert!(mail.body_html(0).unwrap().contains(&long));
        assert_eq!(mail.header_raw("Auto-Submitted").unwrap().trim(), "auto-replied");
        assert_eq!(mail.header_raw("X-Auto-Response-Suppress").unwrap().trim(), "All");
        assert_eq!(mail.header_raw("X-WebOrdinary").unwrap().trim(), "sent");
    }

    #[test]
    fn no_field_adds_a_header() {
        let evil = "x\r\nBcc: victim@example.com\r\n\r\nbody";
        let references = [evil.to_owned(), "ok@example.com".to_owned()];
        let raw = compose(&Outgoing {
            message_id: evil,
            from_name: evil,
            from: evil,
            to: evil,
            reply_to: Some(evil),
            subject: evil,
            in_reply_to: Some(evil),
            references: &references,
            header: evil,
            ..outgoing()
        });
        let raw = String::from_utf8(raw).unwrap();
        assert_eq!(header(&raw, "Bcc"), Vec::<&str>::new());
        assert_eq!(header(&raw, "References"), ["References: <ok@example.com>"]);
        assert_eq!(header(&raw, "In-Reply-To"), Vec::<&str>::new());
        assert!(raw.contains("\r\nContent-Type: multipart/alternative"));
    }

    #[test]
    fn subjects_get_one_mark() {
        for (given, subject) in [
            ("New photo", "Re: New photo"),
            ("Re: New photo", "Re: New photo"),
            ("RE: AW: sv: Re[2]: New photo", "Re: New photo"),
            ("Antwort: Foto", "Re: Foto"),
            ("回复：照片", "Re: 照片"),
            ("Fwd: Re: x", "Re: Fwd: Re: x"),
            ("Prices: new", "Re: Prices: new"),
            ("", "Re: your website"),
            ("Re:", "Re: your website"),
        ] {
            assert_eq!(reply_subject(given), subject);
        }
    }

    #[test]
    fn a_mail_that_answers_none_has_its_own_subject() {
        let raw = compose(&Outgoing { subject: "Sign in", in_reply_to: None, ..outgoing() });
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(mail.subject(), Some("Sign in"));
        assert_eq!(mail.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
        let raw = compose(&Outgoing { subject: "x\r\nBcc: a@b", in_reply_to: None, ..outgoing() });
        assert_eq!(header(&String::from_utf8(raw).unwrap(), "Bcc"), Vec::<&str>::new());
    }

    #[test]
    fn names_and_subjects_of_any_script_read_back() {
        let name = "Käsehaus Müller & Söhne – Zürich";
        let subject = "Zdjęcie 写真 🎉 ".repeat(8);
        let raw = compose(&Outgoing { from_name: name, subject: &subject, ..outgoing() });
        assert!(raw.is_ascii());
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(mail.from().unwrap().first().unwrap().name(), Some(name));
        assert_eq!(mail.subject(), Some(format!("Re: {}", subject.trim()).as_str()));
    }

    #[test]
    fn long_conversations_keep_the_first_and_the_newest_id() {
        let references: Vec<String> = (0..500).map(|n| format!("m{n}@example.com")).collect();
        let raw = compose(&Outgoing { references: &references, ..outgoing() });
        let mail = MessageParser::default().parse(&raw).unwrap();
        let ids = mail.references().as_text_list().unwrap().to_vec();
        assert_eq!(ids.len(), REFERENCES_MAX);
        assert_eq!(
            (ids[0].as_ref(), ids[REFERENCES_MAX - 1].as_ref()),
            ("m0@example.com", "in2@example.com")
        );
    }
}
