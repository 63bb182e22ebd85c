//! Claude Code's stream of JSON lines, as types. Pure: no input or output here.

use serde::Deserialize;
use serde_json::{Value, json};

/// A line that Claude Code printed, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A turn was taken up.
    Init,
    /// A call of the model failed and will be repeated.
    Retry(Retry),
    /// A piece of text.
    Text(String),
    /// A whole piece of text of the main agent.
    Said(String),
    /// A tool is being used.
    Tool {
        /// Its name.
        name: String,
        /// Its input.
        input: Value,
    },
    /// Claude Code asks something and waits.
    Request {
        /// Names the question in the answer.
        id: String,
        /// The question.
        ask: Ask,
    },
    /// The turn has ended.
    Result(Box<Outcome>),
    /// Anything else; it still shows that the process is alive.
    Other,
}

/// What Claude Code asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Whether it may use a tool that its own rules do not allow.
    UseTool {
        /// The tool's name.
        name: String,
        /// Its input.
        input: Value,
    },
    /// Before a tool is used, whatever its rules say of it (a `PreToolUse` hook, see [`initialize`]).
    BeforeTool {
        /// The tool's name.
        name: String,
        /// Its input.
        input: Value,
    },
    /// Something that is not known here.
    Unknown(String),
}

/// A failed call of the model.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Retry {
    /// Which attempt failed, from 1.
    pub attempt: u32,
    /// How long until the next, in milliseconds.
    pub retry_delay_ms: f64,
    /// The HTTP status.
    pub error_status: Option<u16>,
}

/// The last line of a turn.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// `success`, `error_during_execution`, `error_max_turns`, `error_max_budget_usd`.
    pub subtype: String,
    /// An API error is a `success` with this set.
    pub is_error: bool,
    /// The HTTP status of an API error.
    pub api_error_status: Option<u16>,
    /// The agent's last words, or the error's.
    pub result: Option<String>,
    /// What went wrong, where `result` does not say.
    pub errors: Vec<String>,
    /// US dollars since the session began, what earlier processes spent on it included.
    pub total_cost_usd: f64,
    /// Tools that were refused.
    pub permission_denials: Vec<Denial>,
}

/// A tool that was refused.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Denial {
    /// Its name.
    pub tool_name: String,
    /// Its input.
    pub tool_input: Value,
}

/// Reads one line. One line can hold several things: a message has several blocks.
pub fn read(line: &str) -> Vec<Line> {
    let Ok(value) = serde_json::from_str::<Value>(line) else { return vec![Line::Other] };
    // What sub-agents do is not the main agent's speech.
    let main = value["parent_tool_use_id"].is_null();
    let read = match (value["type"].as_str().unwrap_or_default(), value["subtype"].as_str()) {
        ("system", Some("init")) => Line::Init,
        ("system", Some("api_retry")) => serde_json::from_value(value).map_or(Line::Other, Line::Retry),
        ("stream_event", _) if main => text_delta(&value["event"]).map_or(Line::Other, Line::Text),
        ("assistant", _) if main => return blocks(&value["message"]["content"]),
        ("control_request", _) => request(&value),
        ("result", _) => serde_json::from_value(value).map_or(Line::Other, |o| Line::Result(Box::new(o))),
        _ => Line::Other,
    };
    vec![read]
}

fn text_delta(event: &Value) -> Option<String> {
    let delta = event.get("delta").filter(|delta| delta["type"] == "text_delta")?;
    delta["text"].as_str().map(str::to_owned)
}

fn blocks(content: &Value) -> Vec<Line> {
    let block = |block: &Value| match block["type"].as_str() {
        Some("text") => Line::Said(block["text"].as_str().unwrap_or_default().to_owned()),
        Some("tool_use") => Line::Tool {
            name: block["name"].as_str().unwrap_or_default().to_owned(),
            input: block["input"].clone(),
        },
        _ => Line::Other,
    };
    content.as_array().map_or_else(|| vec![Line::Other], |blocks| blocks.iter().map(block).collect())
}

