//! Bytes of a text part to text, also where the charset is mislabelled.

use crate::mime::{Encoding, Flowed};
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use std::borrow::Cow;

/// Undoes the transfer encoding. Damaged input gives what can be read of it.
pub(crate) fn transfer_decode(body: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    match encoding {
        Encoding::Plain => Cow::Borrowed(body),
        Encoding::Base64 => Cow::Owned(base64(body)),
        Encoding::QuotedPrintable => quoted_printable_decode(body).map_or(Cow::Borrowed(body), Cow::Owned),
    }
}

/// Reads text: 8-bit text that is valid UTF-8 is UTF-8 whatever it says, else the declared charset counts,
/// else windows-1252. NULs and carriage returns are dropped.
pub(crate) fn text(bytes: &[u8], declared: Option<&str>) -> String {
    let declared = declared.map(|d| d.trim().to_ascii_lowercase());
    let name = declared.as_deref().unwrap_or("");
    let shifts =
        ["iso-2022", "utf-7", "unicode-1-1-utf-7", "hz-gb", "utf-16", "utf-32", "ucs-2", "csiso2022"];
    let decoded = if shifts.iter().any(|s| name.starts_with(s)) {
        decode(bytes, name)
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if matches!(name, "" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "iso-8859-1") => {
                mostly_utf8(bytes).unwrap_or_else(|| decode(bytes, "windows-1252"))
            }
            Err(_) => decode(bytes, name),
        }
    };
    let text = decoded.strip_prefix('\u{feff}').unwrap_or(&decoded);
    if text.contains(['\0', '\r']) {
        text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
    } else {
        text.to_owned()
    }
}

fn decode(bytes: &[u8], charset: &str) -> String {
    charset_decoder(charset.as_bytes())
        .or_else(|| charset_decoder(b"windows-1252"))
        .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decoder| decoder(bytes))
}

/// UTF-8 with a few broken bytes (a mail cut in the middle of a character) is still UTF-8.
fn mostly_utf8(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let (mut broken, mut wide) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '\u{fffd}' => broken += 1,
            c if !c.is_ascii() => wide += 1,
            _ => {}
        }
    }
    (wide > broken * 8).then(|| text.into_owned())
}

/// Joins the lines that the sender's program broke (RFC 3676). A signature mark is never joined.
pub(crate) fn unflow(text: &str, flowed: Flowed) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for (n, line) in text.split('\n').enumerate() {
        let depth = line.bytes().take_while(|&b| b == b'>').count();
        let content = line[depth..].strip_prefix(' ').unwrap_or(&line[depth..]);
        let mark = content == "-- ";
        if mark || open != Some(depth) {
            if n > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            out.push_str(if depth > 0 { " " } else { "" });
        }
        let soft = content.ends_with(' ') && !mark;
        let drop = usize::from(soft && flowed == Flowed::DropSpace);
        out.push_str(&content[..content.len() - drop]);
        open = soft.then_some(depth);
    }
    out
}

fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u8);
    for &b in body {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                // Padding ends a group; some programs join several encoded pieces.
                tail(&mut out, bits, count);
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    tail(&mut out, bits, count);
    out
}

fn tail(out: &mut Vec<u8>, bits: u32, count: u8) {
    let [_, a, b, _] = (bits << (6 * u32::from(4 - count.min(4)))).to_be_bytes();
    match count {
        2 => out.push(a),
        3 => out.extend_from_slice(&[a, b]),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mislabelled_text_is_read() {
        assert_eq!(text("Käse".as_bytes(), Some("iso-8859-1")), "Käse");
        assert_eq!(text(b"K\xe4se \x80", Some("utf-8")), "Käse €");
        assert_eq!(text(b"K\xe4se", None), "Käse");
        assert_eq!(text(b"K\xe4se", Some("no-such-charset")), "Käse");
        assert_eq!(text(b"za\xbf\xf3\xb3\xe6", Some("iso-8859-2")), "zażółć");
        assert_eq!(text(b"Hi +AOQ-", Some("utf-7")), "Hi ä");
        assert_eq!(text(b"\x1b$B$3\x1b(B", Some("iso-2022-jp")), "こ");
        assert_eq!(text(b"a\0b\r\nc", None), "ab\nc");
    }

    #[test]
    fn base64_survives_damage() {
        assert_eq!(base64(b"SGVsbG8h"), b"Hello!");
        assert_eq!(base64(b"SGVs\r\nbG8="), b"Hello");
        assert_eq!(base64(b"SGVsbG8=SGk="), b"HelloHi");
        assert_eq!(base64(b"SGVs*bG8"), b"Hello");
    }

    #[test]
    fn flowed_lines_are_joined_but_not_over_quotes_or_the_signature() {
        assert_eq!(
            unflow("Put it \non top.\n\n> a \n> b\n-- \nme", Flowed::KeepSpace),
            "Put it on top.\n\n> a b\n-- \nme"
        );
        assert_eq!(unflow("ab \ncd", Flowed::DropSpace), "abcd");
        assert_eq!(unflow("\na", Flowed::KeepSpace), "\na");
    }
}
