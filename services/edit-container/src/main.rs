//! The edit container's program, for ECS.

use bootstrap::{Lifecycle, telemetry};
use clap::Parser;
use edit_container::settings::Settings;

fn main() -> anyhow::Result<()> {
    // Children start through this same program: before any thread exists.
    sandbox::launcher::run_if_launched();
    let settings = Settings::parse();
    telemetry::install(&settings.log, settings.log_format.into());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async { edit_container::task::run(settings, Lifecycle::install()?).await })
}
