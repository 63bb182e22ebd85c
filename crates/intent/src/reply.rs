//! Reads the reply to a plan: yes or no, perhaps with a change, and else nothing.
//!
//! Only what the reply begins with says yes or no, and all behind it must be a change that is understood as one. So a
//! condition, a doubt, a question or a yes beside a no approves nothing.

mod answers;
mod changes;

use crate::polite::after_greeting;
use crate::question::wants;
use crate::signature::unsigned;
use crate::tokens::{END, PAUSE, QUESTION, is_stop, sentences, tokens_at};
use crate::words::{behind, words};
use answers::{NEUTRAL, NO, YES};
use changes::{
    AND_VERBS, BUT, DOUBTS, EXCEPT, INSTEAD, LAST_VERBS, LEADS, MODALS, NOT, ONLY, ONLY_PARTS, PARTS,
    PRONOUNS, SELVES, SPEAKERS, VERBS,
};

/// A longer reply, in bytes, says more than an answer: it is left to somebody who understands it.
const REPLY_MAX: usize = 16 * 1024;

/// A part of a site has a name of at most so many words.
const PART_MAX: usize = 5;

/// What a reply says to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PlanReply {
    /// The plan is approved as it is.
    Yes,
    /// It is approved with a change, in the owner's own words.
    YesBut(String),
    /// It is refused.
    No,
    /// It is refused for something else, in the owner's own words.
    NoBut(String),
    /// None of these: nothing is done, and the plan waits.
    Unclear,
}

/// Reads `text`, the owner's reply. Lines that quote somebody and a signature do not count.
pub fn reply_to_plan(text: &str) -> PlanReply {
    reply_to_plan_by(text, "")
}

/// Like [`reply_to_plan`], where the author's own `name` under the reply changes nothing.
pub fn reply_to_plan_by(text: &str, name: &str) -> PlanReply {
    let unquoted: String =
        text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('>')).collect();
    let own = unsigned(&unquoted, name).unwrap_or(&unquoted);
    if own.trim().len() > REPLY_MAX {
        return PlanReply::Unclear;
    }
    let (own, thumbs) = without_thumbs(own.trim());
    let (tokens, at) = tokens_at(own);
    let end = without_name(&tokens, name);
    let text = &own[..at.get(end).copied().unwrap_or(own.len())];
    let reply = Reply { text, tokens: &tokens[..end], at: &at };
    reply.read(thumbs)
}

/// Yes and no, as far as both were said.
#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    yes: bool,
    no: bool,
}

/// The thumbs before and behind a text. They stand for a reply only where it has no other words.
#[derive(Clone, Copy, Debug, Default)]
struct Thumbs {
    before: Answer,
    behind: Answer,
}

struct Reply<'a> {
    text: &'a str,
    tokens: &'a [String],
    /// Where each token begins in `text`.
    at: &'a [usize],
}

/// What stands behind the yes or the no.
struct Rest<'a> {
    tokens: &'a [String],
    /// Whether a stop or a "but" stands before it.
    apart: bool,
    /// Whether a "but" or an "only" does.
    joined: bool,
}

impl Reply<'_> {
    fn read(&self, thumbs: Thumbs) -> PlanReply {
        let (said, rest) = self.answer(thumbs.before);
        let behind = self.tokens.len() - rest.tokens.len();
        // A question that is a request ("but could you keep …?") says how; a yes or a no that asks says nothing.
        if self.asks() || self.tokens[..behind].iter().any(|token| token == QUESTION) {
            return PlanReply::Unclear;
        }
        if rest.tokens.is_empty() {
            let both = if said.yes || said.no { said } else { thumbs.behind };
            return match (both.yes || thumbs.behind.yes, both.no || thumbs.behind.no) {
                (true, false) => PlanReply::Yes,
                (false, true) => PlanReply::No,
                _ => PlanReply::Unclear,
            };
        }
        let words = || self.text[self.at[behind]..].trim().to_owned();
        match (said.yes, said.no) {
            _ if holds(rest.tokens, DOUBTS) => PlanReply::Unclear,
            (true, false) if !thumbs.behind.no && rest.changes_what_is_wanted() => PlanReply::YesBut(words()),
            (false, true) if thumbs.behind.yes || rest.turns_round() => PlanReply::Unclear,
            (false, true) if rest.wants_something_else() => PlanReply::NoBut(words()),
            (false, true) if rest.apart => PlanReply::No,
            _ => PlanReply::Unclear,
        }
    }

    /// Whether a question is among it that is no request.
    fn asks(&self) -> bool {
        sentences(self.tokens).any(|said| said.last().is_some_and(|last| last == QUESTION) && !wants(said))
    }

    /// The yes and the no that the reply begins with, and what stands behind them.
    fn answer(&self, mut said: Answer) -> (Answer, Rest<'_>) {
        let mut tokens = self.tokens;
        let mut apart = true;
        while let Some(first) = tokens.first() {
            if is_stop(first) {
                apart = true;
                tokens = &tokens[1..];
                continue;
            }
            let phrases = [(NO, Answer { no: true, yes: false }), (YES, Answer { yes: true, no: false })];
            let neutral = [after_greeting(tokens), after_phrase(tokens, NEUTRAL)].into_iter().flatten();
            let found = phrases
                .iter()
                .filter_map(|(phrases, answer)| Some((after_phrase(tokens, phrases)?, *answer)))
                .chain(neutral.map(|rest| (rest, Answer::default())))
                .min_by_key(|(rest, _)| rest.len());
            let Some((rest, answer)) = found else { break };
            said = Answer { yes: said.yes || answer.yes, no: said.no || answer.no };
            apart = false;
            tokens = rest;
        }
        let and = || behind(tokens, "i").filter(|rest| after_any(rest, AND_VERBS).is_some());
        let but = after_any(tokens, BUT).or_else(and).map(skip_pauses).filter(|rest| !rest.is_empty());
        let tokens = but.unwrap_or(tokens);
        let joined = but.is_some() || after_any(tokens, ONLY).is_some();
        (said, Rest { tokens, apart: apart || joined, joined })
    }
}

