//! What a line begins: a quote, its introduction, the headers of the mail answered, a signature.

use super::phrases::{FORWARDED, HEADER_LABELS, Label, ORIGINAL, STARTERS, WROTE};

/// Longest line that can be a mark, in bytes.
const LINE_MAX: usize = 1_000;
/// Most lines over which an introduction ("On … wrote:") is broken.
const SPREAD_MAX: usize = 7;
/// Longest introduction, in bytes.
const INTRODUCTION_MAX: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line of the mail answered.
    Quote,
    /// "On … wrote:" up to (not including) line `end`; the first `own` bytes are the writer's.
    Introduction { end: usize, own: usize },
    /// All from here on is the mail answered.
    Rest,
    /// All from here on is a forwarded mail.
    Forward,
    /// A signature mark.
    Signature,
}

/// What begins at line `at`.
pub(super) fn at(lines: &[&str], at: usize) -> Option<Mark> {
    let line = lines[at];
    if line.is_empty() || line.len() > LINE_MAX {
        return is_quote(line).then_some(Mark::Quote);
    }
    if is_quote(line) {
        return Some(Mark::Quote);
    }
    let trimmed = line.trim();
    if matches!(trimmed, "--" | "\u{2014}" | "\u{2013}" | "- --" | "\u{2014} \u{2014}")
        || (trimmed.len() >= 20 && trimmed.bytes().all(|b| b == b'_') && !headers_follow(lines, at))
    {
        return Some(Mark::Signature);
    }
    if is_forward(trimmed) {
        return Some(Mark::Forward);
    }
    if is_original(trimmed) || header_block(lines, at) {
        return Some(Mark::Rest);
    }
    introduction(lines, at)
}

/// Whether `line` is quoted by a mail program.
pub(super) fn is_quote(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('>') && !line.ends_with("<<")
}

/// Whether `line` introduces a forwarded mail.
pub(super) fn is_forward(line: &str) -> bool {
    let Some(inner) = framed(line) else {
        let Some(bare) = line.strip_suffix([':', '：']) else { return false };
        let lower = bare.trim_end().to_lowercase();
        let after_begin = lower.strip_prefix("begin ").unwrap_or(&lower);
        return FORWARDED.iter().any(|words| *words == lower || *words == after_begin);
    };
    FORWARDED.iter().any(|words| inner.starts_with(words))
}

fn is_original(line: &str) -> bool {
    framed(line).is_some_and(|inner| {
        let wrote = || WROTE.iter().any(|word| inner.ends_with(word));
        ORIGINAL.iter().any(|words| inner.starts_with(words)) || wrote()
    })
}

/// The words between two runs of dashes or underscores, lower-case.
fn framed(line: &str) -> Option<String> {
    let frame = |c: char| matches!(c, '-' | '_' | '=' | '*' | '\u{2014}' | '\u{2500}');
    let line = line.trim().trim_matches('*');
    let inner = line.trim_start_matches(frame);
    let before = line.len() - inner.len();
    let inner = inner.trim_end_matches(frame);
    let after = line.len() - before - inner.len();
    (before >= 2 && after >= 2 && inner.len() <= 200 && !inner.trim().is_empty())
        .then(|| inner.trim().to_lowercase())
}

fn headers_follow(lines: &[&str], at: usize) -> bool {
    (at + 1..lines.len().min(at + 4)).find(|&n| !lines[n].is_empty()).is_some_and(|n| header_block(lines, n))
}

/// Whether the headers of a mail begin at `at`, as Outlook writes them above it.
fn header_block(lines: &[&str], at: usize) -> bool {
    if !matches!(label(lines[at]), Some(Label::From | Label::Date)) {
        return false;
    }
    // Two labels are needed at least, and they stand close together.
    if lines[at..].iter().take(4).filter(|line| line.contains([':', '：'])).count() < 2 {
        return false;
    }
    let mut seen = Vec::new();
    let (mut address, mut loose) = (false, 0);
    for line in lines[at..].iter().take(14) {
        if line.is_empty() || loose > 3 {
            break;
        }
        address |= line.contains('@');
        match label(line) {
            Some(kind) => {
                loose = 0;
                if !seen.contains(&kind) {
                    seen.push(kind);
                }
            }
            None => loose += 1,
        }
    }
    // "From: Monday / To: Friday" is a sentence; with an address or three different labels it is not.
    seen.len() >= 3 || (seen.len() == 2 && address)
}

fn label(line: &str) -> Option<Label> {
    let line = line.trim_start_matches([' ', '\t', '*', '>', '|']);
    let colon = line.find([':', '：'])?;
    if colon > 40 {
        return None;
    }
    let name = line[..colon].trim_matches([' ', '*', '\u{a0}']).to_lowercase();
    HEADER_LABELS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(kind, _)| *kind)
}

