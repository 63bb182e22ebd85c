//! The containers of this process. They end with it, so that nothing of them is kept on disk.

use async_trait::async_trait;
use domain::{ContainerId, Timestamp};
use ports::containers::ContainerRow;
use ports::{Clock, Containers, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The register.
pub(crate) struct ContainerBook {
    clock: Arc<dyn Clock>,
    rows: Mutex<HashMap<ContainerId, (ContainerRow, Timestamp)>>,
}

impl ContainerBook {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, rows: Mutex::default() }
    }

    /// Those that are there now.
    fn rows(&self) -> MutexGuard<'_, HashMap<ContainerId, (ContainerRow, Timestamp)>> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        rows.retain(|_, (_, until)| *until > now);
        rows
    }
}

#[async_trait]
impl Containers for ContainerBook {
    async fn register(&self, row: &ContainerRow, life: Duration) -> Result<()> {
        let until = self.clock.now().plus(life);
        self.rows().insert(row.id.clone(), (row.clone(), until));
        Ok(())
    }

    async fn get(&self, id: &ContainerId) -> Result<Option<ContainerRow>> {
        Ok(self.rows().get(id).map(|(row, _)| row.clone()))
    }

    async fn list(&self) -> Result<Vec<ContainerRow>> {
        Ok(self.rows().values().map(|(row, _)| row.clone()).collect())
    }

    async fn leave(&self, id: &ContainerId) -> Result<()> {
        self.rows().remove(id);
        Ok(())
    }
}
