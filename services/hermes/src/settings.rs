//! The environment of a Hermes that is a task of its own. Read once, here.

use bootstrap::aws::AwsOptions;
use bootstrap::options::{Lines, Switch, seconds};
use clap::Parser;
use std::net::SocketAddr;
use std::time::Duration;

/// WebOrdinary's Hermes: believes a message or not, finds project and thread, sends work, tells the result.
#[derive(Clone, Parser)]
#[command(version, about)]
pub struct Settings {
    /// AWS.
    #[command(flatten)]
    pub aws: AwsOptions,
    /// Where the load balancer is let in: chat, API and previews
    #[arg(long, env = "WEBORDINARY_HTTP", default_value = "0.0.0.0:8080")]
    pub http: SocketAddr,
    /// Where browsers reach the chat, such as https://app.example.com
    #[arg(long, env = "WEBORDINARY_APP_ORIGIN")]
    pub app_origin: String,
    /// Where browsers reach the previews, such as https://edit.example.com. A host of its own, never the chat's
    #[arg(long, env = "WEBORDINARY_PREVIEW_ORIGIN")]
    pub preview_origin: String,
    /// Give each preview a host of its own, t-{thread}.SUFFIX
    #[arg(long, env = "WEBORDINARY_PREVIEW_SUFFIX")]
    pub preview_suffix: Option<String>,
    /// Signs reply addresses; from Secrets Manager. At least 32 characters
    #[arg(long, env = "WEBORDINARY_REPLY_SECRET", hide_env_values = true)]
    pub reply_secret: String,
    /// The operator's token; from Secrets Manager. At least 32 characters
    #[arg(long, env = "WEBORDINARY_OPERATOR_TOKEN", hide_env_values = true)]
    pub operator_token: String,
    /// Most edit containers at once
    #[arg(long, env = "WEBORDINARY_MAX_CONTAINERS", default_value_t = 10)]
    pub max_containers: u32,
    /// Edit containers that wait for work beside those that have some
    #[arg(long, env = "WEBORDINARY_SPARE_CONTAINERS", default_value_t = 0)]
    pub spare_containers: u32,
    /// Seconds between two looks for what nobody answered
    #[arg(long, env = "WEBORDINARY_SWEEP", default_value = "30", value_parser = seconds)]
    pub sweep: Duration,
    /// Whether a script stands in for the model; answers say so
    #[arg(long, env = "WEBORDINARY_REHEARSAL", value_enum, default_value_t = Switch::Off)]
    pub rehearsal: Switch,
    /// The build function, which is rung when there is something to build
    #[arg(long, env = "WEBORDINARY_BUILD_FUNCTION")]
    pub build_function: Option<String>,
    /// What is logged, as directives such as `info,hermes=debug`
    #[arg(long, env = "WEBORDINARY_LOG", default_value = "info")]
    pub log: String,
    /// How log lines look
    #[arg(long, env = "WEBORDINARY_LOG_FORMAT", value_enum, default_value_t = Lines::Json)]
    pub log_format: Lines,
}
