//! Words that have no business in the tree.

use super::{File, Finding};

/// Written in pieces, so that this file is not a finding itself.
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
const PLACES: &[&str] =
    &[concat!("/wo", "rk/main"), concat!("/wo", "rk/shared"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        for mark in MARKS.iter().filter(|mark| stands_alone(line, mark)) {
            findings.push(Finding::new(&file.path, at + 1, format!("{mark}: do it, or say it in an issue")));
        }
        for place in PLACES.iter().filter(|place| begins_path(line, place)) {
            findings.push(Finding::new(&file.path, at + 1, format!("{place} is a place on one machine")));
        }
    }
    findings
}

/// Whether `word` stands in `line` with nothing of a word on either side.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && !part(after)
    })
}

/// Whether an absolute path begins with `place` in `line`: what comes before is no part of a path.
fn begins_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-}*~".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::{MARKS, PLACES, check};
    use crate::tidy::File;

    fn count(text: &str) -> usize {
        check(&File { path: "a".to_owned(), text: text.to_owned() }).len()
    }

    #[test]
    fn marks_are_found_as_words() {
        assert_eq!(count(&format!("// {}: later", MARKS[0])), 1);
        assert_eq!(count(&format!("let {}S = 1; my{}", MARKS[0], MARKS[1])), 0);
    }

    #[test]
    fn absolute_paths_are_found_and_relative_ones_are_not() {
        assert_eq!(count(&format!("open(\"{}/a\")", PLACES[0])), 1);
        assert_eq!(count(&format!("data{}site and ../x{}y", PLACES[0], PLACES[0])), 0);
    }
}
