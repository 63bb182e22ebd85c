//! Politeness: phrases that may stand around an order and change nothing. Lower-case, without punctuation.

use crate::tokens::{QUESTION, is_stop};
use crate::words::{strip_end, strip_start};

/// Polite or approving phrases that change nothing, at either end of a reply. Longer ones stand first.
#[rustfmt::skip]
const POLITE: &[&str] = &[
    // English
    "i would like you to", "i'd like you to", "i would like to", "i'd like to", "i want you to", "i want to",
    "you can now", "you can", "you may", "feel free to",
    "please and thank you", "thank you very much", "thank you so much", "it looks good", "it looks great",
    "this looks good", "this looks great", "that looks good", "that looks great", "it's perfect",
    "this is perfect", "it is perfect", "i'm happy with it", "i'm happy with this", "i am happy with it",
    "i like it", "i love it", "go ahead and", "go ahead", "looks good to me", "looks good", "looks great",
    "looks perfect", "looks nice", "looks fine", "all good", "well done", "good job", "great job",
    "good work", "great work", "thank you", "many thanks", "thanks a lot", "thanks so much",
    "best regards", "kind regards", "warm regards", "best wishes", "good morning", "good afternoon",
    "good evening", "love it", "very good", "very nice", "please", "pls", "plz", "thanks", "thx", "cheers",
    "okay", "ok", "yes", "yep", "yeah", "yup", "sure", "great", "good", "perfect", "nice", "awesome",
    "wonderful", "excellent", "lovely", "fantastic", "brilliant", "amazing", "lgtm", "approved", "hi",
    "hello", "hey", "alright", "fine", "cool", "regards", "best", "kindly", "just", "let's", "lets", "and",
    "so",
    // German
    "vielen dank", "herzlichen dank", "danke schön", "besten dank", "schönen dank", "sieht gut aus",
    "sieht super aus", "alles gut", "alles klar", "viele grüße", "liebe grüße", "mit freundlichen grüßen",
    "freundliche grüße", "beste grüße", "guten morgen", "guten tag", "in ordnung", "bitte", "danke", "ja",
    "gut", "super", "passt", "perfekt", "prima", "toll", "hallo", "einverstanden", "mfg", "lg",
    // French
    "s'il te plaît", "s'il vous plaît", "s'il te plait", "s'il vous plait", "merci beaucoup",
    "merci d'avance", "c'est parfait", "c'est bon", "très bien", "d'accord", "bonne journée",
    "bien cordialement", "svp", "stp", "merci", "oui", "parfait", "bonjour", "cordialement", "génial",
    // Spanish
    "por favor", "puede", "muchas gracias", "de acuerdo", "muy bien", "está bien", "todo bien", "un saludo",
    "buenos días", "gracias", "sí", "perfecto", "vale", "hola", "genial", "saludos", "estupendo",
    // Polish
    "wygląda dobrze", "bardzo dziękuję", "dzień dobry", "w porządku", "pozdrawiam", "proszę", "dziękuję",
    "dzięki", "tak", "świetnie", "dobrze", "cześć", "super",
    // Italian, Dutch, Portuguese
    "per favore", "per piacere", "grazie mille", "va bene", "grazie", "ciao", "alsjeblieft", "alstublieft",
    "dank je wel", "dank je", "dank u", "bedankt", "prima", "goed", "por gentileza", "muito obrigado",
    "muito obrigada", "obrigado", "obrigada", "sim",
];

/// Phrases before an order that make a question of it and still tell to do it.
#[rustfmt::skip]
const REQUESTS: &[&str] = &[
    "can you please", "could you please", "would you please", "can you", "could you", "können sie",
    "könnten sie", "kannst du", "könntest du", "pouvez vous", "peux tu", "pourriez vous", "pourrais tu",
    "tu peux", "vous pouvez", "podrías", "podría", "puedes", "możesz", "czy możesz", "pode", "puoi", "kun je",
    "kunt u",
];

pub(crate) struct Peeled<'a> {
    pub rest: &'a [String],
    pub request: bool,
}

/// Takes one polite phrase off either end.
pub(crate) fn peel(rest: &[String]) -> Option<Peeled<'_>> {
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

/// Takes one polite phrase off the beginning.
pub(crate) fn peel_start(rest: &[String]) -> Option<&[String]> {
    POLITE.iter().find_map(|phrase| strip_start(rest, phrase))
}

/// Takes one polite phrase off the end.
pub(crate) fn peel_end(rest: &[String]) -> Option<&[String]> {
    POLITE.iter().find_map(|phrase| strip_end(rest, phrase))
}

/// Whether `core` is a polite phrase.
pub(crate) fn is_polite(core: &str) -> bool {
    POLITE.contains(&core)
}

/// `core` without a "please" in its middle, where no end can be peeled ("mach das bitte rückgängig").
pub(crate) fn without_please(core: &str) -> String {
    PLEASE.iter().fold(core.to_owned(), |core, please| core.replace(please, " "))
}

const PLEASE: &[&str] = &[
    " please ",
    " bitte ",
    " s'il te plaît ",
    " s'il vous plaît ",
    " svp ",
    " stp ",
    " por favor ",
    " proszę ",
];

/// A greeting, and the name behind it.
pub(crate) fn after_greeting(rest: &[String]) -> Option<&[String]> {
    let named = GREETINGS.iter().find_map(|greeting| strip_start(rest, greeting))?;
    let name = named.first().filter(|name| !is_stop(name))?;
    let stops = named.get(1).is_some_and(|token| is_stop(token) && token != QUESTION);
    (stops && !is_polite(name)).then(|| &named[1..])
}

/// What a greeting begins with; a name may follow it.
#[rustfmt::skip]
const GREETINGS: &[&str] = &[
    "hi", "hello", "hey", "dear", "good morning", "hallo", "guten morgen", "guten tag", "liebe", "lieber",
    "bonjour", "salut", "hola", "buenos días", "cześć", "dzień dobry",
];
