//! The build service as AWS Lambda runs it: `HephaestusBuildFunction`.

use bootstrap::aws::AwsOptions;
use build_lambda::compose::{self, Connected};
use build_lambda::{Environment, Event, askpass, conceal};
use clap::Parser;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ports::ProgressHub;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

/// What the function is told by its environment.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    aws: AwsOptions,
    #[command(flatten)]
    build: Environment,
}

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
    let Settings { aws, build } = Settings::parse();
    bootstrap::telemetry::install(&build.log, bootstrap::telemetry::LogFormat::Json);
    let aws = bootstrap::aws::connect(&aws, Arc::new(ProgressHub::default())).await?;
    let connected = Connected {
        secrets: aws.secrets(),
        cdn: match &build.distribution {
            Some(distribution) => aws.cdn(distribution),
            None => Arc::new(build_lambda::compose::NoCdn),
        },
        invoker: aws.invoker(&build.function),
        backends: aws.backends,
    };
    let function = compose::function(&build, connected).await?;
    let handle = service_fn(async |event: LambdaEvent<Event>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        function.handle(event.payload, left).await.map_err(Error::from)
    });
    lambda_runtime::run(handle).await.map_err(|err| anyhow::anyhow!("the runtime ended: {err}"))
}
