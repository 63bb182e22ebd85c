//! The script that keeps addresses made by a page's own scripts under the prefix.

use crate::prefix::Prefix;

/// Its text. It reads the prefix from the tag that loads it.
pub const SCRIPT: &str = include_str!("../wrapper/shim.js");

/// Changes with the text, so that browsers may keep it for ever.
const VERSION: u64 = fingerprint(SCRIPT.as_bytes());

/// Paths below this one, under the prefix, are answered here and never by the site.
pub const OWN: &str = "__webordinary/";

/// The tag that loads it. A file, and not text in the page, because a site's own policy usually allows that.
pub fn tag(prefix: &Prefix) -> String {
    let path = prefix.path();
    format!(r#"<script src="{path}{OWN}shim.js?v={VERSION:016x}" data-prefix="{path}"></script>"#)
}

/// FNV-1a, 64 bits.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}
