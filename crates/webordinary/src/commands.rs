//! What each command does.

mod dlq;
mod doctor;
mod mail;
mod operator;
mod pool;
mod project;
mod status;

use crate::cli::{Cli, Command};
use crate::data::DataDir;
use crate::up;

/// Runs the command to its end.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    let data = DataDir::new(&cli.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        match cli.command {
            None => up::run(data, cli.up).await,
            Some(Command::Up(options)) => up::run(data, *options).await,
            Some(Command::Mail(options)) => mail::run(&data, &options).await,
            Some(Command::Status(options)) => status::run(&data, &options).await,
            Some(Command::Project(options)) => project::run(&data, options.command).await,
            Some(Command::Dlq(options)) => dlq::run(&data, options.command).await,
            Some(Command::Rollback(options)) => operator::rollback(&data, &options).await,
            Some(Command::SignIn(options)) => operator::sign_in(&data, &options).await,
            Some(Command::Pool(options)) => pool::run(&data, &options.command).await,
            Some(Command::EcsCredentials) => operator::ecs_credentials(&data),
            Some(Command::Doctor) => doctor::run(&data, &cli.up).await,
        }
    });
    // What blocks (a read of the disk, a git program) is not waited for: its children end with this process.
    runtime.shutdown_background();
    done
}
