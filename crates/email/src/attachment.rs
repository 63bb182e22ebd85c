//! Attached files: a safe name, what they really are, and which images are meant by the writer.

use crate::mime::PartHead;
use crate::parse::cut_at;
use std::collections::HashSet;

/// Longest file name, in bytes.
const NAME_MAX: usize = 100;
/// An inline image below this size, in bytes, is decoration.
const TINY_BYTES: usize = 3 * 1024;
/// An inline image whose both sides are at most this, in pixels, is decoration.
const TINY_SIDE: u32 = 64;

/// One file that came with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// A file name of letters, digits, `.`, `-` and `_`; at most 100 bytes; unique within the mail.
    pub name: String,
    /// The type its first bytes say, lower-case; `application/octet-stream` where they say nothing.
    pub media_type: String,
    /// The type the sender declared, lower-case.
    pub declared_type: String,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// Whether it is shown within the text (by disposition, or by a Content-ID without a disposition).
    pub inline: bool,
    /// The content, decoded.
    pub bytes: Vec<u8>,
}

impl Attachment {
    pub(crate) fn of(head: PartHead, bytes: Vec<u8>, number: usize) -> Self {
        let media_type = sniff(&bytes, &head.media_type);
        let mut name = safe_name(head.file_name.as_deref().unwrap_or_default());
        if name.is_empty() {
            name = format!("attachment-{number}");
        }
        if !name.contains('.')
            && let Some(extension) = extension(media_type)
        {
            name = format!("{name}.{extension}");
        }
        Self {
            name,
            media_type: media_type.to_owned(),
            inline: head.inline || (!head.attached && head.content_id.is_some()),
            declared_type: head.media_type,
            content_id: head.content_id,
            bytes,
        }
    }

    /// Whether it is an image by its first bytes.
    pub fn is_image(&self) -> bool {
        self.media_type.starts_with("image/")
    }

    /// Whether it is decoration: an inline image under 3 KB, or of at most 64 × 64 pixels.
    pub fn is_tiny_inline(&self) -> bool {
        self.inline
            && self.is_image()
            && (self.bytes.len() < TINY_BYTES
                || dimensions(&self.bytes).is_some_and(|(w, h)| w <= TINY_SIDE && h <= TINY_SIDE))
    }
}

/// A safe name and the sniffed media type of a file that somebody uploads as `name`.
pub fn name_and_type(name: &str, bytes: &[u8]) -> (String, String) {
    let declared = mime_of(name);
    let media_type = sniff(bytes, declared).to_owned();
    let safe = safe_name(name);
    (if safe.is_empty() { "file".to_owned() } else { safe }, media_type)
}

fn mime_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "txt" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// `name` as a file name that is safe anywhere: no folder, no leading dot, no blank, no control character.
pub(crate) fn safe_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut out = String::new();
    for c in base.chars() {
        let c = if c.is_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
        // Runs fold to one: `..` must not survive, and blanks next to hyphens read badly.
        if matches!(c, '.' | '-') && out.ends_with(c) {
            continue;
        }
        out.push(c);
    }
    let out = out.trim_matches(['.', '-']);
    if out.len() <= NAME_MAX {
        return out.to_owned();
    }
    let (stem, ending) = out.rsplit_once('.').filter(|(_, e)| e.len() <= 10).unwrap_or((out, ""));
    let stem = cut_at(stem, NAME_MAX - ending.len() - 1);
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

/// Gives files of one name names of their own, also where file systems ignore case.
pub(crate) fn make_names_unique(attachments: &mut [Attachment]) {
    let mut taken = HashSet::new();
    for attachment in attachments {
        let original = attachment.name.clone();
        let (stem, ending) = original.rsplit_once('.').unwrap_or((&original, ""));
        let mut n = 1;
        while !taken.insert(attachment.name.to_lowercase()) {
            n += 1;
            let dot = if ending.is_empty() { "" } else { "." };
            attachment.name = format!("{stem}-{n}{dot}{ending}");
        }
    }
}

/// The type that the first bytes say. Only text keeps what was declared: it has no marks of its own.
fn sniff<'a>(bytes: &[u8], declared: &'a str) -> &'a str {
    let at = |offset: usize, mark: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    let brand = bytes.get(8..12).unwrap_or_default();
    match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        () if at(0, b"\xff\xd8\xff") => "image/jpeg",
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        () if at(0, b"RIFF") && brand == b"WEBP" => "image/webp",
        () if at(4, b"ftyp") && matches!(brand, b"avif" | b"avis") => "image/avif",
        () if at(4, b"ftyp") && matches!(brand, b"heic" | b"heix" | b"mif1" | b"hevc") => "image/heic",
        () if at(4, b"ftypqt") => "video/quicktime",
        () if at(4, b"ftyp") => "video/mp4",
        () if at(0, b"II*\0") || at(0, b"MM\0*") => "image/tiff",
        () if at(0, b"BM") && at(6, &[0; 4]) => "image/bmp",
        () if at(0, b"%PDF-") => "application/pdf",
        () if at(0, b"PK\x03\x04") => zip_type(declared),
        () if at(0, b"ID3") || at(0, b"\xff\xfb") => "audio/mpeg",
        () if at(0, b"wOF2") => "font/woff2",
        () => text_type(bytes, declared),
    }
}

