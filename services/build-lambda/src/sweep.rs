//! Finding what nobody told: pushes whose webhook was lost, and publishes whose answer came to nobody.

use crate::history::{LOOK_BACK, newest_build};
use crate::run::{Shop, Trouble};
use domain::project::Project;
use ports::PortError;
use ports::releases::{Order, Ordered};
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
        let head = self.source(project).head().await?.to_string();
        let rows = self.deps.releases.list(id, LOOK_BACK).await?;
        let newest = rows.first().map_or("none", |row| row.id.as_str());
        let key = match newest_build(&rows) {
            Some(known) if known.commit == head => match waiting.first() {
                Some(message) => format!("sweep/{id}/{}/{newest}", message.id),
                None => return Ok(()),
            },
            _ => format!("sweep/{id}/{head}/{newest}"),
        };
        let order = Ordered { key, project: id.clone(), order: Order::Push { commit: head } };
        if self.deps.releases.order(&order).await? {
            tracing::info!(project = %id, "found a push that nobody told of");
        }
        Ok(())
    }
}
