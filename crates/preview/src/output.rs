//! The last lines that a dev server printed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Lines kept.
const LINES: usize = 200;
/// Characters kept of each.
const WIDTH: usize = 2000;

/// What a dev server printed last, on both of its outputs.
#[derive(Debug, Default)]
pub(crate) struct Output(Mutex<VecDeque<String>>);

impl Output {
    /// Adds a line, without colours; empty ones are left out.
    pub(crate) fn push(&self, line: &str) {
        let plain = plain(line);
        if plain.trim().is_empty() {
            return;
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(plain);
    }

    /// The last `count` lines, oldest first.
    pub(crate) fn last(&self, count: usize) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }
}

/// Without terminal sequences and other control characters.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars().take(WIDTH);
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // ESC [ parameters letter
            if chars.next() == Some('[') {
                chars.by_ref().find(|c| ('@'..='~').contains(c));
            }
        } else if c == '\t' || !c.is_control() {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_stay_and_in_plain_text() {
        let output = Output::default();
        for n in 0..LINES + 5 {
            output.push(&format!("\u{1b}[31mline {n}\u{1b}[39m\u{7}"));
        }
        output.push("  ");
        assert_eq!(output.last(2), ["line 203", "line 204"]);
        assert_eq!(output.last(1000).len(), LINES);
    }
}
