//! MIME structure in one linear pass: which parts a mail has, and where each begins and ends.

use crate::parse::ParseError;
use mail_parser::{Message, MessageParser, MimeHeaders};
use std::ops::Range;

/// Most parts that a mail may have.
pub(crate) const PARTS_MAX: usize = 1_000;
/// Deepest nesting of multiparts that is followed; what lies deeper is one unread part.
const DEPTH_MAX: usize = 20;
/// Longest header block of a part other than the first, in bytes.
const PART_HEAD_MAX: usize = 64 * 1024;

/// One leaf of the MIME tree, not yet decoded.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub head: PartHead,
    pub body: Range<usize>,
}

/// What a part's headers say about it. Types are lower-case.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartHead {
    pub media_type: String,
    pub boundary: Option<String>,
    pub charset: Option<String>,
    pub flowed: Option<Flowed>,
    pub encoding: Encoding,
    pub attached: bool,
    pub inline: bool,
    pub file_name: Option<String>,
    pub content_id: Option<String>,
    pub protocol: Option<String>,
    pub report_type: Option<String>,
}

/// A text/plain part whose lines were broken by the sender's program (RFC 3676).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flowed {
    /// The blank before a soft break belongs to the text.
    KeepSpace,
    /// It does not (`delsp=yes`).
    DropSpace,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Plain,
    Base64,
    QuotedPrintable,
}

impl PartHead {
    pub(crate) fn of(message: &Message<'_>, default_type: &str) -> Self {
        let mut head = Self { media_type: default_type.to_owned(), ..Self::default() };
        if let Some(kind) = message.content_type() {
            let sub = kind.subtype().unwrap_or(if kind.ctype() == "text" { "plain" } else { "octet-stream" });
            head.media_type = format!("{}/{}", kind.ctype(), sub).to_ascii_lowercase();
            let attribute = |name| kind.attribute(name).map(str::to_owned);
            head.boundary = attribute("boundary").filter(|b| !b.is_empty());
            head.charset = attribute("charset");
            head.protocol = attribute("protocol").map(|p| p.to_ascii_lowercase());
            head.report_type = attribute("report-type").map(|p| p.to_ascii_lowercase());
            if kind.attribute("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")) {
                let delsp = kind.attribute("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes"));
                head.flowed = Some(if delsp { Flowed::DropSpace } else { Flowed::KeepSpace });
            }
        }
        head.encoding = match message.content_transfer_encoding().map(str::trim) {
            Some(e) if e.eq_ignore_ascii_case("base64") => Encoding::Base64,
            Some(e) if e.eq_ignore_ascii_case("quoted-printable") => Encoding::QuotedPrintable,
            _ => Encoding::Plain,
        };
        if let Some(disposition) = message.content_disposition() {
            head.attached = disposition.ctype().eq_ignore_ascii_case("attachment");
            head.inline = disposition.ctype().eq_ignore_ascii_case("inline");
        }
        head.file_name = message.attachment_name().map(str::to_owned);
        head.content_id = message.content_id().map(|id| id.trim_matches(['<', '>']).to_owned());
        head
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.media_type.starts_with("multipart/")
    }
}

/// Where the header block that starts at `at` ends: the offset of the first byte after its blank line.
pub(crate) fn head_end(raw: &[u8], at: usize) -> usize {
    let mut start = at;
    while start < raw.len() {
        let end = line_end(raw, start);
        if is_blank(&raw[start..end]) {
            return end;
        }
        start = end;
    }
    raw.len()
}

/// Parses one header block.
pub(crate) fn parse_head(block: &[u8]) -> Option<Message<'static>> {
    let mut closed = Vec::with_capacity(block.len() + 4);
    closed.extend_from_slice(block);
    closed.extend_from_slice(b"\r\n\r\n");
    MessageParser::default().parse_headers(&closed).map(Message::into_owned)
}

/// The leaves of the mail whose first body byte is at `body_at`, in order.
pub(crate) fn leaves(raw: &[u8], root: &PartHead, body_at: usize) -> Result<Vec<Leaf>, ParseError> {
    let Some(boundary) = root.boundary.clone().filter(|_| root.is_multipart()) else {
        return Ok(vec![Leaf { head: root.clone(), body: body_at..raw.len() }]);
    };
    let mut walk = Walk { raw, open: Vec::new(), leaves: Vec::new(), current: None };
    walk.open.push(Open::of(&boundary, &root.media_type));
    let mut start = body_at;
    while start < raw.len() {
        let end = line_end(raw, start);
        start = match walk.boundary_at(&raw[start..end]) {
            Some(hit) => {
                walk.close_leaf(start);
                walk.open.truncate(hit.level + 1);
                if hit.last {
                    walk.open.pop();
                    end
                } else {
                    walk.begin_part(end)?
                }
            }
            None => end,
        };
    }
    walk.close_leaf(raw.len());
    Ok(walk.leaves)
}

struct Open {
    delimiter: Vec<u8>,
    child_type: &'static str,
}

