//! The script: what comes next, decided from the transcript alone.

use crate::conversation::Conversation;
use crate::form::Form;
use crate::reply::{BUILD_CHECK, Reply, ToolUse};
use crate::{delete, photo, post, replace, take_down, write};

/// More steps than any script here has: something does not go on.
const MOST_STEPS: usize = 120;

/// What is said and done next in `conversation`.
pub fn next(conversation: &Conversation) -> Reply {
    if conversation.done.len() > MOST_STEPS {
        return Reply::last("I stopped: this takes more steps than I have.");
    }
    let form = Form::read(&conversation.instruction);
    if conversation.is_to_plan() {
        return plan(form.as_ref());
    }
    if conversation.is_to_mend() {
        return mend(conversation, form.as_ref());
    }
    match form {
        Some(Form::Replace { old, new }) => replace::next(conversation, &old, &new),
        Some(Form::AddPage { title, says }) => write::next(conversation, &title, &says),
        Some(Form::AddPost { title, says }) => post::next(conversation, &title, &says),
        Some(Form::DeletePage { page }) => delete::next(conversation, &page),
        Some(Form::TakeDown { page }) => take_down::next(conversation, &page),
        Some(Form::PlacePhoto { page }) => photo::next(conversation, &page),
        Some(Form::Ask { question, choices }) => Reply::going_on("", vec![ToolUse::ask(&question, &choices)]),
        None => Reply::last(
            "I changed nothing, because I only understand these forms: replace \"A\" with \"B\"; add a page titled T \
             saying …; post \"T\" saying …; delete page P; take down page P; place the attached photo on page P; ask me \"Q?\" \"A\" or \"B\". With a key of your own, the real model \
             understands any words.",
        ),
    }
}

/// Mends what a form broke (a brace in a text is the start of code), and sees whether the site builds then.
fn mend(conversation: &Conversation, form: Option<&Form>) -> Reply {
    let Some(Form::Replace { new, .. }) =
        form.filter(|form| matches!(form, Form::Replace { new, .. } if new.contains('{')))
    else {
        return Reply::last("I could not find out what is wrong.");
    };
    let mended = replace::next(conversation, new, &new.replace('{', ""));
    if !mended.tool_uses.is_empty() || !conversation.offers(BUILD_CHECK) {
        return mended;
    }
    match conversation.uses(BUILD_CHECK).next() {
        None => Reply::going_on("", vec![ToolUse::build_check()]),
        Some(built) => Reply::last(format!("I mended what I had written. {}", built.output())),
    }
}

/// The plan for a form.
fn plan(form: Option<&Form>) -> Reply {
    Reply::last(match form {
        Some(Form::Replace { old, new }) => {
            format!("I would replace “{old}” with “{new}” wherever it stands.")
        }
        Some(Form::AddPage { title, .. }) => {
            format!("I would add a page titled “{title}”. Nothing else changes.")
        }
        Some(Form::AddPost { title, .. }) => format!("I would add a post titled “{title}”."),
        Some(Form::DeletePage { page } | Form::TakeDown { page }) => {
            format!("I would remove the page “{page}”. Links that lead there would lead nowhere.")
        }
        Some(Form::PlacePhoto { page }) => format!("I would place the photo on the page “{page}”."),
        Some(Form::Ask { .. }) | None => "I would look at every page and change how it looks.".to_owned(),
    })
}
