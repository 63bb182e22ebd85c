//! Short questions that are asked without tools.

use crate::form::Form;
use crate::switches::Switches;
use serde_json::Value;

/// The line before the message that is asked about.
const SECOND: &str = "The second message:\n";

/// What a message asks of the work that is going on: `queue` for a form of its own, since the script cannot change what
/// it has begun, and `amend` for anything else. `None` when that is not what is asked.
pub(crate) fn answer(system: &Value, messages: &[Value]) -> Option<&'static str> {
    if !system.as_str()?.contains("amend") {
        return None;
    }
    let (_, second) = messages.last()?["content"].as_str()?.split_once(SECOND)?;
    let (_, instruction) = Switches::take(second);
    Some(if Form::read(&instruction).is_some() { "queue" } else { "amend" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_of_its_own_is_other_work() {
        let ask = |second: &str| {
            let content = format!("The work that is going on:\nx\n\nThe second message:\n{second}");
            answer(&json!("One word: amend, queue."), &[json!({ "role": "user", "content": content })])
        };
        assert_eq!(ask("[slow 2] replace \"a\" with \"b\""), Some("queue"));
        assert_eq!(ask("bigger"), Some("amend"));
        assert_eq!(answer(&json!("Make a title."), &[json!({ "content": "The second message:\nx" })]), None);
    }
}
