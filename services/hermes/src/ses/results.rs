//! The Authentication-Results header (RFC 8601) as SES writes it, read so that nothing a sender can put into it counts.
//!
//! Neither mail-parser nor mail-auth reads this header, and SES' own properties stand where the RFC has methods:
//! `spf=pass (spfCheck: …) client-ip=192.0.2.1; envelope-from=a@b.c; helo=d; dkim=pass header.i=@b.c; …`.

/// Properties of SPF that SES sets apart as if they were methods.
const SPF_PROPERTIES: [&str; 3] = ["client-ip", "envelope-from", "helo"];

/// What one server found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Results {
    /// Its name.
    pub(super) server: String,
    findings: Vec<Finding>,
}

/// One check and what it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    method: String,
    /// Lower case.
    result: String,
    properties: Vec<(String, String)>,
}

impl Finding {
    pub(super) fn passed(&self) -> bool {
        self.result == "pass"
    }

    pub(super) fn failed(&self) -> bool {
        self.result == "fail"
    }

    /// The first of these properties that there is.
    pub(super) fn property(&self, names: &[&str]) -> Option<&str> {
        let of_name = |name: &&str| self.properties.iter().find(|(key, _)| key == name);
        names.iter().find_map(of_name).map(|(_, value)| value.as_str())
    }
}

impl Results {
    /// Reads an unfolded header value in one pass. `None` when it is not formed as a server forms it: comments and quotes
    /// that do not end, or that touch what stands beside them, can only be somebody's who wants to be misread.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut segments = segments(value)?.into_iter();
        let server = segments.next()?.into_iter().next()?.to_ascii_lowercase();
        let mut findings: Vec<Finding> = Vec::new();
        for segment in segments {
            let mut pairs = segment.iter().filter_map(|atom| atom.split_once('='));
            let Some((key, value)) = pairs.next() else { continue };
            let key = key.to_ascii_lowercase();
            let rest = pairs.map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()));
            if SPF_PROPERTIES.contains(&key.as_str()) {
                let last = findings.last_mut().filter(|last| last.method == "spf")?;
                last.properties.push((key, value.to_owned()));
                last.properties.extend(rest);
            } else {
                findings.push(Finding {
                    method: key.split('/').next().unwrap_or_default().to_owned(),
                    result: value.to_ascii_lowercase(),
                    properties: rest.collect(),
                });
            }
        }
        Some(Self { server, findings })
    }

    /// All findings of a method, in order.
    pub(super) fn of<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.method == method)
    }
}

/// The words between semicolons, without comments, quotes taken off.
fn segments(value: &str) -> Option<Vec<Vec<String>>> {
    let mut segments = vec![Vec::new()];
    let mut word = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' if word.is_empty() => {
                skip_comment(&mut chars)?;
                chars.peek().is_none_or(|&next| is_blank(next) || next == ';').then_some(())?;
            }
            // A quoted name is nobody's; a quoted value may hold anything.
            '"' if word.contains('=') => quoted(&mut chars, &mut word)?,
            '(' | ')' | '"' => return None,
            ';' => {
                push(&mut segments, &mut word);
                segments.push(Vec::new());
            }
            c if is_blank(c) => push(&mut segments, &mut word),
            c => word.push(c),
        }
    }
    push(&mut segments, &mut word);
    Some(segments)
}

/// The blanks of a header; a wide one inside a name parts nothing.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn push(segments: &mut [Vec<String>], word: &mut String) {
    if let Some(segment) = segments.last_mut()
        && !word.is_empty()
    {
        segment.push(std::mem::take(word));
    }
}

fn skip_comment(chars: &mut impl Iterator<Item = char>) -> Option<()> {
    let mut depth = 1_usize;
    while depth > 0 {
        match chars.next()? {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => drop(chars.next()?),
            _ => {}
        }
    }
    Some(())
}