/// Office documents are zip archives; the declared type tells which, if it is one.
fn zip_type(declared: &str) -> &str {
    let office = ["application/vnd.openxmlformats", "application/vnd.oasis", "application/epub"];
    if office.iter().any(|prefix| declared.starts_with(prefix)) { declared } else { "application/zip" }
}

fn text_type<'a>(bytes: &[u8], declared: &'a str) -> &'a str {
    let start = &bytes[..bytes.len().min(4096)];
    if start.contains(&0) {
        return "application/octet-stream";
    }
    let start = start.to_ascii_lowercase();
    let has = |mark: &[u8]| start.windows(mark.len()).any(|window| window == mark);
    let head = start.trim_ascii_start();
    if (head.starts_with(b"<svg") || head.starts_with(b"<?xml") || head.starts_with(b"<!--")) && has(b"<svg")
    {
        return "image/svg+xml";
    }
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") {
        return "text/html";
    }
    let textual = declared.starts_with("text/")
        || declared.starts_with("message/")
        || matches!(declared, "application/json" | "application/xml");
    match () {
        () if textual => declared,
        () if std::str::from_utf8(bytes).is_ok() => "text/plain",
        () => "application/octet-stream",
    }
}

fn extension(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/avif" => "avif",
        "image/heic" => "heic",
        "image/svg+xml" => "svg",
        "image/tiff" => "tiff",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "message/rfc822" => "eml",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/csv" => "csv",
        "video/mp4" => "mp4",
        _ => return None,
    })
}

/// Width and height in pixels of a PNG, GIF, JPEG or WebP, from its header.
pub(crate) fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let be16 = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let le16 = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let be32 = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG") {
        return Some((be32(16)?, be32(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((le16(6)?, le16(8)?));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(12..16)? == b"VP8 " {
        return Some((le16(26)? & 0x3fff, le16(28)? & 0x3fff));
    }
    if !bytes.starts_with(b"\xff\xd8") {
        return None;
    }
    let mut at = 2;
    while bytes.get(at)? == &0xff {
        let marker = *bytes.get(at + 1)?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((be16(at + 7)?, be16(at + 5)?));
        }
        at += 2 + be16(at + 2)? as usize;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, len: usize) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend_from_slice(&width.to_be_bytes());
        bytes.extend_from_slice(&height.to_be_bytes());
        bytes.resize(len, 0);
        bytes
    }

    #[test]
    fn names_are_safe() {
        for (given, safe) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ann\\my photo (1).JPG", "my-photo-1-.JPG"),
            (".bashrc", "bashrc"),
            ("a\u{202e}gnp.exe", "a-gnp.exe"),
            ("Käse Foto.png", "Käse-Foto.png"),
            ("..", ""),
            ("a\r\nb.txt", "a-b.txt"),
        ] {
            assert_eq!(safe_name(given), safe, "{given:?}");
        }
        let long = safe_name(&format!("{}.jpeg", "é".repeat(300)));
        assert!(long.len() <= NAME_MAX && long.contains("é.jpeg"), "{long}");
    }

    #[test]
    fn bytes_say_what_a_file_is() {
        assert_eq!(sniff(&png(1, 1, 30), "text/plain"), "image/png");
        assert_eq!(sniff(b"MZ\x90\0", "image/png"), "application/octet-stream");
        assert_eq!(sniff(b"<?xml version='1.0'?><svg></svg>", "text/xml"), "image/svg+xml");
        assert_eq!(sniff(b"hello", "application/octet-stream"), "text/plain");
    }

    #[test]
    fn tiny_inline_images_are_decoration() {
        let image = |bytes, inline| Attachment {
            name: "a.png".into(),
            media_type: "image/png".into(),
            declared_type: "image/png".into(),
            content_id: None,
            inline,
            bytes,
        };
        assert!(image(png(900, 900, 2_000), true).is_tiny_inline());
        assert!(image(png(64, 64, 9_000), true).is_tiny_inline());
        assert!(!image(png(65, 64, 9_000), true).is_tiny_inline());
        assert!(!image(png(10, 10, 100), false).is_tiny_inline());
    }
}
