//! Times, sizes and texts as people read them.

use domain::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;

/// A point in time for a page: `iso` for machines, `shown` for people whose browser runs no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) iso: String,
    pub(crate) shown: String,
}

impl Moment {
    /// `at` as seen from `now`, in UTC.
    pub(crate) fn of(at: Timestamp, now: Timestamp) -> Self {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else {
            return Self { iso: String::new(), shown: String::new() };
        };
        let there = instant.to_zoned(TimeZone::UTC);
        let today = jiff::Timestamp::from_millisecond(now.0).unwrap_or(instant).to_zoned(TimeZone::UTC);
        let format = match () {
            () if there.date() == today.date() => "%H:%M UTC",
            () if there.year() == today.year() => "%-d %b, %H:%M UTC",
            () => "%-d %b %Y",
        };
        Self {
            iso: there.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            shown: there.strftime(format).to_string(),
        }
    }
}

/// A length in bytes, in the unit that reads best.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// A duration in milliseconds, in the unit that reads best.
pub(crate) fn took(milliseconds: u64) -> String {
    match milliseconds / 1_000 {
        0 => "under a second".to_owned(),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Plain text as HTML: escaped, with its web addresses made links. White space is left to the style sheet.
pub(crate) fn rich(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(at) = address_start(rest) {
        let (before, from) = rest.split_at(at);
        let address = address(from);
        escape(before, &mut html);
        html.push_str("<a href=\"");
        escape(address, &mut html);
        html.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
        escape(address, &mut html);
        html.push_str("</a>");
        rest = &from[address.len()..];
    }
    escape(rest, &mut html);
    html
}

fn address_start(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .iter()
        .flat_map(|scheme| text.match_indices(scheme).map(move |(at, _)| (at, at + scheme.len())))
        .filter(|&(_, end)| text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
        .map(|(at, _)| at)
        .min()
}

/// The address that `text` begins with, without the punctuation of the sentence around it.
fn address(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || "<>\"'`|\\^{}".contains(c)).unwrap_or(text.len());
    let found = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '…', '*', '_']);
    if found.contains('(') { found } else { found.trim_end_matches(')') }
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\r' => {}
            // Overrides of the reading direction can make an address look like another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(html, "&#{};", u32::from('\u{fffd}'));
            }
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_nothing_else_becomes_markup() {
        for (text, want) in [
            ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"),
            ("no http:// here", "no http:// here"),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ] {
            assert_eq!(rich(text), want);
        }
        let html = rich("See http://127.0.0.1:8080/session/abc/, and (https://x.org/a?b=1&c=2).");
        assert!(html.contains(
            "<a href=\"http://127.0.0.1:8080/session/abc/\" target=\"_blank\" rel=\"noopener noreferrer\">"
        ));
        assert!(html.contains("https://x.org/a?b=1&amp;c=2</a>)."), "{html}");
        assert!(!rich("https://x.org/\"onclick=\"x").contains("onclick=\"x\""));
    }

    #[test]
    fn a_moment_says_no_more_than_is_needed() {
        let day = 24 * 3600 * 1000;
        let now = Timestamp(1_750_000_000_000);
        assert_eq!(Moment::of(now, now).shown, "15:06 UTC");
        assert_eq!(Moment::of(Timestamp(now.0 - day), now).shown, "14 Jun, 15:06 UTC");
        assert_eq!(Moment::of(Timestamp(now.0 - 365 * day), now).shown, "15 Jun 2024");
        assert_eq!(Moment::of(now, now).iso, "2025-06-15T15:06:40Z");
    }

    #[test]
    fn sizes_and_durations_read_well() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_200), "2 KB");
        assert_eq!(size(3_450_000), "3.4 MB");
        assert_eq!(took(400), "under a second");
        assert_eq!(took(61_000), "1 min 1 s");
    }
}
