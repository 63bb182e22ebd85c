//! What each command does.

mod dlq;
mod doctor;
mod ecs_credentials;
mod mail;
mod operator;
mod pool;
mod project;
mod rollback;
mod sign_in;
mod spend;
mod status;

use crate::cli::{Cli, Command};
use crate::data::DataDir;
use crate::hermes_url::HermesUrl;
use crate::up;
use anyhow::bail;
use operator::Operator;

/// Runs the command to its end.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    let data = DataDir::new(&cli.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(carry_out(cli, data));
    // What blocks (a read of the disk, a git program) is not waited for: its children end with this process.
    runtime.shutdown_background();
    done
}

async fn carry_out(cli: Cli, data: DataDir) -> anyhow::Result<()> {
    let Cli { hermes, command, up, .. } = cli;
    let hermes = hermes.as_ref();
    let operator = || Operator::of(&data, hermes);
    match command.unwrap_or_else(|| Command::Up(Box::new(up.clone()))) {
        Command::Up(options) => {
            only_here(hermes, "`up` starts a fleet on this machine")?;
            up::run(data, *options).await
        }
        Command::Mail(options) => {
            only_here(
                hermes,
                "`mail` goes in by the door of a fleet on this machine; elsewhere, use a mail program",
            )?;
            mail::run(&data, &options).await
        }
        Command::EcsCredentials => {
            only_here(hermes, "`ecs-credentials` are a fleet's on this machine; on AWS, use those of AWS")?;
            ecs_credentials::run(&data)
        }
        Command::Doctor => doctor::run(&data, &up).await,
        Command::Status(options) => status::run(&operator()?, &options).await,
        Command::Project(options) => project::run(&operator()?, options.command).await,
        Command::Dlq(options) => dlq::run(&operator()?, options.command).await,
        Command::Rollback(options) => rollback::run(&operator()?, &options).await,
        Command::SignIn(options) => sign_in::run(&operator()?, &options).await,
        Command::Spend(options) => spend::run(&operator()?, &options).await,
        Command::Pool(options) => pool::run(&operator()?, &options.command).await,
    }
}

/// Refuses what a Hermes elsewhere has nothing to do with.
fn only_here(hermes: Option<&HermesUrl>, says: &str) -> anyhow::Result<()> {
    match hermes {
        None => Ok(()),
        Some(url) => bail!("{says}. Leave out --hermes and WEBORDINARY_HERMES ({})", url.base()),
    }
}
