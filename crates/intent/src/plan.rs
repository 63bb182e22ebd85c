//! Tells wishes that destroy or reach far, for which a plan is made first, from small ones.

mod tongues;

use crate::polite::{is_polite, peel_start};
use crate::question::wants;
use crate::tokens::{PAUSE, QUESTION, is_stop, sentences, tokens};
use crate::words::behind;
use tongues::{EVERYTHING, NOT, TONGUES, Tongue, WIDE_ENDINGS};

/// A "not" so many words before a verb belongs to it.
const NOT_REACHES: usize = 3;

/// What a verb means stands among so many words from it on.
const VERB_REACHES: usize = 40;

/// Whether plain rules say that `text` wants something destructive or wide: a page or the blog deleted, the site
/// redesigned, its navigation changed, every page rewritten. What stands between quotation marks are words for the site.
pub fn wants_plan(text: &str) -> bool {
    let tokens = tokens(&without_quotations(text));
    sentences(&tokens)
        .filter(|said| said.last().is_none_or(|last| last != QUESTION) || wants(said))
        .flat_map(|said| said.split(|token| is_stop(token)))
        .any(|clause| TONGUES.iter().any(|tongue| tongue.is_wide(clause)))
}

impl Tongue {
    fn is_wide(&self, clause: &[String]) -> bool {
        self.begins_with_what_goes(clause)
            || (0..clause.len()).any(|at| {
                let rest = &clause[at..clause.len().min(at + VERB_REACHES)];
                let wide =
                    self.deletes(rest) || self.rewrites(rest) || self.changes(rest) || self.renews(rest);
                wide && !is_negated(clause, at)
            })
    }

    /// "Delete the contact page", "remove all photos".
    fn deletes(&self, rest: &[String]) -> bool {
        let Some(object) = after_any(rest, self.delete) else { return false };
        let everything =
            after_any(object, EVERYTHING).is_some_and(|rest| rest.is_empty() || is_polite(&rest.join(" ")));
        let (all, noun) = self.noun(object);
        everything || self.begins_with_wide(noun) || (all && self.begins_with(noun, self.mass))
    }

    /// "Rewrite every page", "translate the site"; not "translate the page".
    fn rewrites(&self, rest: &[String]) -> bool {
        after_any(rest, self.rewrite).is_some_and(|object| {
            let (all, noun) = self.noun(object);
            let mass = || self.begins_with_wide(noun) || self.begins_with(noun, self.mass);
            self.begins_with(noun, self.site) || (all && mass())
        })
    }

    /// "Change the navigation"; not "change the navigation label", nor "the design of the button".
    fn changes(&self, rest: &[String]) -> bool {
        let Some(object) = after_any(rest, self.change) else { return false };
        let noun = self.noun(object).1;
        self.begins_with(noun, self.structure) && !self.names_small(noun)
    }

    /// "Redesign the site", "a new layout for all pages"; not "a new design for the button".
    fn renews(&self, rest: &[String]) -> bool {
        after_any(rest, self.renew).is_some_and(|object| !self.names_small(object))
    }

    /// "Die Kontaktseite bitte löschen", "the blog can go".
    fn begins_with_what_goes(&self, clause: &[String]) -> bool {
        let mut rest = &clause[..clause.len().min(VERB_REACHES)];
        if !(0..rest.len()).any(|at| after_any(&rest[at..], self.gone).is_some()) {
            return false;
        }
        while let Some(shorter) = peel_start(rest) {
            rest = shorter;
        }
        let (all, noun) = self.noun(rest);
        let much = self.begins_with_wide(noun) || (all && self.begins_with(noun, self.mass));
        much && !rest.iter().any(|word| NOT.contains(&word.as_str()))
    }

    /// Whether all of it is meant, and the rest from its noun on.
    fn noun<'a>(&self, object: &'a [String]) -> (bool, &'a [String]) {
        let mut rest = object;
        let mut all = false;
        let mut modifiers = self.modifiers;
        loop {
            if let Some(shorter) = after_any(rest, self.all) {
                all = true;
                rest = shorter;
            } else if let Some(shorter) = after_any(rest, self.before) {
                rest = shorter;
            } else if self.is_modifier(rest) && modifiers > 0 {
                modifiers -= 1;
                rest = &rest[1..];
            } else {
                return (all, rest);
            }
        }
    }

    /// Whether a word stands here that only narrows the noun behind it ("the about page", "the events page").
    fn is_modifier(&self, rest: &[String]) -> bool {
        let Some((word, behind)) = rest.split_first() else { return false };
        let nouns = [self.wide, self.site, self.structure, self.mass, self.small];
        let names = word == "about" || self.mass.contains(&word.as_str());
        let named = names && self.begins_with_wide(behind);
        named
            || !(self.bounds.contains(&word.as_str())
                || nouns.iter().any(|nouns| self.begins_with(rest, nouns)))
    }

    fn begins_with(&self, rest: &[String], nouns: &[&str]) -> bool {
        after_any(rest, nouns).is_some_and(|rest| !self.begins_with_small(rest))
    }

    fn begins_with_wide(&self, rest: &[String]) -> bool {
        let ends = |word: &String| WIDE_ENDINGS.iter().any(|ending| word.ends_with(ending));
        self.begins_with(rest, self.wide)
            || self.begins_with(rest, self.site)
            || (rest.first().is_some_and(ends) && !self.begins_with_small(&rest[1..]))
    }

    fn begins_with_small(&self, rest: &[String]) -> bool {
        after_any(rest, self.small).is_some()
    }

    /// Whether a small thing is named before anything wide is.
    fn names_small(&self, rest: &[String]) -> bool {
        let is = |at: &usize, nouns: &[&str]| after_any(&rest[*at..], nouns).is_some();
        let small = (0..rest.len()).find(|at| is(at, self.small));
        let wide = (0..rest.len()).find(|at| is(at, self.wide) || is(at, self.site));
        small.is_some_and(|small| wide.is_none_or(|wide| small < wide + 2))
    }
}

/// Whether a "not" stands shortly before the verb at `at`, or a German one behind it.
fn is_negated(clause: &[String], at: usize) -> bool {
    let before = &clause[at.saturating_sub(NOT_REACHES)..at];
    let negates = |word: &String| NOT.contains(&word.as_str());
    before.iter().any(negates) || clause[at..].iter().take(VERB_REACHES).any(|word| word == "nicht")
}

/// What stands behind the longest of `phrases`.
fn after_any<'a>(tokens: &'a [String], phrases: &[&str]) -> Option<&'a [String]> {
    phrases.iter().filter_map(|phrase| behind(tokens, phrase)).min_by_key(|rest| rest.len())
}

/// `text` with a stop in place of what stands between quotation marks on a line.
fn without_quotations(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some((before, quoted)) = rest.split_once(OPENS) {
            let Some((_, behind)) = quoted.split_once(CLOSES) else { break };
            kept.push_str(before);
            kept.push_str(PAUSE);
            kept.push(' ');
            rest = behind;
        }
        kept.push_str(rest);
    }
    kept
}

const OPENS: [char; 5] = ['"', '„', '“', '«', '»'];
const CLOSES: [char; 5] = ['"', '“', '”', '»', '«'];
