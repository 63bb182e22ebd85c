//! What may lie in a pair's input queue: work, or a bare bell. Either only says that the store has something.

use domain::message::Work;
use serde_json::{Map, Value};

/// Whether a message is one that Hermes sends. What is none never will be, however often it is received.
pub(crate) fn rings(body: &str) -> bool {
    // Bare: a thread is wanted although nothing was said.
    serde_json::from_str::<Map<String, Value>>(body).is_ok_and(|bare| bare.is_empty())
        || serde_json::from_str::<Work>(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_hermes_sends_rings() {
        let mut work = json!({
            "schema": 1, "messageId": "01985e0a-0000-7000-8000-000000000000", "threadId": "abcdefghijkl", "clientId": "amelia",
            "projectId": "stamps", "userId": "ann", "authorId": "ann", "seq": 1, "kind": "instruct",
            "instruction": "Close at 4", "attachments": [], "issuedAt": 0,
        });
        assert!(rings("{}") && rings(" { } "));
        assert!(rings(&work.to_string()));
        work["schema"] = 2.into();
        for body in [work.to_string().as_str(), "", "no JSON", "[]", "null", "{\"kind\":\"instruct\"}"] {
            assert!(!rings(body), "{body}");
        }
    }
}
