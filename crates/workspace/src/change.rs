//! What differs between two states of the site, as an owner is told it.

use crate::Result;
use git2::{Delta, Diff, DiffFindOptions, DiffOptions, Oid, Repository};
use std::path::PathBuf;

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Was not there before.
    Added,
    /// Has other content, another mode, or became a link.
    Modified,
    /// Is gone.
    Deleted,
    /// Has a new name; the content is the same or nearly.
    Renamed,
}

/// One changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is now (for a deleted file: where it was), relative to the site's root. Not always UTF-8.
    pub path: PathBuf,
    /// Where a renamed file was before.
    pub from: Option<PathBuf>,
    /// How it changed.
    pub kind: ChangeKind,
}

/// The changes of `diff`, with renames found, sorted by path.
pub(crate) fn changes(diff: &mut Diff<'_>) -> Result<Vec<Change>> {
    diff.find_similar(Some(DiffFindOptions::new().renames(true).for_untracked(true)))?;
    let mut changes: Vec<Change> = diff
        .deltas()
        .filter_map(|delta| {
            let kind = match delta.status() {
                Delta::Added | Delta::Untracked | Delta::Copied => ChangeKind::Added,
                Delta::Deleted => ChangeKind::Deleted,
                Delta::Renamed => ChangeKind::Renamed,
                Delta::Modified | Delta::Typechange | Delta::Conflicted => ChangeKind::Modified,
                Delta::Unmodified | Delta::Ignored | Delta::Unreadable => return None,
            };
            let path = delta.new_file().path().or_else(|| delta.old_file().path())?.to_owned();
            let from =
                (kind == ChangeKind::Renamed).then(|| delta.old_file().path().map(PathBuf::from)).flatten();
            Some(Change { path, from, kind })
        })
        .collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// The changes from the tree of commit or tree `old` to that of `new`.
pub(crate) fn between(repo: &Repository, old: Oid, new: Oid) -> Result<Vec<Change>> {
    let tree = |id: Oid| repo.find_object(id, None)?.peel_to_tree();
    let mut options = DiffOptions::new();
    options.include_typechange(true);
    let mut diff = repo.diff_tree_to_tree(Some(&tree(old)?), Some(&tree(new)?), Some(&mut options))?;
    changes(&mut diff)
}