impl Rest<'_> {
    /// Whether all of it is a change to a plan that is approved.
    fn changes_what_is_wanted(&self) -> bool {
        let contradicts = begins_with_more(self.tokens, NO)
            || sentences(self.tokens).skip(1).any(|said| after_phrase(said, NO).is_some());
        let elsewhere = !self.joined && holds(self.tokens, &INSTEAD[..1]);
        let changes = match self.verb() {
            Some(Verb::Plain) => true,
            Some(Verb::Negated) => self.joined,
            None => (self.joined && self.names_a_part()) || (self.apart && self.says_how_it_is_to_be()),
        };
        changes && !contradicts && !elsewhere
    }

    /// Whether it says what to do in place of a plan that is refused.
    fn wants_something_else(&self) -> bool {
        let instead = after_any(self.tokens, INSTEAD).is_some() || holds(self.tokens, &INSTEAD[..1]);
        match self.verb() {
            Some(Verb::Plain) => true,
            Some(Verb::Negated) => instead || self.goes_on(),
            None if after_any(self.tokens, ONLY).is_some_and(|rest| !rest.is_empty()) => true,
            None => instead || (self.apart && (self.names_a_part() || self.says_how_it_is_to_be())),
        }
    }

    /// Whether a yes stands behind the no.
    fn turns_round(&self) -> bool {
        let segments = self.tokens.split(|token| is_stop(token));
        segments.skip(1).any(|said| after_phrase(said, YES).is_some())
    }

    /// Whether more is said behind a stop or a "but".
    fn goes_on(&self) -> bool {
        let stop = |token: &String| token == PAUSE || token == END || BUT.contains(&token.as_str());
        let at = self.tokens.iter().position(stop);
        at.is_some_and(|at| self.tokens[at..].iter().filter(|token| !is_stop(token)).count() > 1)
    }

    /// The verb of a change, where it begins with one and says more than it.
    fn verb(&self) -> Option<Verb> {
        let mut rest = self.tokens;
        let mut verb = Verb::Plain;
        loop {
            rest = skip_pauses(rest);
            if let Some(behind) = after_any(rest, NOT) {
                verb = Verb::Negated;
                rest = behind;
            } else if let Some(behind) = after_any(rest, LEADS) {
                rest = behind;
            } else {
                break;
            }
        }
        if let Some(first) = rest.first().and_then(|first| first.strip_prefix("n'")) {
            return VERBS.contains(&first).then_some(Verb::Negated);
        }
        let object = after_any(rest, VERBS)?.first()?;
        (!is_stop(object) && !SELVES.contains(&object.as_str())).then_some(verb)
    }

    /// "In green", "not the footer", "only the title": a few words, and no more negation among them.
    fn names_a_part(&self) -> bool {
        let only = || after_any(self.tokens, ONLY).and_then(|rest| after_any(rest, ONLY_PARTS));
        let part = after_any(self.tokens, EXCEPT).or_else(|| after_any(self.tokens, PARTS)).or_else(only);
        let plain =
            |token: &String| !holds(std::slice::from_ref(token), NOT) && !NO.contains(&token.as_str());
        part.map(|rest| rest.strip_suffix(&[END.to_owned()]).unwrap_or(rest)).is_some_and(|rest| {
            let stopped = rest.iter().any(|token| is_stop(token));
            !rest.is_empty() && rest.len() <= PART_MAX && !stopped && rest.iter().all(plain)
        })
    }

    /// "The logo should stay", "die Telefonnummer nicht ändern"; not what the speaker must do.
    fn says_how_it_is_to_be(&self) -> bool {
        let first = sentences(self.tokens).next().unwrap_or_default();
        let words: Vec<&str> = first.iter().map(String::as_str).filter(|token| !is_stop(token)).collect();
        let ends = words.len() > 1 && words.last().is_some_and(|word| LAST_VERBS.contains(word));
        let refuses = words.first().is_some_and(|word| PRONOUNS.contains(word)) && holds(first, NOT);
        !refuses && !holds(first, SPEAKERS) && (ends || holds(first, MODALS))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Plain,
    Negated,
}

