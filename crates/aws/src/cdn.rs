//! The caches of CloudFront before the bucket of public sites.

use crate::fault::fault;
use async_trait::async_trait;
use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use domain::ProjectId;
use domain::names::site_prefix;
use ports::{Cdn, ErrorKind, PortError, Result};

/// One distribution, which finds a site's files below its prefix in the bucket: its viewer-request function puts the
/// prefix before the path, and CloudFront caches by that longer path.
#[derive(Clone, Debug)]
pub struct CloudFront {
    client: Client,
    distribution: String,
}

impl CloudFront {
    /// The distribution with this id.
    pub fn new(client: Client, distribution: impl Into<String>) -> Self {
        Self { client, distribution: distribution.into() }
    }
}

#[async_trait]
impl Cdn for CloudFront {
    /// One path with a wildcard, which is charged as one however many files it covers. CloudFront takes a repeat with
    /// the same caller reference for the same invalidation. `Transient` while too many are under way.
    async fn invalidate(&self, project: &ProjectId, reference: &str) -> Result<()> {
        let invalid =
            |err| PortError::new(ErrorKind::Malformed, format!("the invalidation {reference}: {err}"));
        let paths = Paths::builder().quantity(1).items(format!("/{}*", site_prefix(project))).build();
        let batch = InvalidationBatch::builder().paths(paths.map_err(invalid)?).caller_reference(reference);
        let asked = self
            .client
            .create_invalidation()
            .distribution_id(&self.distribution)
            .invalidation_batch(batch.build().map_err(invalid)?)
            .send()
            .await;
        let what = format_args!("the caches of {project} in the distribution {}", self.distribution);
        asked.map(|_| ()).map_err(|err| fault(what, &err))
    }
}
