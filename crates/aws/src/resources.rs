//! Which queues and buckets there are, where no infrastructure code has made them: in tests and demonstrations.

use crate::blobs::Buckets;
use crate::connect::Clients;
use crate::fault::fault;
use crate::queues::SqsQueues;
use aws_sdk_ecs::types::ContainerDefinition;
use aws_sdk_s3::operation::create_bucket::CreateBucketError;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_sdk_sesv2::operation::create_email_identity::CreateEmailIdentityError;
use domain::names::{
    CLUSTER, EDIT_SERVICE, EMAIL_DLQ, EMAIL_QUEUE, HERMES_SERVICE, RELEASE_EVENTS_QUEUE, UNCLAIMED_QUEUE,
};
use ports::queues::MAX_RECEIVES;
use ports::{Queues, Result};

/// The region that must not be named when a bucket is made in it.
const NAMELESS_REGION: &str = "us-east-1";

/// Makes the queues that all sites share. Needs the tables.
pub async fn ensure_queues(clients: &Clients) -> Result<()> {
    let queues = SqsQueues::new(clients);
    queues.ensure(EMAIL_QUEUE, Some(EMAIL_DLQ), MAX_RECEIVES).await?;
    queues.ensure(UNCLAIMED_QUEUE, None, MAX_RECEIVES).await?;
    queues.ensure(RELEASE_EVENTS_QUEUE, None, MAX_RECEIVES).await
}

/// Makes the buckets.
pub async fn ensure_buckets(clients: &Clients, buckets: &Buckets) -> Result<()> {
    for name in [&buckets.site, &buckets.mail, &buckets.data] {
        let region = clients.s3.config().region().map(ToString::to_string);
        let place = region.filter(|region| region != NAMELESS_REGION).map(|region| {
            let place = BucketLocationConstraint::from(region.as_str());
            CreateBucketConfiguration::builder().location_constraint(place).build()
        });
        let made = clients.s3.create_bucket().bucket(name).set_create_bucket_configuration(place);
        match made.send().await {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CreateBucketError::is_bucket_already_owned_by_you) => {}
            made => drop(made.map_err(|error| fault(format_args!("bucket {name}"), &error))?),
        }
    }
    Ok(())
}

/// Makes the cluster and its two services, with task definitions that name no image: a stand-in starts nothing by itself.
pub async fn ensure_services(clients: &Clients) -> Result<()> {
    let ecs = &clients.ecs;
    let made = ecs.create_cluster().cluster_name(CLUSTER).send().await;
    made.map_err(|error| fault(format_args!("cluster {CLUSTER}"), &error))?;
    for service in [HERMES_SERVICE, EDIT_SERVICE] {
        let known = ecs.describe_services().cluster(CLUSTER).services(service).send().await;
        let known = known.map_err(|error| fault(format_args!("service {service}"), &error))?;
        if known.services().iter().any(|known| known.status() == Some("ACTIVE")) {
            continue;
        }
        let container = ContainerDefinition::builder().name(service).image(service).essential(true).build();
        let definition = ecs.register_task_definition().family(service).container_definitions(container);
        definition.send().await.map_err(|error| fault(format_args!("task definition {service}"), &error))?;
        let made = ecs.create_service().cluster(CLUSTER).service_name(service).task_definition(service);
        made.desired_count(0)
            .send()
            .await
            .map_err(|error| fault(format_args!("service {service}"), &error))?;
    }
    Ok(())
}

/// Lets SES send from a mail domain. Where it is deployed, DNS records prove that the domain is ours.
pub async fn ensure_identity(clients: &Clients, domain: &str) -> Result<()> {
    match clients.ses.create_email_identity().email_identity(domain).send().await {
        Err(error)
            if error
                .as_service_error()
                .is_some_and(CreateEmailIdentityError::is_already_exists_exception) =>
        {
            Ok(())
        }
        made => made.map(drop).map_err(|error| fault(format_args!("identity {domain}"), &error)),
    }
}

/// Makes everything: tables, queues, buckets, cluster and services. What is there already stays as it is.
pub async fn ensure_all(clients: &Clients, buckets: &Buckets) -> Result<()> {
    crate::tables::ensure_tables(clients).await?;
    ensure_queues(clients).await?;
    ensure_buckets(clients, buckets).await?;
    ensure_services(clients).await
}
