//! An answer in the forms of the Messages API: as a stream of events, or whole.

use crate::reply::Reply;
use serde_json::{Value, json};

/// Identifies an answer and says what it cost.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) input_tokens: usize,
}

/// Characters of text per event.
const PIECE: usize = 24;

/// One server-sent event.
pub(crate) fn event(body: &Value) -> String {
    format!("event: {}\ndata: {body}\n\n", body["type"].as_str().unwrap_or_default())
}

impl Envelope {
    /// The event that begins a stream.
    pub(crate) fn start(&self) -> String {
        let usage = json!({"input_tokens": self.input_tokens, "output_tokens": 1});
        let mut message = self.message(&json!([]), &Value::Null);
        message["usage"] = usage;
        event(&json!({"type": "message_start", "message": message}))
    }

    /// The events of `reply` after the start, with its first block at `index`.
    pub(crate) fn rest(&self, reply: &Reply, mut index: usize) -> Vec<String> {
        let mut events = Vec::new();
        if !reply.text.is_empty() {
            events.push(block_start(index, &json!({"type": "text", "text": ""})));
            let text: Vec<char> = reply.text.chars().collect();
            events.extend(text.chunks(PIECE).map(|piece| text_delta(index, &String::from_iter(piece))));
            events.push(block_stop(index));
            index += 1;
        }
        for (n, tool) in reply.tool_uses.iter().enumerate() {
            let start = json!({"type": "tool_use", "id": self.tool_id(n), "name": tool.name, "input": {}});
            events.push(block_start(index, &start));
            let input: Vec<char> = tool.input.to_string().chars().collect();
            events.extend(input.chunks(400).map(|piece| {
                let delta = json!({"type": "input_json_delta", "partial_json": String::from_iter(piece)});
                event(&json!({"type": "content_block_delta", "index": index, "delta": delta}))
            }));
            events.push(block_stop(index));
            index += 1;
        }
        let delta = json!({"stop_reason": stop_reason(reply), "stop_sequence": null});
        let usage = json!({"output_tokens": output_tokens(reply)});
        events.push(event(&json!({"type": "message_delta", "delta": delta, "usage": usage})));
        events.push(event(&json!({"type": "message_stop"})));
        events
    }

    /// The whole answer as one value.
    pub(crate) fn whole(&self, reply: &Reply) -> Value {
        let mut content = Vec::new();
        if !reply.text.is_empty() {
            content.push(json!({"type": "text", "text": reply.text}));
        }
        content.extend(reply.tool_uses.iter().enumerate().map(|(n, tool)| {
            json!({"type": "tool_use", "id": self.tool_id(n), "name": tool.name, "input": tool.input})
        }));
        let mut message = self.message(&Value::Array(content), &json!(stop_reason(reply)));
        message["usage"] = json!({"input_tokens": self.input_tokens, "output_tokens": output_tokens(reply)});
        message
    }

    fn message(&self, content: &Value, stop_reason: &Value) -> Value {
        json!({"id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": content,
               "stop_reason": stop_reason, "stop_sequence": null})
    }

    fn tool_id(&self, n: usize) -> String {
        format!("{}_{n}", self.id.replace("msg_", "toolu_"))
    }
}

pub(crate) fn block_start(index: usize, block: &Value) -> String {
    event(&json!({"type": "content_block_start", "index": index, "content_block": block}))
}

pub(crate) fn text_delta(index: usize, text: &str) -> String {
    event(
        &json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}}),
    )
}

pub(crate) fn block_stop(index: usize) -> String {
    event(&json!({"type": "content_block_stop", "index": index}))
}

fn stop_reason(reply: &Reply) -> &'static str {
    if reply.tool_uses.is_empty() { "end_turn" } else { "tool_use" }
}

fn output_tokens(reply: &Reply) -> usize {
    let tools: usize = reply.tool_uses.iter().map(|tool| tool.input.to_string().len()).sum();
    (reply.text.len() + tools) / 4 + 1
}
