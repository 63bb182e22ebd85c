//! The build service as AWS Lambda runs it: `HephaestusBuildFunction`.

use build_lambda::conceal;
use build_lambda::lambda::{self, Settings};
use clap::Parser;
use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    // The same program starts builds, and answers git's question for a token.
    sandbox::launcher::run_if_launched();
    if let Some(code) = workspace::run_if_askpass() {
        return Ok(code);
    }
    conceal::conceal_this_process()?;
    tokio::runtime::Runtime::new()?.block_on(lambda::serve(Settings::parse()))?;
    Ok(ExitCode::SUCCESS)
}
