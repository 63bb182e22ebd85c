//! What a container says to an owner.

use crate::error::TurnError;
use crate::stop::Why;
use agent::{Overreach, Question};
use domain::Timestamp;
use domain::money::{CapKind, Standing};
use ports::messages::Message;
use std::path::{Path, PathBuf};

pub(crate) const TOO_MANY_TURNS: &str = "I began with this many times and was cut off each time, so I have stopped trying. \
     Nothing was changed. Please send it again in other words, or in smaller steps.";
pub(crate) const NOTHING_TO_DECIDE: &str =
    "There is nothing here that waits for a decision. Write in a sentence what should change.";
pub(crate) const NOTHING_NEW: &str = "Everything in this conversation is already part of the published version, so there is nothing new to publish.";

pub(crate) const NOTHING_TO_UNDO: &str = "There is no change left in this conversation that could be undone.";
pub(crate) const AMENDED: &str = "Your next message came while I was working on this. What I had done is kept, and the answer to that \
     message is for both.";

pub(crate) const NOW_AMENDED: &str =
    "You wrote again: I stop here, keep what I have done, and go on with both.";
pub(crate) const NOW_REPLACED: &str = "You wrote again: I stop this and do the new thing instead.";
pub(crate) const NOW_QUEUED: &str = "You wrote again: I do that right after this.";
pub(crate) const NOW_ASKED: &str = "You asked something: I answer right after this.";
pub(crate) const CANCELLED: &str = "Stopped. Nothing is running in this conversation now.";

/// A stopped turn did this much, which is no part of the site now.
pub(crate) fn set_aside(why: Why, anything: bool) -> String {
    match (why, anything) {
        (Why::Replaced | Why::Amended, _) => {
            "Stopped, because you asked for something else instead. Nothing of it is in the site.".to_owned()
        }
        (Why::Cancelled, true) => {
            "Stopped, as you asked. What I had done so far is set aside and not in the site; reply \u{201c}continue\u{201d} \
             and I go on from there."
                .to_owned()
        }
        (Why::Cancelled, false) => {
            "Stopped, as you asked. Nothing had been changed yet; reply \u{201c}continue\u{201d} if you want it after all."
                .to_owned()
        }
    }
}

/// A message comes while a cap is used up.
pub(crate) fn not_begun(cap: &Standing, at: Timestamp) -> String {
    format!(
        "{} is used up, so I have not begun with this. Everything that was done before is kept, and \u{201c}publish\u{201d}, \
         \u{201c}undo\u{201d} and \u{201c}take it back\u{201d} work as ever. {} Reply \u{201c}continue\u{201d} then, and I do it.",
        capital(&allowance(cap)),
        raised(cap, at)
    )
}

/// A cap was used up in the middle of a turn, which had done something or not.
pub(crate) fn used_up(cap: Option<Standing>, at: Timestamp, anything: bool) -> String {
    let (which, when) = match &cap {
        Some(cap) => (allowance(cap), raised(cap, at)),
        None => ("what this may cost".to_owned(), String::new()),
    };
    let kept = if anything {
        "What I had done so far is set aside and not in the site, and nothing of it is lost."
    } else {
        "Nothing had been changed yet."
    };
    let then = if when.is_empty() { "" } else { " then" };
    format!(
        "I stopped in the middle of this, because {which} is used up. {kept} {when} Reply \u{201c}continue\u{201d}{then}, and I \
         go on from there."
    )
    .replace("  ", " ")
}

/// Most of a cap is used up.
pub(crate) fn nearly_used_up(cap: &Standing) -> String {
    format!("{} % of {} is used.", cap.percent(), allowance(cap))
}

/// A cap, as its owner calls it.
fn allowance(cap: &Standing) -> String {
    let of = match cap.kind {
        CapKind::Message => "what one message may cost",
        CapKind::ProjectDay => "the site\u{2019}s allowance for today",
        CapKind::ProjectMonth => "the site\u{2019}s allowance for this month",
        CapKind::UserDay => "your allowance for today",
        CapKind::UserMonth => "your allowance for this month",
    };
    format!("{of} ({})", cap.cap)
}

