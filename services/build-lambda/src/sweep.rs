//! Finding what nobody told: pushes whose webhook was lost, and publishes whose answer came to nobody.

use crate::history::{LOOK_BACK, newest_build};
use crate::run::{Shop, Trouble};
use data_encoding::HEXLOWER;
use domain::project::Project;
use ports::PortError;
use ports::messages::Message;
use ports::releases::{Order, Ordered};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

impl Shop {
    /// Looks at every project once. A project that cannot be asked does not keep the others waiting for ever: git
    /// has a time limit of its own.
    pub(crate) async fn sweep(&self) -> Result<(), PortError> {
        let open = self.deps.releases.open_orders().await?;
        let busy: HashSet<_> = open.into_iter().map(|order| order.project).collect();
        for project in self.deps.projects.list().await? {
            if busy.contains(&project.project_id) {
                continue;
            }
            if let Err(err) = self.look_at(&project).await {
                tracing::warn!(project = %project.project_id, error = %err, "a site cannot be looked after");
            }
        }
        Ok(())
    }

    async fn look_at(&self, project: &Project) -> Result<(), Trouble> {
        let id = &project.project_id;
        // Asked before the head is: what was published by now is in that head.
        let waiting = self.waiting(id).await?;
        let head = self.source(project).await?.head().await?.to_string();
        let rows = self.deps.releases.list(id, LOOK_BACK).await?;
        let newest = rows.first().map_or("none", |row| row.id.as_str());
        let key = match newest_build(&rows) {
            Some(known) if known.commit == head && waiting.is_empty() => return Ok(()),
            // Another key for others who wait, and the same for the same: they are looked at once.
            Some(known) if known.commit == head => format!("sweep/{id}/{}/{newest}", all_of(&waiting)),
            _ => format!("sweep/{id}/{head}/{newest}"),
        };
        let order = Ordered { key, project: id.clone(), order: Order::Push { commit: head } };
        if self.deps.releases.order(&order).await? {
            tracing::info!(project = %id, "found a push that nobody told of");
        }
        Ok(())
    }
}

/// A short name for exactly these messages.
fn all_of(messages: &[Message]) -> String {
    let mut hash = Sha256::new();
    for message in messages {
        hash.update(message.id.as_str());
    }
    let mut name = HEXLOWER.encode(&hash.finalize());
    name.truncate(20);
    name
}
