//! The function on AWS: its settings, its connection, and the events that the runtime gives it.

use crate::compose::{self, Connected, NoCdn};
use crate::{Environment, Event};
use bootstrap::aws::AwsOptions;
use bootstrap::telemetry::{self, LogFormat};
use clap::Parser;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ports::ProgressHub;
use std::sync::Arc;
use std::time::SystemTime;

/// The build function: verifies webhooks, builds sites, puts them live.
#[derive(Parser)]
pub struct Settings {
    /// AWS.
    #[command(flatten)]
    pub aws: AwsOptions,
    /// The build service.
    #[command(flatten)]
    pub build: Environment,
}

/// Handles events until the runtime has no more.
pub async fn serve(Settings { aws, build }: Settings) -> anyhow::Result<()> {
    telemetry::install(&build.log, LogFormat::Json);
    let aws = bootstrap::aws::connect(&aws, Arc::new(ProgressHub::default())).await?;
    let connected = Connected {
        secrets: aws.secrets(),
        cdn: match &build.distribution {
            Some(distribution) => aws.cdn(distribution),
            None => Arc::new(NoCdn),
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
