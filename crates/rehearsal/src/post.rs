//! Add a post by the site's own tool.

use crate::conversation::Conversation;
use crate::reply::{CREATE_POST, Reply, ToolUse};
use serde_json::{Value, json};

pub(crate) fn next(conversation: &Conversation, title: &str, says: &str) -> Reply {
    if !conversation.offers(CREATE_POST) {
        return Reply::last("I added nothing: I have no tool that adds posts.");
    }
    let Some(created) = conversation.uses(CREATE_POST).next() else {
        let input = json!({"title": title, "body": says});
        return Reply::going_on("I am writing the post.", vec![ToolUse { name: CREATE_POST, input }]);
    };
    match &created.result {
        Some(Ok(answer)) => {
            let answer: Value = serde_json::from_str(answer).unwrap_or_default();
            let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
            Reply::last(format!("I added the post “{title}” at {} ({}).", text("address"), text("file")))
        }
        Some(Err(says)) => Reply::last(format!("I added nothing: {says}")),
        None => Reply::last("I added nothing: the tool gave no answer."),
    }
}
