//! Replies as SMTP wants them: ASCII, short lines, never more than one reply's lines.

use crate::door::Verdict;
use std::fmt::Write as _;

/// Longest text of a reply line, in bytes; RFC 5321 allows 512 with the code.
const LINE_MAX: usize = 400;
/// Most lines of a reply.
const LINES_MAX: usize = 8;

/// A reply: `code`, the enhanced code (RFC 3463) and words, broken into lines.
pub(super) fn reply(code: u16, enhanced: &str, words: &str) -> String {
    let lines = wrapped(words);
    let last = lines.len().saturating_sub(1);
    let mut out = String::new();
    for (n, line) in lines.iter().enumerate() {
        let dash = if n == last { ' ' } else { '-' };
        let gap = if enhanced.is_empty() { "" } else { " " };
        // Writing into a String cannot fail.
        let _ = write!(out, "{code}{dash}{enhanced}{gap}{line}\r\n");
    }
    out
}

/// A verdict as a reply. A code outside the class of its verdict must not turn a refusal into an acceptance.
pub(super) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accept(words) => reply(250, "2.0.0", words),
        Verdict::Refuse { code, enhanced, says } => {
            let code = if (500..600).contains(code) { *code } else { 550 };
            let enhanced = if enhanced.starts_with("5.") { enhanced } else { "5.0.0" };
            reply(code, enhanced, says)
        }
        Verdict::Later { says } => reply(451, "4.3.0", says),
    }
}

fn wrapped(words: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let word: String = word.chars().map(plain).take(LINE_MAX).collect();
        let full = lines.last().is_some_and(|line| line.len() + word.len() >= LINE_MAX);
        if full && lines.len() == LINES_MAX {
            break;
        }
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    if lines[0].is_empty() {
        lines[0].push_str("OK");
    }
    lines
}

fn plain(c: char) -> char {
    match c {
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2013}' | '\u{2014}' => '-',
        c if c.is_ascii_graphic() => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_make_a_second_reply() {
        assert_eq!(reply(550, "5.1.1", "no\r\n250 yes"), "550 5.1.1 no 250 yes\r\n");
        assert_eq!(reply(250, "", ""), "250 OK\r\n");
        let long = reply(550, "5.7.1", &"word ".repeat(400));
        assert!(long.lines().count() > 1 && long.lines().all(|line| line.len() < 510));
        assert!(long.lines().rev().skip(1).all(|line| line.starts_with("550-5.7.1 ")));
    }

    #[test]
    fn a_refusal_stays_one() {
        let odd = Verdict::Refuse { code: 250, enhanced: "2.0.0", says: "no".into() };
        assert_eq!(verdict(&odd), "550 5.0.0 no\r\n");
    }
}
