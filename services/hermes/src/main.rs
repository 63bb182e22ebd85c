//! Hermes' program, for ECS.

use bootstrap::{Lifecycle, telemetry};
use clap::Parser;
use hermes::settings::Settings;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    telemetry::install(&settings.log, settings.log_format.into());
    hermes::task::run(settings, Lifecycle::install()?).await
}
