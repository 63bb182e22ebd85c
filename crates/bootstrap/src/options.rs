//! Sorts of options that the services' programs have in common.

use crate::telemetry::LogFormat;
use clap::{Args, ValueEnum};
use domain::Money;
use domain::money::Caps;
use std::num::ParseIntError;
use std::time::Duration;

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lines {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl From<Lines> for LogFormat {
    fn from(lines: Lines) -> Self {
        match lines {
            Lines::Text => Self::Text,
            Lines::Json => Self::Json,
        }
    }
}

/// What the model may cost, in US dollars, where a project says nothing else.
#[derive(Clone, Debug, Args)]
pub struct CapOptions {
    /// Most US dollars that one message may cost
    #[arg(long, env = "WEBORDINARY_CAP_MESSAGE", value_name = "USD", default_value = "5")]
    pub cap_message: Money,
    /// Most US dollars that one project may cost in a day (UTC)
    #[arg(long, env = "WEBORDINARY_CAP_DAY", value_name = "USD")]
    pub cap_day: Option<Money>,
    /// Most US dollars that one project may cost in a month (UTC)
    #[arg(long, env = "WEBORDINARY_CAP_MONTH", value_name = "USD")]
    pub cap_month: Option<Money>,
    /// Most US dollars that one person may cost in a day (UTC), in all projects
    #[arg(long, env = "WEBORDINARY_CAP_USER_DAY", value_name = "USD")]
    pub cap_user_day: Option<Money>,
    /// Most US dollars that one person may cost in a month (UTC), in all projects
    #[arg(long, env = "WEBORDINARY_CAP_USER_MONTH", value_name = "USD")]
    pub cap_user_month: Option<Money>,
}

impl CapOptions {
    /// The caps.
    pub fn caps(&self) -> Caps {
        Caps {
            message: Some(self.cap_message),
            project_day: self.cap_day,
            project_month: self.cap_month,
            user_day: self.cap_user_day,
            user_month: self.cap_user_month,
        }
    }
}

/// Whose API the model is asked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModelUpstream {
    /// The Messages API, with a key or token.
    Anthropic,
    /// Amazon Bedrock, with the role of this process.
    Bedrock,
}

/// Reads a whole number of seconds.
pub fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_secs)
}
