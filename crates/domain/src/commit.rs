//! The words of a commit: subject and trailers.

use crate::id::{MessageId, ThreadId};

/// Longest subject, in characters.
pub const SUBJECT_MAX: usize = 72;
/// Trailer that names the message a commit carries out.
pub const MESSAGE_TRAILER: &str = "Webordinary-Message";
/// Trailer that names the thread, by fingerprint: a thread id is a capability.
pub const THREAD_TRAILER: &str = "Webordinary-Thread";

const POLITE: [&str; 14] = [
    "hello",
    "hi there",
    "hi",
    "hey",
    "dear team",
    "could you please",
    "can you please",
    "would you please",
    "could you",
    "can you",
    "would you",
    "i would like you to",
    "i'd like you to",
    "please",
];

/// The commit subject of an instruction: its first line without its polite beginning, at most
/// [`SUBJECT_MAX`] characters, cut at a word where that is possible.
pub fn subject(instruction: &str) -> String {
    let line = instruction.lines().map(str::trim).find(|l| !bare(l).is_empty()).unwrap_or("Change the site");
    let bare = bare(line).trim_end_matches(['?', '.', '!']).trim_end();
    let text = if bare.is_empty() { line } else { bare };
    capitalise(&shorten(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// The trailers of the commit that carries out `message`.
pub fn trailers(message: &MessageId, thread: &ThreadId) -> Vec<(String, String)> {
    vec![(MESSAGE_TRAILER.to_owned(), message.to_string()), (THREAD_TRAILER.to_owned(), thread.fingerprint())]
}

fn bare(line: &str) -> &str {
    let mut rest = line.trim_start_matches(|c: char| !c.is_alphanumeric() && !"\"'“„«[(".contains(c));
    while let Some(cut) = POLITE.iter().find_map(|p| strip_words(rest, p)) {
        rest = cut;
    }
    rest
}

fn strip_words<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    let rest = &text[prefix.len()..];
    let ends = rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '\'' && c != '-');
    (head.eq_ignore_ascii_case(prefix) && ends)
        .then(|| rest.trim_start_matches(|c: char| c.is_whitespace() || ",.!:–-".contains(c)))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= SUBJECT_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SUBJECT_MAX - 1).collect();
    let end = cut.rfind(' ').filter(|&i| i > SUBJECT_MAX / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

fn capitalise(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut upper = first.to_uppercase();
    // "ß" would become two letters.
    let first = if upper.len() == 1 { upper.next().unwrap_or(first) } else { first };
    std::iter::once(first).chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polite_beginning_is_dropped() {
        for (instruction, want) in [
            ("Please add a page", "Add a page"),
            ("Hi,\n\ncould you please put the photo on the about page?", "Put the photo on the about page"),
            ("hello! Can you change the title", "Change the title"),
            ("Highlight the hours", "Highlight the hours"),
            ("", "Change the site"),
            ("please", "Change the site"),
        ] {
            assert_eq!(subject(instruction), want, "{instruction:?}");
        }
    }

    #[test]
    fn a_subject_is_at_most_72_characters_in_any_script() {
        for text in ["word ".repeat(40), "ß".repeat(300), "$(rm -rf /) `x` \"".repeat(9)] {
            assert!(subject(&text).chars().count() <= SUBJECT_MAX);
        }
    }
}
