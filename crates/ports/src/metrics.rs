//! Numbers for an operator's graphs and alarms.

/// What is measured. A metric has no dimension: one per site or user would cost money for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Conversations that a container serves.
    ActiveSessionCount,
    /// Messages accepted, by mail or chat.
    MessagesReceived,
    /// Turns that ended with an outcome.
    TurnsCompleted,
    /// Turns that ended with an error.
    TurnsFailed,
    /// How long a turn took.
    TurnSeconds,
    /// Messages that wait, all queues together.
    QueueDepth,
    /// Age of the oldest message that nobody has answered, by the store: a queue knows nothing of what was taken off it. A
    /// turn that runs counts as well.
    OldestMessageAgeSeconds,
    /// Dead letters, all queues together, also of those who sleep.
    DlqMessages,
    /// Edit containers that run.
    ContainersRunning,
    /// Things that should have been cleaned up and were not.
    CleanupErrors,
    /// US dollars that the model has cost, billed or not.
    ModelDollars,
    /// Values that were lost because the metrics could not be delivered.
    MetricsDropped,
}

/// What a metric counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::ActiveSessionCount,
        Self::MessagesReceived,
        Self::TurnsCompleted,
        Self::TurnsFailed,
        Self::TurnSeconds,
        Self::QueueDepth,
        Self::OldestMessageAgeSeconds,
        Self::DlqMessages,
        Self::ContainersRunning,
        Self::CleanupErrors,
        Self::ModelDollars,
        Self::MetricsDropped,
    ];

    /// Its name, as alarms know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ActiveSessionCount => "ActiveSessionCount",
            Self::MessagesReceived => "MessagesReceived",
            Self::TurnsCompleted => "TurnsCompleted",
            Self::TurnsFailed => "TurnsFailed",
            Self::TurnSeconds => "TurnSeconds",
            Self::QueueDepth => "QueueDepth",
            Self::OldestMessageAgeSeconds => "OldestMessageAgeSeconds",
            Self::DlqMessages => "DlqMessages",
            Self::ContainersRunning => "ContainersRunning",
            Self::CleanupErrors => "CleanupErrors",
            Self::ModelDollars => "ModelDollars",
            Self::MetricsDropped => "MetricsDropped",
        }
    }

    /// What it counts in.
    pub fn unit(self) -> Unit {
        match self {
            Self::TurnSeconds | Self::OldestMessageAgeSeconds => Unit::Seconds,
            _ => Unit::Count,
        }
    }
}

/// Takes measurements. Never waits and never fails: a number that cannot be delivered is lost.
pub trait Metrics: Send + Sync {
    /// Records one value: an increment of what is counted, or the level of what is watched.
    fn count(&self, metric: Metric, value: f64);
}
