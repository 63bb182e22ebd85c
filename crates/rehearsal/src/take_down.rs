//! Remove a page or post by the site's own tool.

use crate::conversation::Conversation;
use crate::delete;
use crate::reply::{DELETE_PAGE, Reply, ToolUse};
use serde_json::{Value, json};

pub(crate) fn next(conversation: &Conversation, name: &str) -> Reply {
    if !conversation.offers(DELETE_PAGE) {
        return delete::next(conversation, name);
    }
    let Some(removal) = conversation.uses(DELETE_PAGE).next() else {
        let input = json!({ "page": name });
        return Reply::going_on("I am taking it down.", vec![ToolUse { name: DELETE_PAGE, input }]);
    };
    match &removal.result {
        Some(Ok(answer)) => {
            let answer: Value = serde_json::from_str(answer).unwrap_or_default();
            let file = answer["file"].as_str().unwrap_or_default();
            Reply::last(format!("I took the page “{name}” down ({file})."))
        }
        Some(Err(says)) => Reply::last(format!("I took nothing down: {says}")),
        None => Reply::last("I took nothing down: the tool gave no answer."),
    }
}
