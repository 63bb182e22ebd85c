//! What keys and media types may be, and how keys are written in addresses.

use ports::{ErrorKind, PortError, Result};
use std::fmt::Write as _;

/// Longest key, in bytes; S3 takes 1,024.
const KEY_MAX: usize = 900;
/// Longest media type, in bytes.
const MEDIA_TYPE_MAX: usize = 256;

/// `Malformed` unless the key keeps the port's rules. S3 cannot name control characters in all of its answers.
pub(super) fn check_key(key: &str) -> Result<()> {
    let fits = (1..=KEY_MAX).contains(&key.len())
        && key.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
        && !key.contains(char::is_control);
    if fits {
        return Ok(());
    }
    let says = format_args!(
        "a key has 1 to {KEY_MAX} bytes in segments that are not empty, . or .., without control characters"
    );
    Err(PortError::new(ErrorKind::Malformed, says))
}

/// `Malformed` for what cannot be a header.
pub(super) fn check_media_type(media_type: &str) -> Result<()> {
    let fits = (1..=MEDIA_TYPE_MAX).contains(&media_type.len())
        && media_type.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    Err(PortError::new(ErrorKind::Malformed, format_args!("{media_type:?} is no media type")))
}

/// A key as the source of a copy wants it.
pub(super) fn encoded(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A key of a listing with `encoding-type=url`, which writes a space as `+`. `None` when it is not UTF-8.
pub(super) fn decoded(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &after[2..];
            }
            _ => bytes.push(first),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_in_an_address() {
        let key = "größe/a b+c%20~.html";
        assert_eq!(encoded(key), "gr%C3%B6%C3%9Fe/a%20b%2Bc%2520~.html");
        assert_eq!(decoded(&encoded(key)).unwrap(), key);
        assert_eq!(decoded("a+b").unwrap(), "a b");
        assert_eq!(decoded("%zz").or(decoded("%f")).or(decoded("%ff")), None);
    }

    #[test]
    fn a_media_type_is_a_header() {
        assert!(check_media_type("text/html; charset=utf-8").is_ok());
        for bad in ["", "text/ü", "a\r\nb: c"] {
            assert_eq!(check_media_type(bad).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }
}
