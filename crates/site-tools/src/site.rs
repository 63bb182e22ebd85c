//! What the tools of one turn work on.

use crate::builds::Builds;
use crate::catalog::Catalog;
use crate::config;
use crate::error::{Result, ToolError};
use crate::folder::{Changes, Folder};
use jiff::civil::Date;
use std::path::PathBuf;
use std::sync::Arc;

/// One turn's site. Its files are looked at anew by each use of a tool.
#[derive(Clone)]
pub struct Site {
    /// The thread's worktree.
    pub worktree: PathBuf,
    /// Where the thread's attachments are: one folder for each message. It is only read.
    pub attachments: PathBuf,
    /// The folder of the message that is worked on, within `attachments`.
    pub message: String,
    /// Where the thread is previewed, with a slash at its end; `None` where there are no previews.
    pub preview: Option<String>,
    /// The date that a new post gets.
    pub today: Date,
    /// Builds the thread's site; `None` where that is not possible.
    pub builds: Option<Arc<dyn Builds>>,
    /// Until when files are changed.
    pub changes: Changes,
}

impl Site {
    /// The worktree, opened.
    pub(crate) fn folder(&self) -> Result<Folder> {
        Folder::open(&self.worktree, &self.changes)
    }

    /// The address in the preview of the page or post that `page` names.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such page, or no preview.
    pub(crate) fn preview_link(&self, page: &str) -> Result<String> {
        let Some(preview) = &self.preview else {
            return Err(ToolError::not_found("This site has no preview here."));
        };
        let folder = self.folder()?;
        let catalog = Catalog::of(&folder)?;
        let address = catalog.find(&folder, page)?.address().ok_or_else(|| {
            ToolError::not_found("No page of the site shows this post by itself, as far as can be seen.")
        })?;
        Ok(format!("{preview}{}{}", config::base(&folder), address.trim_start_matches('/')))
    }
}
