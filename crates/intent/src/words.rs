//! The words of a text, and phrases at either end of them.

/// The words in lower case. Letters, digits and apostrophes make words; all else separates.
pub(crate) fn words(text: &str) -> Vec<String> {
    words_at(text).map(|(_, word)| word).collect()
}

/// The same, each with where it begins, in bytes.
pub(crate) fn words_at(text: &str) -> impl Iterator<Item = (usize, String)> {
    let separates = |c: char| !c.is_alphanumeric() && !is_apostrophe(c);
    let mut at = 0;
    text.split_inclusive(separates).filter_map(move |run| {
        let begins = at + (run.len() - run.trim_start_matches(is_apostrophe).len());
        at += run.len();
        let word = run.trim_end_matches(separates).trim_matches(is_apostrophe);
        (!word.is_empty()).then(|| (begins, word.to_lowercase().replace(is_apostrophe, "'")))
    })
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '`' | '\u{b4}')
}

/// `words` without `phrase` before them; `None` where they begin otherwise.
pub(crate) fn behind<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    // Most phrases of a table differ in their first letter, and tables are long.
    if words.first()?.as_bytes().first() != phrase.as_bytes().first() {
        return None;
    }
    let mut rest = words;
    for word in phrase.split(' ') {
        rest = rest.split_first().filter(|(first, _)| *first == word)?.1;
    }
    Some(rest)
}

/// Like [`behind`]; `None` also where nothing else is left.
pub(crate) fn strip_start<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    behind(words, phrase).filter(|rest| !rest.is_empty())
}

/// `words` without `phrase` behind them; `None` where they end otherwise, or nothing else is left.
pub(crate) fn strip_end<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    let mut rest = words;
    for word in phrase.rsplit(' ') {
        rest = rest.split_last().filter(|(last, _)| *last == word)?.1;
    }
    (!rest.is_empty()).then_some(rest)
}
