//! Reads a Maildir of sent mail.

use data_encoding::HEXLOWER;
use mail_parser::{Message, MessageParser};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Mails read for a list, newest first.
const READ_MAX: usize = 300;
/// Largest mail that is shown, in bytes.
const BYTES_MAX: u64 = 30_000_000;

/// One mail, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// A name for addresses, made from the file's.
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) from: String,
    pub(crate) to: String,
    /// Seconds since the Unix epoch.
    pub(crate) at: i64,
}

/// One mail with its bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) sent: Sent,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
}

/// Mails to `address`, newest first. A directory that is not there yet holds none.
pub(crate) fn list(dir: &Path, address: &str) -> Vec<Sent> {
    files(dir)
        .into_iter()
        .take(READ_MAX)
        .filter_map(|file| file.open(address).map(|opened| opened.sent))
        .collect()
}

/// One mail to `address`.
pub(crate) fn open(dir: &Path, id: &str, address: &str) -> Option<Opened> {
    files(dir).into_iter().find(|file| file.id() == id)?.open(address)
}

struct File {
    path: PathBuf,
    name: String,
    at: SystemTime,
}

fn files(dir: &Path) -> Vec<File> {
    let mut files: Vec<File> = ["new", "cur"]
        .iter()
        .filter_map(|part| std::fs::read_dir(dir.join(part)).ok())
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let data = entry.metadata().ok().filter(|d| d.is_file() && d.len() <= BYTES_MAX)?;
            let name = entry.file_name().to_str()?.to_owned();
            Some(File { path: entry.path(), name, at: data.modified().ok()? })
        })
        .collect();
    files.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.name.cmp(&a.name)));
    files
}

impl File {
    /// The name without the flags that a mail program may add, hashed: it goes into addresses.
    fn id(&self) -> String {
        let base = self.name.split(":2,").next().unwrap_or_default();
        HEXLOWER.encode(&Sha256::digest(base.as_bytes()))[..16].to_owned()
    }

    /// Reads it, if it is addressed to `address`.
    fn open(&self, address: &str) -> Option<Opened> {
        let raw = std::fs::read(&self.path).ok()?;
        let mail = MessageParser::default().parse(&raw)?;
        let to = addresses(mail.to());
        if !to.iter().any(|to| to.eq_ignore_ascii_case(address)) {
            return None;
        }
        let since = self.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let sent = Sent {
            id: self.id(),
            subject: mail.subject().unwrap_or("(no subject)").to_owned(),
            from: addresses(mail.from()).join(", "),
            to: to.join(", "),
            at: i64::try_from(since.as_secs()).unwrap_or_default(),
        };
        let text = mail.body_text(0).map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
        Some(Opened { sent, text, html: html(&mail) })
    }
}

/// The HTML part, if the mail has one: none is made from the text.
fn html(mail: &Message<'_>) -> Option<String> {
    let part = mail.html_part(0)?;
    part.is_text_html().then(|| mail.body_html(0)).flatten().map(std::borrow::Cow::into_owned)
}

fn addresses(list: Option<&mail_parser::Address<'_>>) -> Vec<String> {
    list.map(|list| list.iter().filter_map(|a| a.address().map(str::to_owned)).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: edit@demo.localhost\r\nTo: Ann <Ann@x.org>\r\nSubject: =?utf-8?q?Fertig=21_=C3=9C?=\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nplain words\r\n\
        --b\r\nContent-Type: text/html\r\n\r\n<p>rich words</p>\r\n--b--\r\n";

    #[test]
    fn a_mail_is_read_by_its_addressee_only() {
        let dir = tempfile::tempdir().unwrap();
        assert!(list(dir.path(), "ann@x.org").is_empty());
        std::fs::create_dir_all(dir.path().join("new")).unwrap();
        std::fs::write(dir.path().join("new/1.eml"), MAIL).unwrap();
        let found = list(dir.path(), "ann@x.org");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].subject, "Fertig! Ü");
        let opened = open(dir.path(), &found[0].id, "ann@x.org").unwrap();
        assert_eq!(opened.text.trim(), "plain words");
        assert_eq!(opened.html.as_deref().map(str::trim), Some("<p>rich words</p>"));
        assert!(list(dir.path(), "bob@x.org").is_empty());
        assert!(open(dir.path(), &found[0].id, "bob@x.org").is_none());
        assert!(open(dir.path(), "../../etc/passwd", "ann@x.org").is_none());
    }
}