/// What stands behind the longest of `phrases`; one that ends in a stop needs a stop, politeness or nothing behind it.
fn after_phrase<'a>(tokens: &'a [String], phrases: &[&str]) -> Option<&'a [String]> {
    let fits = |phrase: &&str| match phrase.strip_suffix(" ,") {
        None => behind(tokens, phrase),
        Some(phrase) => behind(tokens, phrase).filter(|rest| {
            let closed = rest.first().is_none_or(|next| is_stop(next));
            closed || NEUTRAL.iter().any(|neutral| is_before_stop(rest, neutral))
        }),
    };
    phrases.iter().filter_map(fits).min_by_key(|rest| rest.len())
}

/// Whether `tokens` begin with `phrase`, and with a stop behind it where it ends in one.
fn is_before_stop(tokens: &[String], phrase: &str) -> bool {
    match phrase.strip_suffix(" ,") {
        None => behind(tokens, phrase).is_some(),
        Some(phrase) => {
            behind(tokens, phrase).is_some_and(|rest| rest.first().is_none_or(|next| is_stop(next)))
        }
    }
}

/// Whether `tokens` begin with one of `phrases` that is more than a bare "no".
fn begins_with_more(tokens: &[String], phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| phrase.contains(' ') && after_phrase(tokens, &[phrase]).is_some())
}

fn after_any<'a>(tokens: &'a [String], phrases: &[&str]) -> Option<&'a [String]> {
    phrases.iter().filter_map(|phrase| behind(tokens, phrase)).min_by_key(|rest| rest.len())
}

/// Whether one of `phrases` stands anywhere in `tokens`.
fn holds(tokens: &[String], phrases: &[&str]) -> bool {
    (0..tokens.len()).any(|at| phrases.iter().any(|phrase| behind(&tokens[at..], phrase).is_some()))
}

fn skip_pauses(tokens: &[String]) -> &[String] {
    let at = tokens.iter().position(|token| token != PAUSE).unwrap_or(tokens.len());
    &tokens[at..]
}

/// How many of `tokens` stand before the author's own `name` at their end.
fn without_name(tokens: &[String], name: &str) -> usize {
    let name = words(name);
    let last = tokens.iter().rposition(|token| !is_stop(token) && !name.contains(token));
    last.map_or(tokens.len(), |last| {
        let named = tokens[last + 1..].iter().any(|token| !is_stop(token));
        let stopped = tokens.get(last + 1).is_some_and(|next| is_stop(next));
        if named { last + 1 + usize::from(stopped) } else { tokens.len() }
    })
}

/// `text` without thumbs and ticks at its ends, and what they say.
fn without_thumbs(text: &str) -> (&str, Thumbs) {
    let mut thumbs = Thumbs::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next().filter(|c| is_thumb(*c)) {
        thumbs.before = thumbs.before.and(c);
        rest = rest[c.len_utf8()..].trim_start();
    }
    while let Some(c) = rest.chars().next_back().filter(|c| is_thumb(*c)) {
        thumbs.behind = thumbs.behind.and(c);
        rest = rest[..rest.len() - c.len_utf8()].trim_end();
    }
    (rest, thumbs)
}

impl Answer {
    fn and(self, c: char) -> Self {
        Self { yes: self.yes || YES_SIGNS.contains(&c), no: self.no || NO_SIGNS.contains(&c) }
    }
}

const YES_SIGNS: &[char] = &['👍', '👌', '✅', '✔', '🆗'];
const NO_SIGNS: &[char] = &['👎', '❌', '🚫', '🛑', '✋'];

/// Also what follows a sign to colour it.
fn is_thumb(c: char) -> bool {
    YES_SIGNS.contains(&c) || NO_SIGNS.contains(&c) || matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0f}')
}
