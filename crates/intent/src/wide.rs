//! Requests that take pages away or change the whole site: their owner is asked first.

mod nouns;

use crate::words::words;
use nouns::{
    ALL, AROUND, DESIGNS, NAVIGATION, NEGATIONS, OF_A_PAGE, PAGES, REDESIGN, REMOVE, REPLACE, SITES,
};

/// Longest text that is looked at, in words: what is wide says so soon.
const LOOKED_AT: usize = 120;
/// Most words from a verb to what it is about.
const REACH: usize = 5;

/// Whether `text` plainly asks to remove pages, or to change the whole site. What it does not say plainly shows when the
/// work begins.
pub fn wants_plan(text: &str) -> bool {
    let words = words(text);
    let words: Vec<&str> = words.iter().take(LOOKED_AT).map(String::as_str).collect();
    // Who quotes the old text and the new one wants no more than that.
    let is_quoted = text.contains(['"', '\u{201c}', '\u{201e}', '\u{ab}']);
    (0..words.len()).any(|at| {
        let (before, rest) = words.split_at(at);
        !is_negated(before)
            && (removes_page(rest)
                || redesigns(rest)
                || (!is_quoted && (remakes_navigation(rest) || changes_everything(rest))))
    })
}

fn is_negated(before: &[&str]) -> bool {
    before.iter().rev().take(3).any(|word| NEGATIONS.contains(word))
}

/// "Delete the page about", but not "delete the comma on the page about", nor "remove the page title".
fn removes_page(rest: &[&str]) -> bool {
    let Some(object) = object(rest, REMOVE) else { return false };
    let Some(at) = object.iter().position(|word| PAGES.contains(word) || SITES.contains(word)) else {
        return false;
    };
    let is_of_something = object[..at].iter().any(|word| AROUND.contains(word));
    let is_part = object.get(at + 1).is_some_and(|word| OF_A_PAGE.contains(word));
    !is_of_something && !is_part
}

fn redesigns(rest: &[&str]) -> bool {
    rest.first().is_some_and(|word| REDESIGN.contains(word))
}

/// "Change the navigation", "a new menu for the site".
fn remakes_navigation(rest: &[&str]) -> bool {
    object(rest, REPLACE).is_some_and(|object| {
        let at = object.iter().position(|word| NAVIGATION.contains(word));
        at.is_some_and(|at| {
            let is_part = object.get(at + 1).is_some_and(|word| OF_A_PAGE.contains(word));
            !is_part && !object[..at].iter().any(|word| AROUND.contains(word))
        })
    })
}

/// "A new layout for all pages", "rewrite every page".
fn changes_everything(rest: &[&str]) -> bool {
    let starts = rest.first().is_some_and(|word| REPLACE.contains(word) || DESIGNS.contains(word));
    let near = &rest[..rest.len().min(REACH + 3)];
    let all = near.iter().position(|word| ALL.contains(word));
    let of_all =
        |at: usize| near[at + 1..].iter().take(2).any(|word| PAGES.contains(word) || SITES.contains(word));
    starts && all.is_some_and(of_all)
}

/// The words after one of `verbs`.
fn object<'a, 'b>(rest: &'a [&'b str], verbs: &[&str]) -> Option<&'a [&'b str]> {
    let (verb, object) = rest.split_first()?;
    verbs.contains(verb).then(|| &object[..object.len().min(REACH)])
}

#[cfg(test)]
mod tests {
    use super::wants_plan;

    #[test]
    fn what_takes_pages_away_or_changes_all_of_them_is_planned() {
        for text in [
            "Please delete page about",
            "Delete the page \"Our team\"",
            "remove the blog",
            "Can you remove the whole shop?",
            "get rid of the contact page and drop the imprint page",
            "Redesign the site",
            "We need a redesign of the website",
            "change the navigation",
            "Please rebuild the menu",
            "new layout for all pages",
            "rewrite every page in simple words",
            "Bitte lösche die Seite Kontakt",
            "Entferne den Blog",
            "Gestalte die ganze Webseite neu, ein Redesign bitte",
            "Ein neues Layout für alle Seiten",
            "Supprime la page contact",
            "Refonte du site",
            "une nouvelle mise en page pour toutes les pages",
            "Elimina la página de contacto",
            "Rediseña el sitio",
            "borra el blog",
            "Usuń stronę kontakt",
            "Przeprojektuj witrynę",
            "usuń blog",
        ] {
            assert!(wants_plan(text), "{text}");
        }
    }

    #[test]
    fn what_is_small_is_done_at_once() {
        for text in [
            "delete the comma on the about page",
            "remove the second paragraph",
            "Remove the page title",
            "Please remove the photo from the page about us",
            "replace \"We close at 6\" with \"We close at 4\"",
            "change the navigation label \"Shop\" to \"Store\"",
            "Change the menu entry Home to Start",
            "Add a page titled Team saying hello",
            "Make the title blue",
            "Don't delete the page about",
            "do not redesign anything",
            "We close at 4 on Fridays now",
            "put the photo on page about",
            "Entferne das Komma auf der Seite Kontakt",
            "Lösche den letzten Absatz",
            "Bitte die Seite nicht löschen, sondern umbenennen",
            "Supprime la virgule sur la page contact",
            "Ne supprime pas la page contact",
            "Elimina la foto de la página principal",
            "Usuń przecinek na stronie kontakt",
            "Change every occurrence of colour to color",
            "delete the word page",
            "What would a redesigned site cost?",
        ] {
            assert!(!wants_plan(text), "{text}");
        }
    }
}