/// When there is a new allowance, and who can raise it before. For a message the next one is enough.
fn raised(cap: &Standing, at: Timestamp) -> String {
    cap.kind.span().map_or_else(String::new, |span| {
        let day = span.free_again(at);
        format!("There is a new one on {day} (at midnight UTC), and whoever runs this service can raise it before.")
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An answer is for the interrupted instructions before it, too.
pub(crate) fn answers_both(kept: &[&Message]) -> String {
    let quoted: Vec<String> = kept.iter().map(|m| quoted(&m.instruction)).collect();
    format!("Your message came while I was working on {}; this is the answer to both.", quoted.join(" and "))
}

/// An answer is for an instruction that was wanted instead.
pub(crate) fn instead_of(instruction: &str) -> String {
    format!("I dropped {} and did this instead.", quoted(instruction))
}

/// An answer is for an instruction that was stopped before.
pub(crate) fn goes_on(instruction: &str) -> String {
    format!("I went on with {}.", quoted(instruction))
}

fn quoted(instruction: &str) -> String {
    format!("\u{201c}{}\u{201d}", domain::commit::subject(instruction))
}

pub(crate) const MENDING: &str = "The site does not build with this yet; mending it.";
pub(crate) const NOT_CHECKED: &str = "Note: I could not check whether the site builds with this. Publishing will show it, and puts nothing broken live.";
pub(crate) const BROKEN_BEFORE: &str = "Note: the site does not build at the moment, and did not before this change either, so it cannot be \
     published as it is. Please show this to whoever looks after the repository, or ask me to mend it.";

/// Something that was asked for is done, and the site does not build with it.
pub(crate) fn does_not_build(says: &str) -> String {
    format!("Note: the site does not build like this, so it cannot be published yet. The build said: {says}")
}

/// The agent could not make the site build again.
pub(crate) fn gave_up_mending(says: &str) -> String {
    format!(
        "I made this change, but the site does not build with it, and I could not mend that. So it is set aside, and the \
         site is as it was before. Reply \u{201c}continue\u{201d} and I try again from there, or tell me to do it \
         differently. The build said: {says}"
    )
}

pub(crate) const PLAN_STOPPED: &str = "Stopped before the plan was made. Nothing was changed.";
pub(crate) const REJECTED: &str =
    "All right, I leave it as it is. Nothing was changed. Write whenever something else should change.";

pub(crate) const BROUGHT_IN: &str = "All of it is in the site now.";
pub(crate) const GONE: &str =
    "The work that waited for your yes does not fit the site as it is now. Please ask for it again.";

/// Work that went beyond its plan waits for another yes.
pub(crate) fn beyond(summary: &str, files: &[String]) -> String {
    format!(
        "{summary}\n\nThis is done, but it touches more than the plan said: {}. It is not in the site yet, and comes in \
         with your yes.",
        files.join(", ")
    )
}

/// A plan, as the owner reads it before a yes.
pub(crate) fn plan(why: Option<&Overreach>, plan: &str) -> String {
    match why {
        None => plan.to_owned(),
        Some(Overreach::RemovesPage(page)) => {
            format!("This would remove {}, so I ask first.\n\n{plan}", quoted(page_name(page)))
        }
        Some(Overreach::ManyFiles(most)) => {
            format!("This would change more than {most} files, so I ask first.\n\n{plan}")
        }
    }
}

/// A page as its owner knows it: without the folder of all pages and the file's ending.
fn page_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let inside =
        ["src/pages/", "src/content/", "src/"].iter().find_map(|dir| path.strip_prefix(dir)).unwrap_or(path);
    let name = inside.rsplit_once('.').map_or(inside, |(name, _)| name);
    name.strip_suffix("/index").unwrap_or(name)
}

/// An answer to a plan was neither yes nor no.
pub(crate) fn asked_back(plan: &str) -> String {
    format!(
        "I am not sure whether that is a yes, so nothing was changed. Reply \u{201c}yes\u{201d} to let me do it, \
         \u{201c}no\u{201d} to leave it, or write what should be different. The plan was:\n\n{plan}"
    )
}

/// What the agent wants to know, with what it offers as answers.
pub(crate) fn asks(questions: &[Question]) -> String {
    let asked = questions.iter().map(|asked| {
        let choices = asked.options.iter().map(|choice| match choice.description.as_str() {
            "" => format!("\n- {}", choice.label),
            description => format!("\n- {}: {description}", choice.label),
        });
        format!("{}{}", asked.question, choices.collect::<String>())
    });
    asked.collect::<Vec<_>>().join("\n\n")
}

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

pub(crate) const REDONE: &str = "I took the undo back: what it had taken away is there again. If it was live, reply \u{201c}publish\u{201d}.";

/// An "undo" of these changes, newest first, was carried out.
pub(crate) fn undone(changes: &[&Message]) -> String {
    let what: Vec<String> = changes.iter().map(|change| quoted(&change.instruction)).collect();
    format!(
        "I took this back: {}. If it was live, reply \u{201c}publish\u{201d} to take it back there too; \u{201c}undo the \
         undo\u{201d} brings it back.",
        what.join(", ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn a_used_up_cap_says_which_until_when_and_what_was_kept() {
        let cap = |kind| Standing { kind, cap: Money::dollars(5), spent: Money::dollars(4) };
        let day = not_begun(&cap(CapKind::ProjectDay), Timestamp(0));
        assert!(day.starts_with("The site\u{2019}s allowance for today ($5.00) is used up"), "{day}");
        assert!(day.contains("on 2 January (at midnight UTC)"), "{day}");
        let month = used_up(Some(cap(CapKind::UserMonth)), Timestamp(0), true);
        assert!(month.contains("your allowance for this month") && month.contains("1 February"), "{month}");
        assert!(month.contains("set aside") && month.contains("\u{201c}continue\u{201d} then"), "{month}");
        let message = used_up(Some(cap(CapKind::Message)), Timestamp(0), false);
        assert!(
            !message.contains("UTC")
                && message.ends_with("\u{201c}continue\u{201d}, and I go on from there."),
            "{message}"
        );
        assert_eq!(
            nearly_used_up(&cap(CapKind::ProjectDay)),
            "80 % of the site\u{2019}s allowance for today ($5.00) is used."
        );
    }

    #[test]
    fn pages_are_called_as_their_owner_knows_them() {
        for (path, name) in [
            ("src/pages/about.astro", "about"),
            ("src/pages/shop/index.astro", "shop"),
            ("src/content/blog/first-post.md", "blog/first-post"),
            ("src/pages/", "pages"),
        ] {
            assert_eq!(page_name(path), name);
        }
    }
}
