//! Connecting a service to AWS: one configuration, every port.

use crate::Lifecycle;
use ::aws::{
    Agent, Buckets, Clients, CloudFront, CloudWatchMetrics, Dynamo, EcsFleet, LambdaInvoker, RoleSigner,
    S3Blobs, SecretsManager, SesMailer, Settings, SqsQueues, TaskIdentity,
};
use anyhow::Context;
use ports::clock::SystemClock;
use ports::{Backends, Cdn, Invoker, ProgressFeed, Secrets, Signer};
use std::sync::Arc;
use std::time::Duration;

/// How long the last delivery of metrics may take.
const LAST_METRICS: Duration = Duration::from_secs(5);

/// What is to be known of AWS beyond the standard variables (`AWS_REGION`, credentials, `AWS_ENDPOINT_URL` for a
/// stand-in), which the SDK reads itself.
#[derive(Clone, Debug, clap::Args)]
pub struct AwsOptions {
    /// The bucket of production sites
    #[arg(long, env = "WEBORDINARY_SITE_BUCKET", value_name = "BUCKET")]
    pub site_bucket: String,
    /// The bucket of mail as it came in
    #[arg(long, env = "WEBORDINARY_MAIL_BUCKET", value_name = "BUCKET")]
    pub mail_bucket: String,
    /// The bucket of everything else: attachments, manifests, documents too large for a row
    #[arg(long, env = "WEBORDINARY_DATA_BUCKET", value_name = "BUCKET")]
    pub data_bucket: String,
    /// The SES configuration set that mail is sent with
    #[arg(long, env = "WEBORDINARY_SES_CONFIGURATION_SET", value_name = "NAME")]
    pub ses_configuration_set: Option<String>,
    /// Where ECS tells a task who it is; set by ECS
    #[arg(long, env = "ECS_CONTAINER_METADATA_URI_V4", value_name = "URL", hide = true)]
    pub metadata_uri: Option<String>,
    /// Where a task protects itself from scale-in; set by ECS
    #[arg(long, env = "ECS_AGENT_URI", value_name = "URL", hide = true)]
    pub agent_uri: Option<String>,
}

/// A service's connection to AWS.
#[derive(Clone)]
pub struct Aws {
    /// Every port.
    pub backends: Backends,
    /// Which task this process is, where ECS says so.
    pub task: Option<TaskIdentity>,
    clients: Clients,
    metrics: Arc<CloudWatchMetrics>,
}

impl Aws {
    /// The function of this name, to be called.
    pub fn invoker(&self, function: &str) -> Arc<dyn Invoker> {
        Arc::new(LambdaInvoker::new(self.clients.lambda.clone(), function))
    }

    /// Secrets Manager.
    pub fn secrets(&self) -> Arc<dyn Secrets> {
        Arc::new(SecretsManager::new(self.clients.secrets.clone()))
    }

    /// Amazon Bedrock in `region`, or in that of this process.
    ///
    /// # Errors
    /// Where nothing says which region that is.
    pub fn bedrock(&self, region: Option<&str>) -> anyhow::Result<Bedrock> {
        Bedrock::of(&self.clients, region)
    }

    /// The distribution of this id, before the public sites.
    pub fn cdn(&self, distribution: &str) -> Arc<dyn Cdn> {
        Arc::new(CloudFront::new(self.clients.cloudfront.clone(), distribution))
    }

    /// Delivers what is measured once a minute, until `life` ends.
    pub fn deliver_metrics(&self, life: &Lifecycle) {
        let (metrics, stop) = (Arc::clone(&self.metrics), life.stop().clone());
        life.spawn(async move { metrics.run(stop).await });
    }

    /// Delivers what was measured while the service drained; gives up soon, for the process is ending.
    pub async fn deliver_last_metrics(&self) {
        match tokio::time::timeout(LAST_METRICS, self.metrics.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last metrics were not delivered"),
            Err(_) => tracing::warn!("the last metrics were not delivered in time"),
        }
    }
}

/// Amazon Bedrock, asked in the name of this process.
pub struct Bedrock {
    /// Signs calls with the role of this process, or whatever else AWS' own variables and files name.
    pub signer: Arc<dyn Signer>,
    /// Where it is.
    pub region: String,
}

impl Bedrock {
    fn of(clients: &Clients, region: Option<&str>) -> anyhow::Result<Self> {
        let region = region
            .or_else(|| clients.region())
            .context("Bedrock is in no region: set WEBORDINARY_BEDROCK_REGION or AWS_REGION")?;
        Ok(Self { signer: Arc::new(RoleSigner::new(clients, region)), region: region.to_owned() })
    }
}

/// Bedrock for a service that needs nothing else of AWS.
///
/// # Errors
/// Where nothing says in which region.
pub async fn bedrock(region: Option<&str>) -> anyhow::Result<Bedrock> {
    Bedrock::of(&Clients::connect(&Settings::default()).await, region)
}

/// Connects. `progress` is what the service tells and hears live progress by.
///
/// # Errors
/// Where ECS has an endpoint for this task's identity, and that does not answer.
pub async fn connect(options: &AwsOptions, progress: Arc<dyn ProgressFeed>) -> anyhow::Result<Aws> {
    let clients = Clients::connect(&Settings::default()).await;
    let task = match &options.metadata_uri {
        Some(uri) => Some(TaskIdentity::read(uri).await?),
        None => None,
    };
    let agent = options.agent_uri.clone().zip(task.clone()).map(|(uri, task)| Agent { uri, task: task.id });
    let buckets = Buckets {
        site: options.site_bucket.clone(),
        mail: options.mail_bucket.clone(),
        data: options.data_bucket.clone(),
    };
    let metrics = Arc::new(CloudWatchMetrics::new(&clients));
    let blobs = Arc::new(S3Blobs::new(&clients, buckets));
    let store = Dynamo::new(&clients, blobs.clone());
    let backends = Backends {
        blobs,
        claims: store.claims(),
        clock: Arc::new(SystemClock),
        containers: store.containers(),
        fleet: Arc::new(EcsFleet::new(&clients, agent)),
        mailer: Arc::new(SesMailer::new(&clients, options.ses_configuration_set.clone())),
        messages: store.messages(),
        pool: store.pool(),
        metrics: metrics.clone(),
        progress,
        projects: store.projects(),
        queues: Arc::new(SqsQueues::new(&clients)),
        releases: store.releases(),
        replies: store.replies(),
        sessions: store.sessions(),
        sign_ins: store.sign_ins(),
        spending: store.spending(),
        threads: store.threads(),
    };
    Ok(Aws { backends, task, clients, metrics })
}
