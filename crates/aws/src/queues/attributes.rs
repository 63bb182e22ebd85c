//! The attributes and tags that the product's queues have.

use aws_sdk_sqs::types::QueueAttributeName::{
    self, MaximumMessageSize, MessageRetentionPeriod, ReceiveMessageWaitTimeSeconds, RedrivePolicy,
    SqsManagedSseEnabled, VisibilityTimeout,
};
use domain::names::QUEUE_BODY_MAX;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Attributes as SQS takes them.
pub(super) type Attributes = HashMap<QueueAttributeName, String>;

const DAY: u32 = 24 * 60 * 60;
/// How long a message waits for a reader, in seconds.
const RETENTION: u32 = 4 * DAY;
/// How long a dead letter waits for an operator, in seconds.
const DEAD_LETTER_RETENTION: u32 = 14 * DAY;
/// The wait of a reader that does not say, in seconds.
const LONG_POLL: u32 = 20;
/// The lease of a reader that does not say, in seconds.
const LEASE: u32 = 300;

/// What a queue is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Readers take messages from it.
    Work,
    /// It keeps what nobody settled.
    DeadLetters,
}

/// Where a message goes that nobody settles.
#[derive(Clone, Debug)]
pub(super) struct Redrive {
    /// The dead-letter queue's ARN.
    pub(super) target: String,
    pub(super) max_receives: u32,
}

impl Redrive {
    fn policy(&self) -> Value {
        json!({ "deadLetterTargetArn": self.target, "maxReceiveCount": self.max_receives })
    }

    /// Whether a policy says the same. SQS gives back numbers that were set as text, and the other way about.
    fn is(&self, policy: &str) -> bool {
        let Ok(policy) = serde_json::from_str::<Value>(policy) else { return false };
        let count = match &policy["maxReceiveCount"] {
            Value::String(count) => count.parse().ok(),
            count => count.as_u64(),
        };
        policy["deadLetterTargetArn"] == self.target.as_str() && count == Some(u64::from(self.max_receives))
    }
}

/// The attributes of a new queue.
pub(super) fn wanted(role: Role, redrive: Option<&Redrive>) -> Attributes {
    let retention = match role {
        Role::Work => RETENTION,
        Role::DeadLetters => DEAD_LETTER_RETENTION,
    };
    let mut wanted = Attributes::from([
        (MessageRetentionPeriod, retention.to_string()),
        (MaximumMessageSize, QUEUE_BODY_MAX.to_string()),
        (ReceiveMessageWaitTimeSeconds, LONG_POLL.to_string()),
        (VisibilityTimeout, LEASE.to_string()),
        (SqsManagedSseEnabled, true.to_string()),
    ]);
    if let Some(redrive) = redrive {
        wanted.insert(RedrivePolicy, redrive.policy().to_string());
    }
    wanted
}

/// What has to be set so that a queue with the attributes `found` is as it should be.
pub(super) fn differing(found: &Attributes, role: Role, redrive: Option<&Redrive>) -> Attributes {
    let mut differing = wanted(role, redrive);
    differing.retain(|name, value| match (name, found.get(name), redrive) {
        (RedrivePolicy, Some(policy), Some(redrive)) => !redrive.is(policy),
        (_, found, _) => found != Some(value),
    });
    // An empty policy is how SQS is told to have none.
    if redrive.is_none() && found.get(&RedrivePolicy).is_some_and(|policy| !policy.is_empty()) {
        differing.insert(RedrivePolicy, String::new());
    }
    differing
}

/// The tags of a queue, for bills and for policies.
pub(super) fn tags(role: Role) -> HashMap<String, String> {
    let role = match role {
        Role::Work => "work",
        Role::DeadLetters => "dead-letters",
    };
    [("application", "webordinary"), ("role", role)].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redrive(max_receives: u32) -> Redrive {
        Redrive { target: "arn:aws:sqs:us-west-2:1:dead".to_owned(), max_receives }
    }

    #[test]
    fn a_queue_that_is_as_it_should_be_is_left_alone() {
        let mut found = wanted(Role::Work, Some(&redrive(3)));
        assert!(differing(&found, Role::Work, Some(&redrive(3))).is_empty());
        let as_text = r#"{"maxReceiveCount":"3","deadLetterTargetArn":"arn:aws:sqs:us-west-2:1:dead"}"#;
        found.insert(RedrivePolicy, as_text.to_owned());
        assert!(differing(&found, Role::Work, Some(&redrive(3))).is_empty());
    }

    #[test]
    fn only_what_differs_is_set() {
        let mut found = wanted(Role::Work, Some(&redrive(3)));
        assert_eq!(differing(&found, Role::Work, None), [(RedrivePolicy, String::new())].into());
        let policy = redrive(4).policy().to_string();
        assert_eq!(differing(&found, Role::Work, Some(&redrive(4))), [(RedrivePolicy, policy)].into());
        found.insert(VisibilityTimeout, "30".to_owned());
        let lease = [(VisibilityTimeout, "300".to_owned())];
        assert_eq!(differing(&found, Role::Work, Some(&redrive(3))), lease.into());
    }
}
