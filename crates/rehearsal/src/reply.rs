//! What the script answers to one request.

use serde_json::{Value, json};

/// The last sentence of every final text.
pub const MARK: &str = "This is a rehearsal: a script answered, not a model.";

/// The site's own tool that adds a post.
pub(crate) const CREATE_POST: &str = "mcp__site__create_post";
/// The one that removes a page or post.
pub(crate) const DELETE_PAGE: &str = "mcp__site__delete_page";
/// The one that takes a photo into the site.
pub(crate) const ADD_PHOTO: &str = "mcp__site__add_photo";
/// The one that builds the site.
pub(crate) const BUILD_CHECK: &str = "mcp__site__build_check";

/// One answer: some text, then tools to use. Without tools it is the turn's last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// What is said.
    pub text: String,
    /// What is to be done next.
    pub tool_uses: Vec<ToolUse>,
}

/// One use of one of Claude Code's tools.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolUse {
    /// The tool's name.
    pub name: &'static str,
    /// Its input.
    pub input: Value,
}

impl Reply {
    /// Goes on with `tool_uses`.
    pub(crate) fn going_on(text: impl Into<String>, tool_uses: Vec<ToolUse>) -> Self {
        Self { text: text.into(), tool_uses }
    }

    /// Ends the turn.
    pub(crate) fn last(text: impl AsRef<str>) -> Self {
        Self { text: format!("{} {MARK}", text.as_ref().trim_end()), tool_uses: Vec::new() }
    }
}

impl ToolUse {
    pub(crate) fn glob(pattern: &str) -> Self {
        Self { name: "Glob", input: json!({"pattern": pattern}) }
    }

    pub(crate) fn read(path: &str) -> Self {
        Self { name: "Read", input: json!({"file_path": path}) }
    }

    pub(crate) fn edit(path: &str, old: &str, new: &str) -> Self {
        let input = json!({"file_path": path, "old_string": old, "new_string": new, "replace_all": true});
        Self { name: "Edit", input }
    }

    pub(crate) fn write(path: &str, content: &str) -> Self {
        Self { name: "Write", input: json!({"file_path": path, "content": content}) }
    }

    pub(crate) fn bash(command: &str, description: &str) -> Self {
        Self { name: "Bash", input: json!({"command": command, "description": description}) }
    }

    /// Asks the owner, who chooses an answer or gives another.
    pub(crate) fn ask(question: &str, choices: &[String]) -> Self {
        let options: Vec<Value> =
            choices.iter().map(|choice| json!({"label": choice, "description": ""})).collect();
        let asked =
            json!({"question": question, "header": "Question", "multiSelect": false, "options": options});
        Self { name: "AskUserQuestion", input: json!({ "questions": [asked] }) }
    }

    /// Says whether the site builds.
    pub(crate) fn build_check() -> Self {
        Self { name: BUILD_CHECK, input: json!({}) }
    }

    /// Lists the files under `glob` that hold `pattern`, a regular expression.
    pub(crate) fn grep_files(pattern: &str, glob: &str) -> Self {
        let input =
            json!({"pattern": pattern, "glob": glob, "output_mode": "files_with_matches", "multiline": true});
        Self { name: "Grep", input }
    }

    /// Shows the lines under `glob` that hold `pattern`, a regular expression.
    pub(crate) fn grep_lines(pattern: &str, glob: &str) -> Self {
        let input = json!({"pattern": pattern, "glob": glob, "output_mode": "content"});
        Self { name: "Grep", input }
    }
}

/// `text` as a shell reads it literally: in the plainest quotes that can hold it, since Claude Code asks for leave
/// where quotes are pieced together.
pub(crate) fn quoted(text: &str) -> String {
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut out = String::from('"');
    for c in text.chars() {
        if "\"$`\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_what_they_quote() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $1"), r#""it's \$1""#);
    }
}
