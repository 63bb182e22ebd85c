//! One AWS configuration per process, and the clients made from it.

use crate::store_clock::StoreClock;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::time::Duration;

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one attempt may take: SQS holds a long poll for 20 s.
const ATTEMPT: Duration = Duration::from_secs(30);
/// How long a call may take with all its attempts.
const OPERATION: Duration = Duration::from_secs(90);
/// Attempts of one call, the first included. Not adaptive: after one throttled call that holds every call of its client
/// to one in two seconds, which was measured as 18 to 26 s for a send that standard retries finish in one.
const ATTEMPTS: u32 = 5;

/// Where AWS is. Whatever is not set comes from the standard variables, files and metadata endpoints.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// All services at one address: a stand-in on loopback, with credentials that mean nothing.
    pub stand_in: Option<String>,
}

/// The clients of one process. Cloning shares connections and credentials.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the client of its name")]
pub struct Clients {
    pub cloudfront: aws_sdk_cloudfront::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub s3: aws_sdk_s3::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
    pub ses: aws_sdk_sesv2::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub(crate) credentials: Option<SharedCredentialsProvider>,
    pub(crate) region: Option<String>,
    pub(crate) clock: StoreClock,
}

impl Clients {
    /// Reads the configuration once and makes all clients. Asks nothing of AWS yet.
    pub async fn connect(settings: &Settings) -> Self {
        Self::of(&load(settings).await)
    }

    /// The region of this process, where the environment or its task says so.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn of(config: &SdkConfig) -> Self {
        let clock = StoreClock::default();
        // A stand-in has no host per bucket.
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(config.endpoint_url().is_some() || has_s3_endpoint());
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(config).interceptor(clock.clone());
        Self {
            cloudfront: aws_sdk_cloudfront::Client::new(config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(config),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            ecs: aws_sdk_ecs::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            secrets: aws_sdk_secretsmanager::Client::new(config),
            ses: aws_sdk_sesv2::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            credentials: config.credentials_provider(),
            region: config.region().map(ToString::to_string),
            clock,
        }
    }
}

fn has_s3_endpoint() -> bool {
    std::env::var_os("AWS_ENDPOINT_URL_S3").is_some()
}

async fn load(settings: &Settings) -> SdkConfig {
    // ring, as everywhere else in the product: no second cryptography, and no C compiler's worth of build time.
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(endpoint) = &settings.stand_in {
        let nobody = aws_sdk_sqs::config::Credentials::new("stand-in", "stand-in", None, None, "stand-in");
        loader = loader
            .endpoint_url(endpoint)
            .credentials_provider(nobody)
            .region(aws_config::Region::from_static("us-west-2"));
    }
    loader.load().await
}
