//! What a message means where a plan or a question waits for the owner's word.

use domain::message::{Kind, Status};
use intent::{Interruption, PlanReply};
use ports::messages::{Message, pending};

/// Longest reply to a plan that is asked back when it is neither yes nor no, in words. A longer one is an instruction.
const ASKED_BACK: usize = 6;

/// The kind of a message that came as `kind` with `text`, after this conversation.
pub(crate) fn kind_in(conversation: &[Message], kind: Kind, text: &str) -> Kind {
    kind_while(pending(conversation).and_then(Message::status), kind, text)
}

fn kind_while(waits: Option<Status>, kind: Kind, text: &str) -> Kind {
    match (waits, kind) {
        (Some(Status::Question), Kind::Instruct) => Kind::Answer,
        (Some(Status::Plan), Kind::Instruct) => match intent::reply_to_plan(text) {
            PlanReply::Yes | PlanReply::YesBut(_) => Kind::Approve,
            PlanReply::No => Kind::Reject,
            PlanReply::Unclear if is_short(text) => Kind::Answer,
            PlanReply::NoBut(_) | PlanReply::Unclear => Kind::Instruct,
        },
        (Some(Status::Plan), Kind::Cancel) => Kind::Reject,
        _ => kind,
    }
}

fn is_short(text: &str) -> bool {
    text.split_whitespace().count() <= ASKED_BACK
        && intent::interruption(text) != Some(Interruption::Question)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(status: Status, text: &str) -> Kind {
        kind_while(Some(status), Kind::Instruct, text)
    }

    #[test]
    fn a_word_on_a_plan_decides_and_what_is_unclear_is_asked_back() {
        assert_eq!(after(Status::Plan, "Yes"), Kind::Approve);
        assert_eq!(after(Status::Plan, "no"), Kind::Reject);
        assert_eq!(after(Status::Plan, "hmm"), Kind::Answer);
        let other = "Please write our new telephone number on the page about us";
        assert_eq!(after(Status::Plan, other), Kind::Instruct);
        assert_eq!(after(Status::Question, "dark"), Kind::Answer);
        assert_eq!(kind_while(None, Kind::Instruct, "Yes"), Kind::Instruct, "nothing waits");
        assert_eq!(kind_while(Some(Status::Plan), Kind::Cancel, "stop"), Kind::Reject);
        assert_eq!(kind_while(Some(Status::Plan), Kind::Publish, "publish"), Kind::Publish);
    }
}
