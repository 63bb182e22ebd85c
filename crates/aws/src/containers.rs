//! Containers in DynamoDB. Silent ones count as gone before DynamoDB removes their rows.

use crate::fault::fault;
use crate::item::{Item, Read, expiry, item, s, t};
use crate::store::Store;
use async_trait::async_trait;
use domain::names::CONTAINERS_TABLE;
use domain::{ContainerId, Timestamp};
use ports::containers::ContainerRow;
use ports::{Containers, Result};
use std::time::Duration;

/// The register of containers.
pub(crate) struct DynamoContainers(pub(crate) Store);

fn key(id: &ContainerId) -> Item {
    item([("containerId", s(id.as_str()))])
}

#[async_trait]
impl Containers for DynamoContainers {
    async fn register(&self, row: &ContainerRow, life: Duration) -> Result<()> {
        let until = self.0.now().plus(life);
        let mut attributes = key(&row.id);
        attributes.extend(item([
            ("address", s(&row.address)),
            ("until", t(until)),
            ("expiresAt", expiry(until)),
        ]));
        let put = self.0.db.put_item().table_name(CONTAINERS_TABLE).set_item(Some(attributes)).send().await;
        put.map(|_| ()).map_err(|error| fault("registering a container", &error))
    }

    async fn get(&self, id: &ContainerId) -> Result<Option<ContainerRow>> {
        let row = self.0.get(CONTAINERS_TABLE, key(id)).await?;
        Ok(row.map(|row| read(&row, self.0.now())).transpose()?.flatten())
    }

    async fn list(&self) -> Result<Vec<ContainerRow>> {
        let scan = self.0.db.scan().table_name(CONTAINERS_TABLE).consistent_read(true);
        let rows = scan.into_paginator().items().send().collect::<std::result::Result<Vec<Item>, _>>().await;
        let rows = rows.map_err(|error| fault("listing containers", &error))?;
        let now = self.0.now();
        rows.iter().filter_map(|row| read(row, now).transpose()).collect()
    }

    async fn leave(&self, id: &ContainerId) -> Result<()> {
        let gone = self.0.db.delete_item().table_name(CONTAINERS_TABLE).set_key(Some(key(id))).send().await;
        gone.map(|_| ()).map_err(|error| fault("removing a container", &error))
    }
}

fn read(row: &Item, now: Timestamp) -> Result<Option<ContainerRow>> {
    if row.time("until")? <= now {
        return Ok(None);
    }
    Ok(Some(ContainerRow { id: row.id("containerId")?, address: row.text("address")?.to_owned() }))
}
