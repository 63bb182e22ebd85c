//! Reads a short reply: is it an order (publish, take back, stop, undo), or does it ask for an edit?
//!
//! A reply counts as an order only if, politeness aside, nothing is left but the order. So a negation, a
//! condition, a time or an object that is not known makes it an instruction, and nothing is published by guess.

use crate::cancel::is_cancel;
use crate::polite::{peel, without_please};
use crate::publish::is_publish;
use crate::rollback::is_rollback;
use crate::signature::unsigned;
use crate::undo::{Undo, undo_of};
use crate::words::words;

/// Longest reply that can be an order, in bytes.
const ORDER_MAX: usize = 300;

/// What a reply asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// An edit, a question, or anything unclear.
    Instruct,
    /// Put the thread live.
    Publish,
    /// Restore the release before.
    Rollback,
    /// Stop what is running.
    Cancel,
    /// Take changes of the thread back.
    Undo(Undo),
    /// Nothing is said.
    Empty,
}

/// Reads `text`, the writer's own words without quotes and signature.
pub fn intent(text: &str) -> Intent {
    intent_by(text, "")
}

/// Like [`intent`]; a reply that ends in the author's own `name` is not an edit because of it.
pub fn intent_by(text: &str, name: &str) -> Intent {
    match said(text, name) {
        Said::Nothing => Intent::Empty,
        Said::Core(core) => order(&core).unwrap_or(Intent::Instruct),
        Said::More => Intent::Instruct,
    }
}

/// The order that `core` is: lower-case, without punctuation and politeness.
pub(crate) fn order(core: &str) -> Option<Intent> {
    match () {
        () if is_publish(core) => Some(Intent::Publish),
        () if is_rollback(core) => Some(Intent::Rollback),
        () => {
            let core = without_please(core);
            if is_cancel(&core) { Some(Intent::Cancel) } else { undo_of(&core).map(Intent::Undo) }
        }
    }
}

/// A reply without the politeness around it.
pub(crate) enum Said {
    /// There are no words.
    Nothing,
    /// What is left, in lower case and without punctuation: an order if it is a known one.
    Core(String),
    /// A quote, a bare question, or more than an order can be.
    More,
}

/// What `text` says, signature, politeness and the author's own `name` aside.
pub(crate) fn said(text: &str, name: &str) -> Said {
    let text = unsigned(text, name).unwrap_or(text).trim();
    if !text.contains(char::is_alphanumeric) {
        return Said::Nothing;
    }
    // A quote is what somebody else said, also where a mail holds nothing but it.
    if text.len() > ORDER_MAX || text.lines().any(|line| line.trim_start().starts_with('>')) {
        return Said::More;
    }
    let words = words(text);
    let mut rest = without_name(&words, name);
    let mut requested = false;
    while let Some(shorter) = peel(rest) {
        requested |= shorter.request;
        rest = shorter.rest;
    }
    // A bare question ("publish?") asks; a question to do it ("could you publish it?") tells.
    if text.contains(['?', '？', '¿']) && !requested {
        return Said::More;
    }
    Said::Core(rest.join(" "))
}

