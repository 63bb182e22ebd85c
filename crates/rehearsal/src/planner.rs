//! The script: what comes next, decided from the transcript alone.

use crate::conversation::Conversation;
use crate::form::Form;
use crate::reply::Reply;
use crate::{delete, photo, replace, write};

/// More steps than any script here has: something does not go on.
const MOST_STEPS: usize = 120;

/// What is said and done next in `conversation`.
pub fn next(conversation: &Conversation) -> Reply {
    if conversation.done.len() > MOST_STEPS {
        return Reply::last("I stopped: this takes more steps than I have.");
    }
    match Form::read(&conversation.instruction) {
        Some(Form::Replace { old, new }) => replace::next(conversation, &old, &new),
        Some(Form::AddPage { title, says }) => write::next(conversation, &title, &says),
        Some(Form::DeletePage { page }) => delete::next(conversation, &page),
        Some(Form::PlacePhoto { page }) => photo::next(conversation, &page),
        None => Reply::last(
            "I changed nothing, because I only understand these forms: replace \"A\" with \"B\"; add a page titled T \
             saying …; delete page P; place the attached photo on page P. With a key of your own, the real model \
             understands any words.",
        ),
    }
}
