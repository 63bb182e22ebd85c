//! Reads a short reply: does it ask to publish, to take a release back, or for an edit?
//!
//! A reply counts as an order only if, politeness aside, nothing is left but the order. So a negation, a
//! condition, a time or an object that is not known makes it an instruction, and nothing is published by guess.

use crate::words::{
    POLITE, PUBLISH_LIVE, PUBLISH_OBJECTS, PUBLISH_PHRASES, PUBLISH_VERBS, REQUESTS, ROLLBACK_PHRASES, TIMES,
};

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
    /// Nothing is said.
    Empty,
}

/// Reads `text`, the writer's own words without quotes and signature.
pub fn intent(text: &str) -> Intent {
    intent_by(text, "")
}

/// Like [`intent`]; a reply that ends in the author's own `name` is not an edit because of it.
pub fn intent_by(text: &str, name: &str) -> Intent {
    read_order(unsigned(text, name).unwrap_or(text), name)
}

fn read_order(text: &str, name: &str) -> Intent {
    let words = words(text);
    if words.is_empty() {
        return Intent::Empty;
    }
    // A quote is what somebody else said, also where a mail holds nothing but it.
    if text.trim().len() > ORDER_MAX || text.lines().any(|line| line.trim_start().starts_with('>')) {
        return Intent::Instruct;
    }
    let mut rest = without_name(&words, name);
    let mut requested = false;
    while let Some(shorter) = peel(rest) {
        requested |= shorter.request;
        rest = shorter.rest;
    }
    // A bare question ("publish?") asks; a question to do it ("could you publish it?") tells.
    if text.contains(['?', '？', '¿']) && !requested {
        return Intent::Instruct;
    }
    let core = rest.join(" ");
    match () {
        () if is_publish(&core) => Intent::Publish,
        () if ROLLBACK_PHRASES.contains(&core.as_str()) => Intent::Rollback,
        () => Intent::Instruct,
    }
}

/// The words in lower case. Letters, digits and apostrophes make words; all else separates.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\u{2019}', '\u{2018}', '`', '\u{b4}'], "'");
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `text` before its signature: a closing line ("Viele Grüße") and lines of names and numbers, or only the writer's
/// initials. `None` where what follows could be words: then all of it counts.
fn unsigned<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (before, rest) = text.split_at(at);
        at += line.len();
        if before.trim().is_empty() || line.trim().is_empty() {
            continue;
        }
        let closes = is_closing(line) && rest[line.len()..].lines().all(is_of_a_signature);
        if closes || is_initials(rest.trim(), name) {
            return Some(before);
        }
    }
    None
}

/// Nothing but polite phrases, perhaps with a name behind them.
fn is_closing(line: &str) -> bool {
    let said = words(line);
    let mut rest = said.as_slice();
    while let Some(shorter) = peel(rest).filter(|peeled| !peeled.request) {
        rest = shorter.rest;
    }
    let polite = POLITE.contains(&rest.join(" ").as_str());
    polite || (rest.len() < said.len() && rest.len() <= 3 && is_of_a_signature(tail(line, rest.len())))
}

/// The last `count` words as they were written.
fn tail(line: &str, count: usize) -> &str {
    let line = line.trim();
    let starts: Vec<usize> = line
        .char_indices()
        .filter(|&(at, c)| !c.is_whitespace() && (at == 0 || line[..at].ends_with(char::is_whitespace)))
        .map(|(at, _)| at)
        .collect();
    starts.len().checked_sub(count).and_then(|at| starts.get(at)).map_or("", |&at| &line[at..])
}

/// A line in which no word begins as words of a sentence do: names, numbers, addresses.
fn is_of_a_signature(line: &str) -> bool {
    let is_name = |word: &str| !word.starts_with(char::is_lowercase) || word.contains(['@', '.', '/']);
    line.len() <= 80 && !line.trim_end().ends_with(['.', '!', '?']) && line.split_whitespace().all(is_name)
}

fn is_initials(text: &str, name: &str) -> bool {
    let initials: String = name.split_whitespace().filter_map(|word| word.chars().next()).collect();
    let text: String = text.chars().filter(|c| !matches!(c, '.' | ' ' | '-')).collect();
    text.chars().count() >= 1
        && text.chars().count() <= 3
        && initials.to_lowercase().starts_with(&text.to_lowercase())
}

struct Peeled<'a> {
    rest: &'a [String],
    request: bool,
}

/// Takes one polite phrase off either end.
fn peel(rest: &[String]) -> Option<Peeled<'_>> {
    for phrase in REQUESTS {
        if let Some(rest) = strip_start(rest, phrase) {
            return Some(Peeled { rest, request: true });
        }
    }
    POLITE.iter().find_map(|phrase| {
        let rest = strip_start(rest, phrase).or_else(|| strip_end(rest, phrase))?;
        Some(Peeled { rest, request: false })
    })
}

fn strip_start<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    let count = phrase.split(' ').count();
    (words.len() > count && phrase.split(' ').eq(words[..count].iter().map(String::as_str)))
        .then(|| &words[count..])
}

fn strip_end<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    let count = phrase.split(' ').count();
    let at = words.len().checked_sub(count).filter(|&at| at > 0)?;
    phrase.split(' ').eq(words[at..].iter().map(String::as_str)).then(|| &words[..at])
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

fn is_publish(core: &str) -> bool {
    let core = TIMES.iter().find_map(|time| core.strip_suffix(time)?.strip_suffix(' ')).unwrap_or(core);
    let is_object = |object: &str| PUBLISH_OBJECTS.contains(&object);
    PUBLISH_PHRASES.contains(&core)
        || PUBLISH_VERBS.iter().any(|verb| {
            core.strip_prefix(verb).and_then(|rest| rest.strip_prefix(' ')).is_some_and(is_object)
        })
        || PUBLISH_LIVE.iter().any(|(verb, live)| {
            core.strip_prefix(verb)
                .and_then(|rest| rest.strip_suffix(live))
                .is_some_and(|o| is_object(o.trim()))
        })
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
            "undo",
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
