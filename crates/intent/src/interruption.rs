//! What a message means to a turn that is running in its thread.

mod marks;

use crate::order::order;
use crate::polite::{after_greeting, is_polite, peel, peel_end, peel_start};
use crate::question::only_asks;
use crate::signature::unsigned;
use crate::tokens::{END, QUESTION, from_word, is_stop, tokens};
use crate::words::{strip_end, strip_start};
use marks::{AMEND, JOINS, NEGATIONS, NOT_BUT, NOT_WHEN, QUEUE, QUEUE_ALWAYS, REPLACE, VERBS, WHEN_DONE};

/// At most so many marks and polite phrases before a message are read.
const MARKS_MAX: usize = 30;
/// More words and stops than this, politeness among them, are never nothing.
const NOTHING_MAX: usize = 100;

/// What a message asks of a turn that is running in its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interruption {
    /// The same work, changed.
    Amend,
    /// Something else instead: what was done is dropped.
    Replace,
    /// "After that, also …": the turn may finish.
    Queue,
    /// A question: to be answered without an edit.
    Question,
}

/// What plain rules say of `text`, the writer's own words; `None` where they do not decide.
///
/// Marks at the beginning decide ("wait, …", "forget that, …", "after that, …"), a clause at the end ("… when you're
/// done"), or that the text holds nothing but questions. Marks that contradict each other decide nothing.
pub fn interruption(text: &str) -> Option<Interruption> {
    let tokens = tokens(unsigned(text, "").unwrap_or(text));
    let (marks, rest) = marks_of(&tokens);
    if marks.contradict || is_nothing_new(rest) {
        return None;
    }
    if only_asks(rest) {
        return matches!(marks.says, None | Some(Interruption::Amend)).then_some(Interruption::Question);
    }
    if is_not_but(rest) {
        return marks.says.or(Some(Interruption::Amend));
    }
    let negated = NEGATIONS.iter().any(|negation| strip_start(rest, negation).is_some());
    match marks.says {
        Some(Interruption::Amend) if negated && marks.joins => Some(Interruption::Amend),
        _ if negated => None,
        None | Some(Interruption::Amend) if ends_in_queue(rest, text) => Some(Interruption::Queue),
        says => says,
    }
}

/// What the marks before a message say.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    says: Option<Interruption>,
    /// Whether an "and" is among them, after which a negation also changes the work.
    joins: bool,
    /// Whether they say both to drop the work and to finish it.
    contradict: bool,
}

impl Marks {
    /// "Wait" and "and" only lead up to what stands behind them.
    fn add(&mut self, mark: Interruption) {
        match (self.says, mark) {
            (None | Some(Interruption::Amend), mark) => self.says = Some(mark),
            (_, Interruption::Amend) => {}
            (Some(says), mark) => self.contradict |= says != mark,
        }
    }
}

/// The marks before the words of `tokens`, and these.
fn marks_of(tokens: &[String]) -> (Marks, &[String]) {
    let mut marks = Marks::default();
    let mut rest = from_word(tokens);
    for _ in 0..MARKS_MAX {
        let open = |rest: &&[String]| opens(rest);
        rest = if let Some(rest) = after(rest, QUEUE_ALWAYS)
            .or_else(|| after(rest, WHEN_DONE))
            .or_else(|| after(rest, QUEUE).filter(open))
        {
            marks.add(Interruption::Queue);
            rest
        } else if let Some(rest) = after(rest, REPLACE).filter(open) {
            marks.add(Interruption::Replace);
            rest
        } else if let Some(rest) = after_amend(rest) {
            marks.add(Interruption::Amend);
            rest
        } else if let Some(rest) = after(rest, JOINS) {
            marks.add(Interruption::Amend);
            marks.joins = true;
            rest
        } else if let Some(rest) = after_greeting(rest).or_else(|| peel_start(rest)) {
            rest
        } else {
            break;
        };
        rest = from_word(rest);
    }
    (marks, rest)
}

/// `rest` behind the longest of `phrases` that it begins with.
fn after<'a>(rest: &'a [String], phrases: &[&str]) -> Option<&'a [String]> {
    phrases.iter().filter_map(|phrase| strip_start(rest, phrase)).min_by_key(|rest| rest.len())
}

/// Like [`after`] for marks of which some end in a stop: any stop but a question mark will do.
fn after_amend(rest: &[String]) -> Option<&[String]> {
    let stopped = |phrase: &str| {
        let rest = strip_start(rest, phrase.strip_suffix([',', '.']).map_or(phrase, str::trim_end))?;
        let numbered = || rest.get(1).is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
        let stops = rest.first().is_some_and(|next| is_stop(next) && next != QUESTION);
        let fits = !phrase.ends_with([',', '.']) || (stops && !(rest[0] == END && numbered()));
        fits.then_some(rest)
    };
    AMEND.iter().filter_map(|phrase| stopped(phrase)).min_by_key(|rest| rest.len())
}

/// Whether a new thought begins here: a stop, a joining word or a verb.
fn opens(rest: &[String]) -> bool {
    rest.first().is_some_and(|next| {
        let next = next.as_str();
        (is_stop(next) && next != QUESTION) || JOINS.contains(&next) || VERBS.contains(&next)
    })
}

/// Whether politeness or an order is all there is.
fn is_nothing_new(rest: &[String]) -> bool {
    if rest.len() > NOTHING_MAX {
        return false;
    }
    let words: Vec<String> = rest.iter().filter(|token| !is_stop(token)).cloned().collect();
    let mut core = words.as_slice();
    while let Some(peeled) = peel(core) {
        core = peeled.rest;
    }
    let core = core.join(" ");
    core.is_empty() || is_polite(&core) || order(&core).is_some()
}

/// "Not the header but the footer", within one sentence.
fn is_not_but(rest: &[String]) -> bool {
    let end = rest.iter().position(|token| matches!(token.as_str(), END | QUESTION)).unwrap_or(rest.len());
    NOT_BUT.iter().any(|(not, but)| {
        strip_start(&rest[..end], not).is_some_and(|what| {
            !NOT_WHEN.contains(&what[0].as_str()) && what[1..].iter().any(|word| but.contains(&word.as_str()))
        })
    })
}

/// Whether a "when you're done" ends it. Between quotation marks it may be the site's own words.
fn ends_in_queue(rest: &[String], text: &str) -> bool {
    let quotes = ['"', '„', '“', '”', '«', '»'];
    let mut rest = trim_stops(rest);
    for _ in 0..MARKS_MAX {
        let Some(shorter) = peel_end(rest) else { break };
        rest = trim_stops(shorter);
    }
    !text.contains(quotes) && WHEN_DONE.iter().any(|phrase| strip_end(rest, phrase).is_some())
}

fn trim_stops(rest: &[String]) -> &[String] {
    let end = rest.iter().rposition(|token| !is_stop(token)).map_or(0, |at| at + 1);
    &rest[..end]
}
