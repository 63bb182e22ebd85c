//! The edit container's program, for ECS.

use bootstrap::{Lifecycle, telemetry};
use clap::Parser;
use edit_container::settings::Settings;
use sandbox::steward;
use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    // Children start through this same program, and git runs it for tokens: both before any thread exists.
    sandbox::launcher::run_if_launched();
    if let Some(code) = workspace::run_if_askpass() {
        return Ok(code);
    }
    let settings = Settings::parse();
    // Where namespaces are not allowed, root's process stays small, and this program goes on as another user.
    if let Some(status) = steward::run_if_needed(settings.sandbox, &[&settings.persistent, &settings.local])?
    {
        return Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1).into());
    }
    telemetry::install(&settings.log, settings.log_format.into());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async { edit_container::task::run(settings, Lifecycle::install()?).await })?;
    Ok(ExitCode::SUCCESS)
}
