//! The site's own verbs for one turn: what they work on, and until when.

use crate::check::{Check, check};
use crate::claimed::{Claimed, Tree};
use crate::config::Previews;
use crate::instruct::spec_of;
use async_trait::async_trait;
use gateway::Tools;
use jiff::tz::TimeZone;
use ports::messages::Message;
use site_tools::{Builds, Changes, EndOfChanges, Site};
use std::sync::{Arc, Weak};
use workspace::ThreadTree;

/// The tools for a turn on `message` in `worktree`. They change nothing any more once the second is dropped, whatever of
/// them is still under way then.
pub(crate) fn of_turn(claimed: &Arc<Claimed>, message: &Message, tree: &Arc<Tree>) -> (Tools, EndOfChanges) {
    let changes = Changes::default();
    let end = changes.until_dropped();
    let preview = claimed.previews.as_ref().map(|_| {
        let prefix = claimed.config.preview.prefix(&message.thread);
        format!("{}{}", prefix.origin(), prefix.path())
    });
    let now = jiff::Timestamp::from_millisecond(claimed.backends.clock.now().0).unwrap_or_default();
    let site = Site {
        worktree: tree.path().to_owned(),
        attachments: claimed.place_of(&message.thread).attachments,
        message: message.id.as_str().to_owned(),
        preview,
        today: now.to_zoned(TimeZone::UTC).date(),
        builds: (claimed.config.previews == Previews::Live).then(|| {
            Arc::new(Checked {
                claimed: Arc::downgrade(claimed),
                message: message.clone(),
                tree: Arc::clone(tree),
            }) as Arc<dyn Builds>
        }),
        changes,
    };
    (Tools::new(site_tools::router(site)), end)
}

/// Builds the thread's files as they are in the middle of a turn.
struct Checked {
    claimed: Weak<Claimed>,
    message: Message,
    tree: Arc<Tree>,
}

#[async_trait]
impl Builds for Checked {
    async fn check(&self) -> Result<(), String> {
        let unknown = || "Whether the site builds could not be found out now. Go on without.".to_owned();
        let claimed = self.claimed.upgrade().ok_or_else(unknown)?;
        let looked = async {
            let spec = spec_of(&claimed, &self.message, "As it is".to_owned()).await?;
            let commit = match claimed.git(&self.tree, move |tree| tree.prepare(&spec)).await? {
                Some(prepared) => prepared.commit,
                None => claimed.git(&self.tree, ThreadTree::head).await?,
            };
            check(&claimed, (&self.message.thread, &self.tree), &commit).await
        };
        match looked.await {
            Ok(Check::Built(_)) => Ok(()),
            Ok(Check::Broken(says)) => Err(says),
            Ok(Check::Unknown | Check::Off) | Err(_) => Err(unknown()),
        }
    }
}