fn without_name<'a>(written: &'a [String], name: &str) -> &'a [String] {
    let name = words(name);
    let mut rest = written;
    while let Some((last, before)) = rest.split_last() {
        if before.is_empty() || !name.contains(last) {
            break;
        }
        rest = before;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_publish() {
        for text in [
            "publish",
            "Publish.",
            "PUBLISH!!!",
            "Please publish this",
            "go live",
            "Go live!",
            "publish it, thanks!",
            "Yes, publish it please.",
            "Looks great, please publish.",
            "Perfect! Publish now",
            "ok publish",
            "Okay, let's publish",
            "Let’s go live 🎉",
            "Could you please publish this?",
            "can you publish it now?",
            "Go ahead and publish",
            "please go ahead and publish it",
            "put it live",
            "Put this live please",
            "make it live",
            "push it live",
            "Publish the changes",
            "publish everything",
            "Publish the site",
            "Please deploy it",
            "ship it!",
            "Hi, please publish this. Thank you!",
            "publish\n\nThanks,",
            "Publish\n\nBest regards",
            "publish, please and thank you",
            "I'd like to publish this",
            "You can publish it now",
            "all good, publish",
            "lgtm, publish",
            "Bitte veröffentlichen",
            "Ja, bitte veröffentlichen. Danke!",
            "Veröffentliche es",
            "Bitte online stellen, vielen Dank",
            "Super, geh live",
            "Publie, s'il te plaît",
            "Publiez-le, merci",
            "Oui, mettez en ligne s’il vous plaît",
            "Tu peux publier",
            "Publícalo, por favor",
            "Sí, publicar por favor",
            "Puedes publicar, gracias",
            "Puede publicar, gracias",
            "Proszę opublikować",
            "Opublikuj to, dziękuję",
            "Tak, opublikuj",
            "Pubblica, grazie",
            "Publiceer het, dank je",
            "Pode publicar, obrigado",
        ] {
            assert_eq!(intent(text), Intent::Publish, "{text}");
        }
    }

    #[test]
    fn everything_unclear_is_an_instruction() {
        for text in [
            "don't publish yet",
            "Do not publish",
            "Don’t publish",
            "please do not publish this",
            "never publish this",
            "when I say publish, you publish",
            "publish a new blog post about X",
            "Publish a post titled Go live",
            "add a publish date",
            "publish?",
            "Should I publish?",
            "Would you publish it?",
            "Will you publish this?",
            "What can you publish?",
            "You can publish it?",
            "Publish this and that",
            "publish the about page",
            "unpublish the about page",
            "I want to publish this next week",
            "Puede publicar?",
            "What happens if I publish it?",
            "publish tomorrow",
            "publish at 5",
            "publish it after you fixed the title",
            "Publish the photo on the about page",
            "publish it but make the title red first",
            "fix the title, then publish",
            "not ready to publish",
            "almost ready to publish",
            "publish nothing",
            "No, publish",
            "if it looks good publish",
            "change the button to \"publish\"",
            "Replace \"A\" with \"B\"",
            "thanks!",
            "ok",
            "yes",
            "take the photo back to the top",
            "go live with the blog only",
            "roll back the menu to three items",
            "Bitte nicht veröffentlichen",
            "Noch nicht veröffentlichen",
            "Veröffentliche einen neuen Beitrag",
            "ne publie pas",
            "Ne publiez pas encore",
            "no publicar",
            "No lo publiques todavía",
            "nie publikuj",
            "Jeszcze nie publikuj",
            "don't take it back",
            "> publish",
        ] {
            assert_eq!(intent(text), Intent::Instruct, "{text}");
        }
        assert_eq!(intent(&format!("publish {}", "please ".repeat(100))), Intent::Instruct);
    }

    #[test]
    fn orders_to_take_back() {
        for text in [
            "take it back",
            "Please take it back!",
            "Take that back please",
            "roll back",
            "rollback",
            "Roll it back, thanks",
            "undo the publish",
            "Undo the last publish",
            "revert the last release",
            "Could you revert the last release?",
            "go back to the previous version",
            "please restore the previous version",
            "Nimm es zurück",
            "Bitte die Veröffentlichung zurücknehmen",
            "Annulez la publication, s'il vous plaît",
            "Revenez à la version précédente",
            "Deshaz la publicación por favor",
            "Vuelve a la versión anterior",
            "Cofnij publikację",
            "Proszę przywróć poprzednią wersję",
        ] {
            assert_eq!(intent(text), Intent::Rollback, "{text}");
        }
    }

    #[test]
    fn nothing_is_empty() {
        for text in ["", " \n\t", "...", "\u{200b}"] {
            assert_eq!(intent(text), Intent::Empty, "{text:?}");
        }
    }

    #[test]
    fn the_authors_own_name_under_the_order_is_no_edit() {
        assert_eq!(intent_by("publish\n\nAnn", "Ann Example"), Intent::Publish);
        assert_eq!(intent_by("Publish it, thanks\nAnn Example", "Ann Example"), Intent::Publish);
        assert_eq!(intent_by("publish\n\nBob", "Ann Example"), Intent::Instruct);
        assert_eq!(intent_by("Publish", "Publish"), Intent::Publish);
    }

    #[test]
    fn a_signature_does_not_hide_an_order() {
        for (text, name) in [
            ("Publish\n\nViele Grüße\nJürgen Müller\nBäckerei Müller\nTel. 0123 456", "Jürgen Müller"),
            ("Publish\n\nJM", "Jürgen Müller"),
            ("Please publish this.\n\nThanks,\nJürgen", "info"),
            ("Publish\n\nThanks\nAnn", "ann"),
            ("publish it\n\nBest regards, Ann Example\n+49 30 1234\nann@example.org", ""),
        ] {
            assert_eq!(intent_by(text, name), Intent::Publish, "{text}");
        }
    }

    #[test]
    fn words_below_an_order_still_count() {
        for text in [
            "Publish\n\nThanks, but wait until Monday",
            "Publish\n\nThanks\nwait until Monday",
            "Publish\n\nTomorrow",
            "Publish\n\nThanks\nNot yet",
            "Publish\n\nThe new page about cats",
        ] {
            assert_eq!(intent_by(text, "Ann Example"), Intent::Instruct, "{text}");
        }
    }
}
