//! Where a reply ends and its signature begins.

use crate::polite::{is_polite, peel};
use crate::words::words;

/// An order ends before this, in bytes; what follows later is not looked at, so that a long text costs no more.
const ORDER_END_MAX: usize = 2000;
/// Initials with dots and spaces between them are not longer than this, in bytes.
const INITIALS_MAX: usize = 40;

/// `text` before its signature: a closing line ("Viele Grüße") and lines of names and numbers, or only the writer's
/// initials. `None` where what follows could be words: then all of it counts.
pub(crate) fn unsigned<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let text = text.trim();
    let names_from = last_words_end(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (before, rest) = text.split_at(at);
        at += line.len();
        if before.is_empty() || line.trim().is_empty() {
            continue;
        }
        if before.len() > ORDER_END_MAX {
            break;
        }
        if (at >= names_from && is_closing(line)) || is_initials(rest.trim_start(), name) {
            return Some(before);
        }
    }
    None
}

/// Where the last line ends that could be words of a sentence; what follows are names, numbers and addresses.
fn last_words_end(text: &str) -> usize {
    let mut at = text.len();
    for line in text.split_inclusive('\n').rev() {
        if !is_of_a_signature(line) {
            break;
        }
        at -= line.len();
    }
    at
}

/// Nothing but polite phrases, perhaps with a name behind them.
fn is_closing(line: &str) -> bool {
    let said = words(line);
    let mut rest = said.as_slice();
    while let Some(shorter) = peel(rest).filter(|peeled| !peeled.request) {
        rest = shorter.rest;
    }
    let polite = is_polite(&rest.join(" "));
    polite || (rest.len() < said.len() && rest.len() <= 3 && is_of_a_signature(tail(line, rest.len())))
}

/// The last `count` words as they were written.
fn tail(line: &str, count: usize) -> &str {
    let line = line.trim();
    let starts: Vec<usize> = line
        .char_indices()
        .filter(|&(at, c)| !c.is_whitespace() && (at == 0 || line[..at].ends_with(char::is_whitespace)))
        .map(|(at, _)| at)
        .collect();
    starts.len().checked_sub(count).and_then(|at| starts.get(at)).map_or("", |&at| &line[at..])
}

/// A line in which no word begins as words of a sentence do: names, numbers, addresses.
fn is_of_a_signature(line: &str) -> bool {
    let is_name = |word: &str| !word.starts_with(char::is_lowercase) || word.contains(['@', '.', '/']);
    line.len() <= 80 && !line.trim_end().ends_with(['.', '!', '?']) && line.split_whitespace().all(is_name)
}

fn is_initials(text: &str, name: &str) -> bool {
    if text.len() > INITIALS_MAX {
        return false;
    }
    let initials: String = name.split_whitespace().filter_map(|word| word.chars().next()).collect();
    let text: String = text.chars().filter(|c| !matches!(c, '.' | ' ' | '-')).collect();
    text.chars().count() >= 1
        && text.chars().count() <= 3
        && initials.to_lowercase().starts_with(&text.to_lowercase())
}
