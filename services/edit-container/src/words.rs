//! What a container says to an owner.

use crate::error::TurnError;
use std::path::{Path, PathBuf};

pub(crate) const TOO_MANY_TURNS: &str = "I began with this many times and was cut off each time, so I have stopped trying. \
     Nothing was changed. Please send it again in other words, or in smaller steps.";
pub(crate) const NOTHING_TO_DECIDE: &str =
    "There is nothing here that waits for a decision. Write in a sentence what should change.";
pub(crate) const NOTHING_NEW: &str = "Everything in this conversation is already part of the published version, so there is nothing new to publish.";

pub(crate) const NOTHING_TO_UNDO: &str = "There is no change left in this conversation that could be undone.";
pub(crate) const STOPPED: &str = "Stopped, as you asked. Nothing of it was kept.";
pub(crate) const CANCELLED: &str = "Stopped. Nothing is running in this conversation now.";

/// After the last try.
pub(crate) fn gave_up(error: &TurnError) -> String {
    match error {
        TurnError::Workspace(error) => format!(
            "The site's repository is in a state that I cannot work on: {error}. Nothing was changed. \
             Please show this to whoever looks after the repository."
        ),
        TurnError::Agent(_) => "The assistant that edits the site stopped three times without an answer. Nothing was \
             changed. Please send your message again in a few minutes."
            .to_owned(),
        TurnError::Port(_) | TurnError::Local(_) | TurnError::Stopped => {
            "Something on our side did not work, three times in a row. Nothing was changed. Please send your message \
             again in a few minutes."
                .to_owned()
        }
    }
}

/// The default branch could not be merged at the start of a turn.
pub(crate) fn conflict_note(files: &[PathBuf]) -> String {
    format!(
        "Note: the published version has changed in the same places as this conversation ({}). I worked on this \
         conversation's version; publishing it will need somebody to settle that.",
        listed(files)
    )
}

/// A publish met a conflict.
pub(crate) fn publish_conflict(files: &[PathBuf]) -> String {
    format!(
        "This was not published, because somebody else changed the same lines since this conversation began: {}. \
         Nothing was lost on either side. Reply with what it should say now, or ask the other person first.",
        listed(files)
    )
}

/// An "undo" was carried out.
pub(crate) fn undone(instruction: &str) -> String {
    let what = domain::commit::subject(instruction);
    format!(
        "I took this back: \u{201c}{what}\u{201d}. If it was live, reply \u{201c}publish\u{201d} to take it back there too."
    )
}

/// An "undo" met later changes of the same places.
pub(crate) fn undo_conflict(files: &[PathBuf]) -> String {
    format!(
        "This could not be undone by itself, because later changes touched the same places: {}. Nothing was changed. \
         Tell me in words what should be different.",
        listed(files)
    )
}

fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|file| shown(file)).collect::<Vec<_>>().join(", ")
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
