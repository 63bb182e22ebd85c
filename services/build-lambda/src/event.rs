//! The events that the function is called with.

use crate::http_event::HttpEvent;
use domain::ProjectId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who sends scheduled events, in the form that EventBridge gives them.
const SCHEDULERS: [&str; 2] = ["aws.scheduler", "aws.events"];

/// What the function is asked to do.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub enum Event {
    /// A request from outside: a Function URL's or a load balancer's.
    Http(HttpEvent),
    /// Open orders: `{"orders": {"project": "demo"}}`, or `{"orders": {}}` for those of all projects.
    Orders(Orders),
    /// Look for what nobody told: `{"sweep": {}}`, or any scheduled event.
    Sweep,
}

/// Which open orders, and how often this was asked before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Orders {
    /// The website; without one, every website that has an open order gets an event of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// How often the oldest order failed for a reason that may pass.
    pub tries: u32,
    /// How many runs of the function called one another before this one.
    pub hops: u32,
}

impl Orders {
    /// The first event for a project's orders.
    pub fn of(project: &ProjectId) -> Self {
        Self { project: Some(project.clone()), ..Self::default() }
    }

    /// The event as the function reads it.
    pub fn to_event(&self) -> String {
        json!({ "orders": self }).to_string()
    }
}

impl TryFrom<Value> for Event {
    type Error = String;

    /// What came by HTTP is never taken for anything else: AWS, not the sender, makes the outermost object.
    fn try_from(mut event: Value) -> Result<Self, String> {
        let words = |err: serde_json::Error| format!("the event cannot be understood: {err}");
        if event.get("requestContext").is_some() {
            return serde_json::from_value(event).map(Self::Http).map_err(words);
        }
        if let Some(orders) = event.get_mut("orders") {
            return serde_json::from_value(orders.take()).map(Self::Orders).map_err(words);
        }
        let source = event.get("source").and_then(Value::as_str);
        if event.get("sweep").is_some() || source.is_some_and(|source| SCHEDULERS.contains(&source)) {
            return Ok(Self::Sweep);
        }
        Err("the event is neither a request nor about orders nor a scheduled one".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: Value) -> Result<Event, String> {
        serde_json::from_value(event).map_err(|err| err.to_string())
    }

    #[test]
    fn events_are_told_apart() {
        let demo: ProjectId = "demo".parse().unwrap();
        let again = Orders { tries: 2, hops: 3, ..Orders::of(&demo) };
        let read_back = read(serde_json::from_str(&again.to_event()).unwrap());
        assert!(matches!(read_back, Ok(Event::Orders(orders)) if orders == again));
        assert!(
            matches!(read(json!({ "orders": {} })), Ok(Event::Orders(orders)) if orders == Orders::default())
        );
        assert!(matches!(read(json!({ "sweep": {} })), Ok(Event::Sweep)));
        let http = json!({ "requestContext": {}, "orders": {}, "body": "{\"orders\": {}}" });
        assert!(matches!(read(http), Ok(Event::Http(_))));
        for wrong in
            [json!({}), json!("orders"), json!({ "orders": { "project": "../x" } }), json!({ "source": "x" })]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html>, and a rule's event:
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html>
    #[test]
    fn both_kinds_of_schedules_are_sweeps() {
        for source in SCHEDULERS {
            let event = json!({
                "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
                "source": source, "account": "123456789012", "time": "2024-01-01T00:00:00Z", "region": "us-west-2",
                "resources": ["arn:aws:scheduler:us-west-2:123456789012:schedule/default/sweep"], "detail": "{}",
            });
            assert!(matches!(read(event), Ok(Event::Sweep)));
        }
    }
}