fn request(value: &Value) -> Line {
    let Some(id) = value["request_id"].as_str() else { return Line::Other };
    let ask = &value["request"];
    let ask = match ask["subtype"].as_str() {
        Some("can_use_tool") => Ask::UseTool {
            name: ask["tool_name"].as_str().unwrap_or_default().to_owned(),
            input: ask["input"].clone(),
        },
        Some("hook_callback") => Ask::BeforeTool {
            name: ask["input"]["tool_name"].as_str().unwrap_or_default().to_owned(),
            input: ask["input"]["tool_input"].clone(),
        },
        other => Ask::Unknown(other.unwrap_or_default().to_owned()),
    };
    Line::Request { id: id.to_owned(), ask }
}

/// The first line of a process: it asks to be asked before each use of the tools that match `watched`.
pub fn initialize(watched: &str) -> String {
    let hooks = json!({"PreToolUse": [{"matcher": watched, "hookCallbackIds": ["guard"]}]});
    let request = json!({"subtype": "initialize", "hooks": hooks});
    line(&json!({"type": "control_request", "request_id": "initialize", "request": request}))
}

/// The line that lets a tool be used as far as Claude Code's own rules go.
pub fn no_objection(id: &str) -> String {
    answered(id, &json!({}))
}

/// The line that keeps a tool from being used, with the reason as its result.
pub fn object(id: &str, reason: &str) -> String {
    let decision = json!({
        "hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": reason,
    });
    answered(id, &json!({"hookSpecificOutput": decision}))
}

/// The line that begins a turn.
pub fn user(text: &str) -> String {
    line(&json!({"type": "user", "message": {"role": "user", "content": text}}))
}

/// The line that interrupts a turn.
pub fn interrupt(id: &str) -> String {
    line(&json!({"type": "control_request", "request_id": id, "request": {"subtype": "interrupt"}}))
}

/// The line that refuses a tool, with the reason as its result.
pub fn deny(id: &str, reason: &str) -> String {
    answered(id, &json!({"behavior": "deny", "message": reason}))
}

/// The line that refuses a tool and ends the turn.
pub fn deny_and_stop(id: &str, reason: &str) -> String {
    answered(id, &json!({"behavior": "deny", "message": reason, "interrupt": true}))
}

fn answered(id: &str, response: &Value) -> String {
    let response = json!({"subtype": "success", "request_id": id, "response": response});
    line(&json!({"type": "control_response", "response": response}))
}

/// The line that answers a question which is not known here.
pub fn unknown(id: &str) -> String {
    let response = json!({"subtype": "error", "request_id": id, "error": "not supported here"});
    line(&json!({"type": "control_response", "response": response}))
}

fn line(value: &Value) -> String {
    // serde_json escapes every line break within texts.
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_lines_are_read() {
        let recorded = include_str!("../tests/recorded/turn.jsonl");
        let lines: Vec<Line> = recorded.lines().flat_map(read).filter(|line| *line != Line::Other).collect();
        assert_eq!(lines[0], Line::Init);
        assert_eq!(lines[1], Line::Text("Looking.".into()));
        assert_eq!(lines[2], Line::Said("Looking.".into()));
        assert!(
            matches!(&lines[3], Line::Tool { name, input } if name == "Glob" && input["pattern"] == "src/pages/**")
        );
        let Line::Request { ask: Ask::UseTool { name, input }, .. } = &lines[4] else {
            panic!("{:?}", lines[4])
        };
        assert_eq!((name.as_str(), &input["command"]), ("Bash", &json!("curl http://example.com")));
        let Line::Result(outcome) = &lines[5] else { panic!("{:?}", lines[5]) };
        assert_eq!((outcome.subtype.as_str(), outcome.is_error), ("success", false));
        assert_eq!(outcome.result.as_deref(), Some("Done."));
        assert_eq!(outcome.permission_denials[0].tool_name, "Bash");
        assert_eq!(lines.len(), 6);
    }

    #[test]
    fn an_unreadable_line_is_not_fatal() {
        for line in
            ["", "{", "null", "[]", "{\"type\":\"result\",\"errors\":7}", "{\"type\":\"control_request\"}"]
        {
            assert_eq!(read(line), [Line::Other], "{line}");
        }
    }

    #[test]
    fn a_text_stays_on_one_line() {
        assert_eq!(user("a\nb\u{2028}\r").matches('\n').count(), 1);
    }
}
