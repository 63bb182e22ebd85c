//! What SES writes on top of a mail it receives. Below that, every header is the sender's.

use super::Grade;
use super::results::Results;

/// Longest part of a mail that is looked through for SES' headers, in bytes.
const HEAD_MAX: usize = 64 * 1024;

/// SES' headers. It ends them with X-SES-RECEIPT; the next server's Received line follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// MAIL FROM, without brackets; empty for a bounce.
    pub return_path: Option<String>,
    /// For whom it was received, where SES says so.
    pub recipient: Option<String>,
    /// X-SES-Spam-Verdict.
    pub spam: Option<Grade>,
    /// X-SES-Virus-Verdict.
    pub virus: Option<Grade>,
    /// What the sending host called itself.
    helo: Option<String>,
    /// Authentication-Results.
    results: Option<String>,
}

/// Whether and how SES told the results of its checks.
pub(super) enum Told {
    Nothing,
    /// The sender may have had a hand in them.
    Unclear,
    Results(Results),
}

impl Stamps {
    /// Reads them from a raw mail, in one pass over its head.
    pub fn of(raw: &[u8]) -> Self {
        let head = String::from_utf8_lossy(&raw[..raw.len().min(HEAD_MAX)]);
        let mut stamps = Self::default();
        for (name, value) in fields(&head) {
            match name.to_ascii_lowercase().as_str() {
                "received" if stamps.helo.is_some() => break,
                "received" => stamps.take_received(&value),
                "return-path" => first(&mut stamps.return_path, value.trim_matches(['<', '>', ' '])),
                "authentication-results" => first(&mut stamps.results, &value),
                "x-ses-spam-verdict" if stamps.spam.is_none() => stamps.spam = Grade::named(&value),
                "x-ses-virus-verdict" if stamps.virus.is_none() => stamps.virus = Grade::named(&value),
                "x-ses-receipt" => break,
                _ => {}
            }
        }
        stamps
    }

    fn take_received(&mut self, value: &str) {
        let (route, _) = value.rsplit_once(';').unwrap_or((value, ""));
        let helo = route.trim().strip_prefix("from ").and_then(|rest| rest.split(" (").next());
        self.helo = Some(helo.unwrap_or_default().to_owned());
        self.recipient =
            route.rsplit_once(" for ").map(|(_, to)| to.trim_matches(['<', '>', ' ']).to_owned());
    }

    /// The results, unless what the sender chose and SES repeats in them could pass for a part of them.
    pub(super) fn told(&self, mail_from: &str) -> Told {
        let Some(results) = &self.results else { return Told::Nothing };
        let helo = self.helo.as_deref().unwrap_or_default();
        match Results::parse(results) {
            Some(results) if results.server != "amazonses.com" => Told::Nothing,
            Some(results) if is_plain(mail_from) && is_host(helo) => Told::Results(results),
            _ => Told::Unclear,
        }
    }
}

fn first(place: &mut Option<String>, value: &str) {
    place.get_or_insert_with(|| value.to_owned());
}

/// No character that means something in Authentication-Results.
fn is_plain(mail_from: &str) -> bool {
    !mail_from.contains(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, ';' | '"' | '(' | ')' | '\\' | ',')
    })
}

fn is_host(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !name.is_empty() && name.bytes().all(fits)
}

/// The header fields, unfolded, from the top.
fn fields(head: &str) -> impl Iterator<Item = (String, String)> {
    let mut lines = head.lines().take_while(|line| !line.is_empty()).peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let mut value = value.trim().to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            value.push(' ');
            value.push_str(more.trim());
        }
        Some((name.trim_end().to_owned(), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: &str = "Return-Path: <ann@example.com>\r\nReceived: from mx.example.com (mx.example.com [192.0.2.7])\r\n \
                       by inbound-smtp.us-east-1.amazonaws.com with SMTP id 8i6cr4\r\n for edit@demo.example;\r\n \
                       Sat, 26 Apr 2025 16:24:59 +0000 (UTC)\r\nX-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: GRAY\r\n";
    const RESULTS: &str = "Authentication-Results: amazonses.com;\r\n spf=pass (x) client-ip=192.0.2.7;\r\n dkim=pass header.i=@example.com;\r\n";

    fn told(raw: &str, mail_from: &str) -> &'static str {
        match Stamps::of(raw.as_bytes()).told(mail_from) {
            Told::Nothing => "nothing",
            Told::Unclear => "unclear",
            Told::Results(_) => "results",
        }
    }

    #[test]
    fn what_ses_wrote_is_read() {
        let raw = format!("{TOP}{RESULTS}X-SES-RECEIPT: AEFB\r\nX-SES-Spam-Verdict: FAIL\r\n\r\nHi");
        let stamps = Stamps::of(raw.as_bytes());
        assert_eq!(stamps.return_path.as_deref(), Some("ann@example.com"));
        assert_eq!(stamps.recipient.as_deref(), Some("edit@demo.example"));
        assert_eq!((stamps.spam, stamps.virus), (Some(Grade::Pass), Some(Grade::Gray)));
        assert_eq!(told(&raw, "ann@example.com"), "results");
        assert_eq!(Stamps::of(b"Return-Path: <>\n\nHi").return_path.as_deref(), Some(""));
        assert_eq!(Stamps::of(b"Subject: x\n\nReturn-Path: <a@b>\n"), Stamps::default());
    }

    #[test]
    fn what_the_sender_wrote_is_not() {
        let forged = "Authentication-Results: amazonses.com; dkim=pass header.i=@victim.example\r\n";
        for (raw, mail_from, want) in [
            // Below the end of SES' own block, or of its only Received line.
            (format!("{TOP}X-SES-RECEIPT: AEFB\r\n{forged}\r\n"), "a@b.c", "nothing"),
            (format!("{TOP}Received: by evil.example\r\n{forged}\r\n"), "a@b.c", "nothing"),
            (format!("{TOP}X-SES-RECEIPT: AEFB\r\n\r\n{forged}"), "a@b.c", "nothing"),
            // Of another server.
            (format!("{TOP}{}\r\n", forged.replace("amazonses.com", "mx.evil.example")), "a@b.c", "nothing"),
            // Names that SES repeats and that could be taken for results.
            (format!("{TOP}{RESULTS}\r\n"), "a;dkim=pass@evil.example", "unclear"),
            (format!("{TOP}{RESULTS}\r\n"), "\"a b\"@evil.example", "unclear"),
            (
                format!(
                    "{}{RESULTS}\r\n",
                    TOP.replace("from mx.example.com", "from x;dkim=pass header.i=@v.example")
                ),
                "a@b.c",
                "unclear",
            ),
            (format!("{RESULTS}\r\n"), "a@b.c", "unclear"),
        ] {
            assert_eq!(told(&raw, mail_from), want, "{raw}");
        }
    }
}
