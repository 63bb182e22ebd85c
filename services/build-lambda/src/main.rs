//! The build service as AWS Lambda runs it: `HephaestusBuildFunction`.

use build_lambda::{Environment, Event, askpass, compose, conceal};
use clap::Parser;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::process::ExitCode;
use std::time::SystemTime;

fn main() -> anyhow::Result<ExitCode> {
    // The same program starts builds, and answers git's question for a token.
    sandbox::launcher::run_if_launched();
    if let Some(code) = askpass::run_if_askpass() {
        return Ok(code);
    }
    conceal::conceal_this_process()?;
    tokio::runtime::Runtime::new()?.block_on(serve())?;
    Ok(ExitCode::SUCCESS)
}

async fn serve() -> anyhow::Result<()> {
    let environment = Environment::parse();
    bootstrap::telemetry::install(&environment.log, bootstrap::telemetry::LogFormat::Json);
    let connected =
        bootstrap::aws::connect_build(&environment.function, environment.distribution.as_deref()).await?;
    let function = compose::function(&environment, connected).await?;
    let handle = service_fn(async |event: LambdaEvent<Event>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        function.handle(event.payload, left).await.map_err(Error::from)
    });
    lambda_runtime::run(handle).await.map_err(|err| anyhow::anyhow!("the runtime ended: {err}"))
}
