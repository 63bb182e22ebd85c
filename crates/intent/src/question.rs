//! Tells a question, to be answered without an edit, from a request that is put as one.

use crate::polite::{is_polite, peel_start};
use crate::tokens::{QUESTION, from_word, is_stop, sentences};
use crate::words::strip_start;

/// A text of more words and stops than this does more than ask.
const QUESTIONS_MAX: usize = 400;

/// Whether `tokens` hold questions and politeness and nothing else.
pub(crate) fn only_asks(tokens: &[String]) -> bool {
    if tokens.len() > QUESTIONS_MAX {
        return false;
    }
    let mut asked = false;
    sentences(tokens).map(without_politeness).all(|sentence| {
        let asks = asks(sentence);
        asked |= asks;
        asks || sentence.iter().all(|token| is_stop(token))
    }) && asked
}

/// `sentence` without polite phrases before it; nothing where it is all politeness.
fn without_politeness(sentence: &[String]) -> &[String] {
    let mut rest = from_word(sentence);
    while let Some(shorter) = peel_start(rest) {
        rest = from_word(shorter);
    }
    let end = rest.iter().rposition(|token| !is_stop(token)).map_or(0, |at| at + 1);
    if is_polite(&rest[..end].join(" ")) { &[] } else { rest }
}

fn asks(sentence: &[String]) -> bool {
    let begins = |phrases: &[&str]| phrases.iter().any(|phrase| strip_start(sentence, phrase).is_some());
    sentence.last().is_some_and(|last| last == QUESTION)
        && (begins(TELL_ME) || (begins(ASKS) && !begins(SUGGESTS) && !wants(sentence)))
}

/// Whether `sentence` asks for work.
pub(crate) fn wants(sentence: &[String]) -> bool {
    (0..sentence.len()).any(|at| WANTS.iter().any(|phrase| strip_start(&sentence[at..], phrase).is_some()))
}

/// Requests for nothing but an answer.
#[rustfmt::skip]
const TELL_ME: &[&str] = &[
    "can you tell me", "could you tell me", "can you explain", "could you explain", "do you know",
    "can you say", "kannst du mir sagen", "können sie mir sagen", "könnten sie mir sagen",
    "könntest du mir sagen", "kannst du mir erklären", "können sie mir erklären", "weißt du", "wissen sie",
    "peux tu me dire", "pouvez vous me dire", "pourriez vous me dire", "tu peux me dire",
    "vous pouvez me dire", "sais tu", "savez vous", "puedes decirme", "me puedes decir", "podrías decirme",
    "puede decirme", "me puede decir", "sabes", "możesz mi powiedzieć", "czy możesz mi powiedzieć",
    "możesz powiedzieć", "czy wiesz",
];

/// How questions begin.
#[rustfmt::skip]
const ASKS: &[&str] = &[
    // English
    "what", "what's", "which", "who", "who's", "whose", "where is", "where are", "where's", "where did",
    "where do", "where does", "where can", "where will", "when is", "when are", "when will", "when did",
    "when do", "when does", "when was", "when can", "why", "how", "how's", "is", "are", "was", "were", "did",
    "does", "do you", "do we", "do i", "do they", "do the", "do our", "do visitors", "do customers",
    "have you", "have we", "have they", "has", "will it", "will this", "will that", "will the", "will they",
    "will there",
    // German
    "was", "wie", "warum", "wieso", "weshalb", "wann", "wo", "wer", "wem", "wen", "welche", "welcher",
    "welches", "welchen", "womit", "wofür", "wozu", "woher", "wohin", "ist", "sind", "war", "waren",
    "hast du", "haben sie", "haben wir", "hat", "habt ihr", "gibt es", "gibt's", "bist du", "seid ihr",
    "wird", "werden", "steht", "geht", "funktioniert", "stimmt",
    // French
    "qu'est ce que", "qu'est ce qui", "est ce que", "est ce qu'il", "est ce qu'on", "que", "quoi", "quel",
    "quelle", "quels", "quelles", "comment", "pourquoi", "quand est", "quand sera", "où", "qui", "combien",
    "as tu", "avez vous", "avons nous", "es tu", "êtes vous", "est il", "est elle", "y a t il", "c'est quoi",
    "c'est prêt", "c'est fini", "c'est en ligne", "a t on",
    // Spanish
    "qué", "cómo", "por qué", "cuándo", "dónde", "quién", "cuál", "cuáles", "cuánto", "cuánta", "cuántos",
    "cuántas", "es", "está", "están", "son", "hay", "has", "han", "tiene", "tenemos", "tienen", "ya está",
    // Polish
    "co", "jak", "dlaczego", "czemu", "kiedy", "gdzie", "kto", "który", "która", "które", "jaki", "jaka",
    "jakie", "ile", "czy", "skąd",
];

/// Beginnings of questions that suggest what to do.
#[rustfmt::skip]
const SUGGESTS: &[&str] = &[
    "what about", "how about", "what if", "why not", "why don't", "why dont", "is it possible",
    "is there a way", "is there any way", "are you able", "have you considered", "have you thought",
    "do you mind", "what do you say", "was ist mit", "was wenn", "wie wäre", "wie wär's", "wie wärs",
    "warum nicht", "ist es möglich", "geht es dass", "pourquoi pas", "que dirais tu", "que diriez vous",
    "est ce possible", "est il possible", "est ce que c'est possible", "por qué no", "qué tal",
    "qué te parece", "qué le parece", "es posible", "dlaczego nie", "czemu nie", "czy można", "czy da się",
    "co ty na to", "co powiesz na", "czy jest możliwe",
];

/// Words that ask for work, wherever they stand.
#[rustfmt::skip]
const WANTS: &[&str] = &[
    "can you", "could you", "would you", "will you", "can we", "could we", "can i", "could i", "we could",
    "you could", "please", "i want", "i'd like", "i would like", "make it", "you can", "kannst du",
    "können sie", "könntest du", "könnten sie", "würdest du", "würden sie", "können wir", "könnten wir",
    "bitte", "kann man", "ich möchte", "ich hätte gern", "mach", "peux tu", "pouvez vous", "pourrais tu",
    "pourriez vous", "tu peux", "vous pouvez", "tu pourrais", "vous pourriez", "on peut", "peut on",
    "pourrait on", "s'il te plaît", "s'il vous plaît", "svp", "stp", "je voudrais", "j'aimerais", "puedes",
    "puede", "podrías", "podría", "podemos", "podríamos", "por favor", "quiero", "quisiera", "me gustaría",
    "możesz", "mógłbyś", "mogłabyś", "może pan", "może pani", "moglibyście", "możemy", "moglibyśmy", "proszę",
    "chcę", "chciałbym", "chciałabym",
];