fn introduction(lines: &[&str], at: usize) -> Option<Mark> {
    let first = lines[at];
    let starts_here = starts(first.trim_start());
    // Most lines begin nothing: they are not joined with what follows.
    let spread = match () {
        () if starts_here => SPREAD_MAX,
        () if first.contains(['<', '@']) || may_hold_own(first) => 3,
        () => 1,
    };
    let mut joined = String::new();
    let mut blanks = 0;
    for (n, line) in lines.iter().enumerate().skip(at).take(spread) {
        if line.is_empty() {
            blanks += 1;
            if blanks > 2 || !starts_here {
                break;
            }
            continue;
        }
        if n > at
            && (is_quote(line) && !line.contains("wrote") || joined.len() + line.len() > INTRODUCTION_MAX)
        {
            break;
        }
        joined.push(' ');
        joined.push_str(line.trim());
        if joined.len() > INTRODUCTION_MAX {
            break;
        }
        let quoted = next_is_quote(lines, n + 1);
        if let Some(own) = is_introduction(&joined, quoted) {
            let own = own.saturating_sub(1);
            // Own words may only stand on the first line, and only before a real quote.
            let lead = first.len() - first.trim_start().len();
            return match own {
                0 => Some(Mark::Introduction { end: n + 1, own: 0 }),
                own if quoted && lead + own <= first.len() => {
                    Some(Mark::Introduction { end: n + 1, own: lead + own })
                }
                _ => None,
            };
        }
        // A sentence that ends elsewhere is not continued by an introduction.
        let ended = joined.ends_with(['!', '?', ':']) || (joined.ends_with('.') && !joined.contains('@'));
        if ended && !starts_here {
            break;
        }
    }
    None
}

fn next_is_quote(lines: &[&str], from: usize) -> bool {
    lines[from..]
        .iter()
        .take(4)
        .find(|line| !line.is_empty())
        .is_some_and(|line| is_quote(line) && !ends_in_wrote(line))
}

fn starts(text: &str) -> bool {
    let text = text.trim_start_matches(['-', '*', '_', ' ']);
    text.starts_with(|c: char| c.is_ascii_digit()) || STARTERS.iter().any(|starter| text.starts_with(starter))
}

/// Whether `text` (one blank, then the joined lines) introduces a quote; where in it the introduction begins.
fn is_introduction(text: &str, quoted: bool) -> Option<usize> {
    let body = text.trim();
    let end = body.trim_end_matches(['*', '_', '-', ' ']);
    let colon = end.ends_with([':', '：']);
    if !colon && !quoted && !ends_in_wrote(end) {
        return None;
    }
    let lower = end.to_lowercase();
    let wrote = WROTE.iter().any(|word| has_word(&lower, word));
    let (date, clock) = (has_date(end), has_clock(end));
    let address = end.contains('@');
    let strong = (starts(body) && (clock || address || (date && quoted)))
        || (address && (colon || quoted) && (wrote || date));
    let whole = match () {
        () if wrote && strong && (colon || ends_in_wrote(end) || quoted) => true,
        // Gmail's older form names only date and sender.
        () if address && date && starts(body) && (colon || quoted) => true,
        () if wrote && quoted && colon && body.len() <= 200 && (date || !body.contains(". ")) => true,
        () => false,
    };
    if whole && (starts(body) || !quoted) {
        return Some(0);
    }
    let inside = quoted.then(|| inner_start(text)).flatten();
    match inside {
        Some(inner) if wrote && (date || clock) => Some(inner),
        _ => whole.then_some(0),
    }
}

/// Whether an introduction may begin within `line`.
fn may_hold_own(line: &str) -> bool {
    line.contains(" On ") || line.contains("-On ")
}

/// Where `On <weekday or digit>` stands within a line: words before it are the writer's.
fn inner_start(text: &str) -> Option<usize> {
    let at = text.rfind(" On ").or_else(|| text.rfind("-On ").map(|at| at + 1))?;
    let after = text[at..].trim_start().strip_prefix("On ")?;
    let dated = after.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase());
    let own = text[..at].trim_end_matches(['-', ' ']).len();
    (dated && own > 0).then_some(own)
}

fn ends_in_wrote(text: &str) -> bool {
    let text = text.trim_end_matches([':', '：', ' ']);
    // The longest of these words is far shorter; a whole line need not be folded for them.
    let mut start = text.len().saturating_sub(64);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let tail = text[start..].to_lowercase();
    WROTE.iter().any(|word| tail.ends_with(word))
}

/// Whether `word` stands in `text` between characters that are no letters; scripts without blanks count anywhere.
fn has_word(text: &str, word: &str) -> bool {
    let wide = word.chars().next().is_some_and(|c| c > '\u{2e80}');
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_none_or(|c| !c.is_alphabetic() || c == 'm');
        let after = text[at + word.len()..].chars().next().is_none_or(|c| !c.is_alphabetic());
        wide || ((before || text[..at].ends_with('>')) && after)
    })
}

/// A year, or a day and month in digits.
fn has_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut run = 0;
    for (n, b) in bytes.iter().chain(b" ").enumerate() {
        if b.is_ascii_digit() {
            run += 1;
            continue;
        }
        let year = run == 4 && matches!(&bytes[n - 4..n - 2], b"19" | b"20");
        let day = (1..=2).contains(&run)
            && matches!(b, b'/' | b'.' | b'-')
            && bytes.get(n + 1).is_some_and(u8::is_ascii_alphanumeric);
        if year || day {
            return true;
        }
        run = 0;
    }
    false
}

/// A time of day such as 9:41 or 9.41 Uhr or 9h41.
fn has_clock(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| {
        w[0].is_ascii_digit()
            && matches!(w[1], b':' | b'.' | b'h')
            && w[2].is_ascii_digit()
            && w[3].is_ascii_digit()
    })
}
