//! Which queues and buckets there are, where no infrastructure code has made them: in tests and demonstrations.

use crate::blobs::Buckets;
use crate::connect::Clients;
use crate::fault::fault;
use crate::queues::SqsQueues;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification,
};
use aws_sdk_s3::operation::create_bucket::CreateBucketError;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE, QUEUE_TRACKING_TABLE, RELEASE_EVENTS_QUEUE, UNCLAIMED_QUEUE};
use ports::queues::MAX_RECEIVES;
use ports::{ErrorKind, PortError, Queues, Result};
use std::time::Duration;

/// The region that must not be named when a bucket is made in it.
const NAMELESS_REGION: &str = "us-east-1";
/// Looks at a table that is being made, and the wait between two.
const LOOKS: u32 = 120;
const BETWEEN: Duration = Duration::from_millis(500);

/// Makes the queues that all sites share. Needs [`queue_tracking_table`].
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

/// Makes the table that the queues are tracked in, and waits until it can be used.
pub async fn queue_tracking_table(clients: &Clients) -> Result<()> {
    let build = |error| PortError::new(ErrorKind::Malformed, format_args!("{QUEUE_TRACKING_TABLE}: {error}"));
    let key = KeySchemaElement::builder().attribute_name("queue").key_type(KeyType::Hash).build();
    let text = AttributeDefinition::builder().attribute_name("queue").attribute_type(ScalarAttributeType::S);
    let made = clients
        .dynamodb
        .create_table()
        .table_name(QUEUE_TRACKING_TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key.map_err(build)?)
        .attribute_definitions(text.build().map_err(build)?)
        .send()
        .await;
    match made {
        Err(error)
            if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {}
        made => drop(made.map_err(|error| fault(QUEUE_TRACKING_TABLE, &error))?),
    }
    active(clients).await?;
    let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name("expiresAt").build();
    let expiring = clients.dynamodb.update_time_to_live().table_name(QUEUE_TRACKING_TABLE);
    let expiring = expiring.time_to_live_specification(expiry.map_err(build)?).send().await;
    match expiring.map_err(|error| fault(QUEUE_TRACKING_TABLE, &error)) {
        // Refused when it is on already.
        Err(error) if error.kind() != ErrorKind::Malformed => Err(error),
        _ => Ok(()),
    }
}

async fn active(clients: &Clients) -> Result<()> {
    for _ in 0..LOOKS {
        let described = clients.dynamodb.describe_table().table_name(QUEUE_TRACKING_TABLE).send().await;
        let table = described.map_err(|error| fault(QUEUE_TRACKING_TABLE, &error))?.table;
        if table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err(PortError::new(ErrorKind::Transient, format_args!("{QUEUE_TRACKING_TABLE} is still being made")))
}
