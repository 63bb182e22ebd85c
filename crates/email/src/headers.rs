//! The few headers that decide whether a mail is answered at all, and where to.

use crate::mime::PartHead;
use crate::parse::one_line;
use mail_parser::{HeaderName, Message};

/// Headers kept, by lower-case name.
const KEPT: [&str; 17] = [
    "auto-submitted",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response-suppress",
    "precedence",
    "x-loop",
    "return-path",
    "x-failed-recipients",
    "list-id",
    "list-unsubscribe",
    "x-webordinary",
    "authentication-results",
    "sender",
    "x-mailer",
    "delivered-to",
    "reply-to",
];

/// What is read of a mail's headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    kept: Vec<(&'static str, String)>,
    /// How many Received lines there are.
    pub received: usize,
    /// Whether it is a multipart/report about a delivery (RFC 3464).
    pub delivery_report: bool,
}

impl Headers {
    pub(crate) fn of(message: &Message<'_>, root: &PartHead) -> Self {
        let received = message.headers().iter().filter(|h| h.name == HeaderName::Received).count();
        let mut kept = Vec::new();
        for (name, value) in message.headers_raw() {
            if kept.len() >= 200 {
                break;
            }
            if let Some(known) = KEPT.iter().find(|known| name.eq_ignore_ascii_case(known)) {
                kept.push((*known, one_line(value, 1_000)));
            }
        }
        let delivery_report = root.media_type == "multipart/report"
            && root.report_type.as_deref().is_none_or(|kind| kind == "delivery-status");
        Self { kept, received, delivery_report }
    }

    /// The first value of the header `name` (lower-case), on one line.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.kept.iter().find(|(kept, _)| *kept == name).map(|(_, value)| value.as_str())
    }

    /// All values of the header `name` (lower-case), topmost first.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.kept.iter().filter(move |(kept, _)| *kept == name).map(|(_, value)| value.as_str())
    }
}