fn quoted(chars: &mut impl Iterator<Item = char>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => word.push(chars.next()?),
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `method=result property…` for each finding.
    fn read(value: &str) -> Option<(String, Vec<String>)> {
        let results = Results::parse(value)?;
        let findings = results.findings.iter().map(|f| {
            let properties: Vec<String> = f.properties.iter().map(|(k, v)| format!(" {k}={v}")).collect();
            format!("{}={}{}", f.method, f.result, properties.concat())
        });
        Some((results.server, findings.collect()))
    }

    #[test]
    fn what_servers_write() {
        for (value, server, findings) in [
            (
                "amazonses.com; spf=pass (spfCheck: domain of _spf.example.com designates 192.0.2.7 as permitted \
                 sender) client-ip=192.0.2.7; envelope-from=ann@example.com; helo=mx.example.com; dkim=pass \
                 header.i=@example.com; dkim=fail header.i=@example.net; dmarc=pass header.from=example.com;",
                "amazonses.com",
                vec![
                    "spf=pass client-ip=192.0.2.7 envelope-from=ann@example.com helo=mx.example.com",
                    "dkim=pass header.i=@example.com",
                    "dkim=fail header.i=@example.net",
                    "dmarc=pass header.from=example.com",
                ],
            ),
            (
                "mx.example.org 1; DKIM/1=Pass (2048 \\) bit (nested)) reason=\"good; really\" Header.D=a.example",
                "mx.example.org",
                vec!["dkim=pass reason=good; really header.d=a.example"],
            ),
            (
                "amazonses.com; spf=pass client-ip=::1; envelope-from=b+ann=example.com@lists.example; helo=x;",
                "amazonses.com",
                vec!["spf=pass client-ip=::1 envelope-from=b+ann=example.com@lists.example helo=x"],
            ),
            ("amazonses.com; none", "amazonses.com", vec![]),
            ("amazonses.com", "amazonses.com", vec![]),
        ] {
            let want = findings.into_iter().map(str::to_owned).collect();
            assert_eq!(read(value), Some((server.to_owned(), want)), "{value}");
        }
    }

    #[test]
    fn what_only_a_forger_writes() {
        for value in [
            "",
            "; spf=pass",
            "amazonses.com; spf=pass (never ends; dkim=pass",
            "amazonses.com; spf=pass (of a);dkim=pass header.i=@b.c designates it) client-ip=192.0.2.1",
            "amazonses.com; dkim=pass(x)header.i=@b.c",
            "amazonses.com; dkim=pass (x)header.i=@b.c",
            "amazonses.com; spf=pass envelope-from=\"never ends; dkim=pass",
            "amazonses.com; \"dkim=pass\" header.i=@b.c",
            "amazonses.com; helo=x; spf=pass",
            // A name in SES' own comment.
            "amazonses.com; spf=pass (of a);dkim=pass;x(designates it) client-ip=192.0.2.1",
            "amazonses.com; spf=pass (of a);dkim=pass;(designates it) client-ip=192.0.2.1",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    #[test]
    fn what_is_quoted_is_no_result() {
        let value =
            "amazonses.com; spf=pass; envelope-from=\"a; dkim=pass header.i=@b.c\"@evil.example; helo=x";
        let results = Results::parse(value).unwrap();
        assert_eq!(results.of("dkim").count(), 0);
        let from = results.of("spf").next().unwrap().property(&["smtp.mailfrom", "envelope-from"]);
        assert_eq!(from, Some("a; dkim=pass header.i=@b.c@evil.example"));
    }

    #[test]
    fn a_wide_blank_parts_nothing() {
        let results = Results::parse("amazonses.com; dkim=pass\u{3000}header.i=@b.c").unwrap();
        assert!(results.of("dkim").all(|f| !f.passed() && f.property(&["header.i"]).is_none()));
    }

    #[test]
    fn a_hostile_length_costs_little() {
        let value = format!("amazonses.com; {}", "(\\".repeat(500_000));
        assert_eq!(read(&value), None);
        let value = format!("amazonses.com; {}", "dkim=pass header.i=@b.c; ".repeat(50_000));
        assert_eq!(Results::parse(&value).unwrap().of("dkim").count(), 50_000);
    }
}
