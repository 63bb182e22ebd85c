//! What stands under a writer's words and is not theirs: device lines, rules, names after a dash, disclaimers.

use super::phrases::{DEVICES, DISCLAIMER, SENT_FROM};

/// Longest device line, in bytes.
const DEVICE_LINE_MAX: usize = 160;
/// Shortest paragraph that can be a disclaimer, in bytes.
const DISCLAIMER_MIN: usize = 100;

/// How many of `lines` are left when what is no own word has been taken off their end.
pub(super) fn kept(lines: &[&str]) -> usize {
    let mut end = lines.len();
    while end > 0 {
        let line = lines[end - 1].trim();
        let dashed = is_dashed_name(line) && end > 1 && lines[end - 2].is_empty();
        if line.is_empty() || dashed || is_rule(line) || is_device_line(line) {
            end -= 1;
        } else {
            // Looked at once per paragraph, so that the whole stays linear.
            let start = (0..end).rev().take_while(|&n| !lines[n].is_empty()).last().unwrap_or(end - 1);
            if start > 0 && is_disclaimer(&lines[start..end]) {
                end = start;
            } else {
                break;
            }
        }
    }
    end
}

/// A line of nothing but rule characters, or the mark Gmail's trackers leave.
fn is_rule(line: &str) -> bool {
    line != "```"
        && line.chars().all(|c| {
            matches!(c, '-' | '_' | '*' | '#' | '~' | '=' | '+' | '\u{2014}' | '\u{2013}' | '\u{1427}' | ' ')
        })
}

fn is_device_line(line: &str) -> bool {
    if line.len() > DEVICE_LINE_MAX {
        return false;
    }
    let lower = line.trim_matches(['<', '(', '[', '*', '_', ' ', '>', ')', '.', ']']).to_lowercase();
    if lower.contains(" is ") || lower.contains(" are ") || lower.ends_with('?') {
        return false;
    }
    let starts = SENT_FROM.iter().any(|start| lower.starts_with(start));
    let device = DEVICES.iter().any(|device| lower.contains(device));
    let ends = lower.ends_with("から送信")
        || lower.ends_with(" gesendet")
        || lower.ends_with("傳送")
        || lower.ends_with("发送");
    let short = lower.split_whitespace().count() <= 6;
    (starts && (device || short))
        || (device && ends)
        || (device && lower.split_whitespace().count() <= 5 && lower.ends_with("from mobile"))
        || lower.starts_with("get outlook for")
        || lower.starts_with("get [outlook for")
}

/// `-Ann Example` as the last line.
fn is_dashed_name(line: &str) -> bool {
    let Some(name) = line.strip_prefix(['-', '\u{2013}', '\u{2014}']) else { return false };
    let name = name.strip_prefix('-').unwrap_or(name);
    let words: Vec<&str> = name.split(' ').collect();
    words.len() <= 3
        && words.iter().all(|w| w.starts_with(char::is_uppercase) && w.chars().all(char::is_alphabetic))
}

fn is_disclaimer(paragraph: &[&str]) -> bool {
    let length: usize = paragraph.iter().map(|line| line.len() + 1).sum();
    if length < DISCLAIMER_MIN {
        return false;
    }
    let lower = paragraph.join(" ").to_lowercase();
    DISCLAIMER.iter().filter(|words| lower.contains(*words)).count() >= 2
}
