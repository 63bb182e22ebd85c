//! WebOrdinary on one machine: `webordinary up` and the operator's commands.

mod cli;
mod commands;
mod data;
mod demo;
mod duty;
mod ecs;
mod fleet;
mod front;
mod hermes_url;
mod hook;
mod model;
mod office;
mod projects;
mod ready;
mod relay;
mod terminal;
mod up;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Children start through this same program, and git runs it as a hook and for tokens: all before any thread exists.
    sandbox::launcher::run_if_launched();
    if let Some(code) = hook::run_if_hook().or_else(workspace::run_if_askpass) {
        return code;
    }
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("webordinary: {error:#}");
            ExitCode::FAILURE
        }
    }
}