impl Open {
    fn of(boundary: &str, media_type: &str) -> Self {
        let mut delimiter = b"--".to_vec();
        delimiter.extend_from_slice(boundary.as_bytes());
        let child_type = if media_type == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        Self { delimiter, child_type }
    }
}

struct Hit {
    level: usize,
    last: bool,
}

struct Walk<'x> {
    raw: &'x [u8],
    open: Vec<Open>,
    leaves: Vec<Leaf>,
    current: Option<(PartHead, usize)>,
}

impl Walk<'_> {
    fn boundary_at(&self, line: &[u8]) -> Option<Hit> {
        if !line.starts_with(b"--") {
            return None;
        }
        let line = line.trim_ascii_end();
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            match line.strip_prefix(open.delimiter.as_slice())? {
                b"" => Some(Hit { level, last: false }),
                b"--" => Some(Hit { level, last: true }),
                _ => None,
            }
        })
    }

    fn begin_part(&mut self, at: usize) -> Result<usize, ParseError> {
        if self.leaves.len() >= PARTS_MAX {
            return Err(ParseError::TooManyParts);
        }
        let default_type = self.open.last().map_or("text/plain", |open| open.child_type);
        let body_at = self.part_body(at);
        let block = &self.raw[at..body_at.min(at + PART_HEAD_MAX)];
        // A part without headers has the type that its multipart gives it.
        let bare = || PartHead { media_type: default_type.to_owned(), ..PartHead::default() };
        let head = parse_head(block).map_or_else(bare, |message| PartHead::of(&message, default_type));
        match &head.boundary {
            Some(boundary) if head.is_multipart() && self.open.len() < DEPTH_MAX => {
                self.open.push(Open::of(boundary, &head.media_type));
            }
            _ => self.current = Some((head, body_at)),
        }
        Ok(body_at)
    }

    /// Ends a header block also at a boundary: a part without a blank line must not swallow the next one.
    fn part_body(&self, at: usize) -> usize {
        let mut start = at;
        while start < self.raw.len() {
            let end = line_end(self.raw, start);
            let line = &self.raw[start..end];
            if is_blank(line) {
                return end;
            }
            if self.boundary_at(line).is_some() {
                return start;
            }
            start = end;
        }
        self.raw.len()
    }

    fn close_leaf(&mut self, at: usize) {
        if let Some((head, start)) = self.current.take() {
            // The line break before a delimiter belongs to the delimiter.
            let mut end = at.max(start);
            if at < self.raw.len() && end > start && self.raw[end - 1] == b'\n' {
                end -= 1;
                if end > start && self.raw[end - 1] == b'\r' {
                    end -= 1;
                }
            }
            self.leaves.push(Leaf { head, body: start..end });
        }
    }
}

fn line_end(raw: &[u8], start: usize) -> usize {
    raw[start..].iter().position(|&b| b == b'\n').map_or(raw.len(), |n| start + n + 1)
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(raw: &str) -> Vec<String> {
        let body = head_end(raw.as_bytes(), 0);
        let head = PartHead::of(&parse_head(&raw.as_bytes()[..body]).unwrap(), "text/plain");
        leaves(raw.as_bytes(), &head, body).unwrap().into_iter().map(|leaf| leaf.head.media_type).collect()
    }

    #[test]
    fn nested_parts_come_in_order() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\npreamble\n--a\n\
            Content-Type: multipart/alternative; boundary=\"a b\"\n\n--a b\nContent-Type: text/plain\n\nx\n\
            --a b\nContent-Type: text/html\n\ny\n--a b--\n--a\nContent-Type: image/png\n\nz\n--a--\nepilogue";
        assert_eq!(types(raw), ["text/plain", "text/html", "image/png"]);
    }

    #[test]
    fn a_part_without_a_blank_line_does_not_swallow_the_next() {
        let raw =
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html\n--a\n\nx\n--a--\n";
        assert_eq!(types(raw), ["text/html", "text/plain"]);
    }

    #[test]
    fn an_embedded_message_is_one_leaf_whatever_is_in_it() {
        let nest = "Content-Type: message/rfc822\n\n".repeat(100_000);
        assert_eq!(types(&nest), ["message/rfc822"]);
    }

    #[test]
    fn too_many_parts_are_an_error_and_deep_ones_are_not_followed() {
        let many = format!("Content-Type: multipart/mixed; boundary=a\n\n{}", "--a\n\nx\n".repeat(2_000));
        let body = head_end(many.as_bytes(), 0);
        let head = PartHead::of(&parse_head(&many.as_bytes()[..body]).unwrap(), "text/plain");
        assert_eq!(leaves(many.as_bytes(), &head, body).unwrap_err(), ParseError::TooManyParts);
        let mut deep = String::new();
        for n in 0..50_000 {
            let name = n.to_string();
            deep += &["Content-Type: multipart/mixed; boundary=", &name, "\n\n--", &name, "\n"].concat();
        }
        assert_eq!(types(&deep), ["multipart/mixed"]);
    }
}
