//! The words of a text, and phrases at either end of them.

/// The words in lower case. Letters, digits and apostrophes make words; all else separates.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\u{2019}', '\u{2018}', '`', '\u{b4}'], "'");
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `words` without `phrase` before them; `None` where they begin otherwise, or nothing else is left.
pub(crate) fn strip_start<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    let mut rest = words;
    for word in phrase.split(' ') {
        rest = rest.split_first().filter(|(first, _)| *first == word)?.1;
    }
    (!rest.is_empty()).then_some(rest)
}

/// `words` without `phrase` behind them; `None` where they end otherwise, or nothing else is left.
pub(crate) fn strip_end<'a>(words: &'a [String], phrase: &str) -> Option<&'a [String]> {
    let mut rest = words;
    for word in phrase.rsplit(' ') {
        rest = rest.split_last().filter(|(last, _)| *last == word)?.1;
    }
    (!rest.is_empty()).then_some(rest)
}
