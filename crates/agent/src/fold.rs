//! What the lines of a turn mean to those who asked for it. Pure.

use crate::protocol::{Denial, Outcome};
use crate::turn::{Ending, FailureKind};
use serde_json::Value;
use std::path::Path;

/// Longest target and refusal, in characters.
const SHORT: usize = 120;

/// How the turn ended, by its last line.
pub(crate) fn ending(outcome: &Outcome) -> Ending {
    let failed = |kind, says: &str| Ending::Failed { kind, says: says.to_owned() };
    match (outcome.subtype.as_str(), outcome.is_error) {
        ("success", false) => Ending::Completed,
        ("error_max_turns", _) => {
            failed(FailureKind::TooManySteps, "The change took more steps than one instruction may take.")
        }
        ("error_max_budget_usd", _) => {
            failed(FailureKind::TooExpensive, "The change cost more than one instruction may cost.")
        }
        _ => {
            // The server's own words are for the log: they mean nothing to who wrote the instruction.
            match outcome.api_error_status {
                Some(401 | 403) => failed(
                    FailureKind::Credential,
                    "The model's server does not accept the key of this installation. Whoever runs it has to look at that.",
                ),
                Some(status) if status == 429 || status >= 500 => {
                    failed(FailureKind::Overloaded, "The model's server is overloaded just now.")
                }
                Some(_) => failed(FailureKind::Refused, "The model's server refused this request."),
                None => failed(
                    FailureKind::Other,
                    raw_words(outcome).unwrap_or("Claude Code stopped without saying why."),
                ),
            }
        }
    }
}

/// What Claude Code said of its failure.
pub(crate) fn raw_words(outcome: &Outcome) -> Option<&str> {
    outcome.result.iter().chain(&outcome.errors).map(String::as_str).find(|says| !says.trim().is_empty())
}

/// Whether there was no session to take up: a transcript that was killed when young holds none.
pub(crate) fn is_lost_session(outcome: &Outcome) -> bool {
    outcome.is_error && outcome.errors.iter().any(|error| error.starts_with("No conversation found"))
}

/// What a tool works on: a file relative to `worktree`, a pattern, or a command, short and on one line.
pub(crate) fn target(input: &Value, worktree: &Path) -> String {
    let text = ["file_path", "pattern", "command", "path", "attachment", "page", "post", "title"]
        .iter()
        .find_map(|name| input[name].as_str())
        .unwrap_or_default();
    let root = format!("{}/", worktree.display());
    short(&text.replace(&root, ""))
}

/// A refusal as it is reported.
pub(crate) fn denied(denial: &Denial, worktree: &Path) -> String {
    format!("{}: {}", denial.tool_name, target(&denial.tool_input, worktree))
}

fn short(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= SHORT { line } else { line.chars().take(SHORT - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outcome(subtype: &str, is_error: bool, status: Option<u16>) -> Outcome {
        let result = Some("API Error".to_owned());
        Outcome {
            subtype: subtype.to_owned(),
            is_error,
            api_error_status: status,
            result,
            ..Outcome::default()
        }
    }

    fn kind(outcome: &Outcome) -> Option<FailureKind> {
        match ending(outcome) {
            Ending::Failed { kind, .. } => Some(kind),
            _ => None,
        }
    }

    #[test]
    fn an_api_error_is_no_success() {
        assert_eq!(kind(&outcome("success", false, None)), None);
        assert_eq!(kind(&outcome("success", true, Some(529))), Some(FailureKind::Overloaded));
        assert_eq!(kind(&outcome("success", true, Some(401))), Some(FailureKind::Credential));
        assert_eq!(kind(&outcome("success", true, Some(400))), Some(FailureKind::Refused));
        let Ending::Failed { says, .. } = ending(&outcome("success", true, Some(400))) else { panic!() };
        assert!(!says.contains("API Error"), "{says}");
        assert_eq!(kind(&outcome("error_during_execution", false, None)), Some(FailureKind::Other));
        assert_eq!(kind(&outcome("error_max_turns", true, None)), Some(FailureKind::TooManySteps));
        assert_eq!(kind(&outcome("error_max_budget_usd", true, None)), Some(FailureKind::TooExpensive));
    }

    #[test]
    fn targets_are_short_and_relative() {
        let worktree = Path::new("/w/t");
        assert_eq!(target(&json!({"file_path": "/w/t/src/a.astro"}), worktree), "src/a.astro");
        assert_eq!(target(&json!({"command": "cp /in/x /w/t/y\n"}), worktree), "cp /in/x y");
        assert_eq!(target(&json!({}), worktree), "");
        assert_eq!(target(&json!({"pattern": "x".repeat(500)}), worktree).chars().count(), SHORT);
    }
}
