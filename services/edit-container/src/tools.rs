//! The site's own verbs for one turn: what they work on, and until when.

use crate::claimed::Claimed;
use gateway::Tools;
use jiff::tz::TimeZone;
use ports::messages::Message;
use site_tools::{Changes, EndOfChanges, Site};
use std::path::Path;

/// The tools for a turn on `message` in `worktree`. They change nothing any more once the second is dropped, whatever of
/// them is still under way then.
pub(crate) fn of_turn(claimed: &Claimed, message: &Message, worktree: &Path) -> (Tools, EndOfChanges) {
    let changes = Changes::default();
    let end = changes.until_dropped();
    let preview = claimed.previews.as_ref().map(|_| {
        let prefix = claimed.config.preview.prefix(&message.thread);
        format!("{}{}", prefix.origin(), prefix.path())
    });
    let now = jiff::Timestamp::from_millisecond(claimed.backends.clock.now().0).unwrap_or_default();
    let site = Site {
        worktree: worktree.to_owned(),
        attachments: claimed.place_of(&message.thread).attachments,
        message: message.id.as_str().to_owned(),
        preview,
        today: now.to_zoned(TimeZone::UTC).date(),
        builds: None,
        changes,
    };
    (Tools::new(site_tools::router(site)), end)
}
