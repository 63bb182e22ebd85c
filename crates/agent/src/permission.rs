//! What is answered when Claude Code asks whether it may use a tool. Its own rules (edits and simple file commands
//! within the worktree and the attachments) have allowed what they allow before it asks.

use serde_json::Value;

/// The answer to a question for permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No, with the reason that the agent is told.
    Deny(&'static str),
}

/// Decides about the use of the tool `name` with `input`. Nothing is allowed beyond Claude Code's own rules.
pub fn decide(name: &str, input: &Value) -> Verdict {
    Verdict::Deny(match name {
        "Bash" => {
            "Only simple file commands (ls, cp, mv, mkdir -p, rm; cp and mv without options, no wildcards, no variables) \
             within the site and the attachments are allowed. \
             Do it with the other tools, or leave it and tell the owner."
        }
        "Read" | "Glob" | "Grep" => "Only the site's files and the attachments can be read.",
        "Edit" | "Write" if git(input) => "Files under .git are never changed: the work is saved for you.",
        "Edit" | "Write" => "Only the site's own files can be changed.",
        _ => "This tool is not offered here.",
    })
}

fn git(input: &Value) -> bool {
    input["file_path"].as_str().is_some_and(|path| path.split('/').any(|part| part == ".git"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_question_is_refused_with_a_reason_of_its_own() {
        let reason = |name: &str, input: Value| {
            let Verdict::Deny(reason) = decide(name, &input);
            reason
        };
        assert!(reason("Bash", json!({"command": "curl http://x"})).contains("file commands"));
        assert!(reason("Write", json!({"file_path": "/w/.git/config"})).contains(".git"));
        assert!(reason("Write", json!({"file_path": "/etc/x"})).contains("own files"));
        assert!(reason("Read", json!({"file_path": "/etc/passwd"})).contains("read"));
        assert!(reason("WebFetch", json!({})).contains("not offered"));
    }
}
