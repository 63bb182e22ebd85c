//! The words of a text together with the stops between them, for marks that need one ("wait, …", not "wait for …").

use crate::words::words_at;

/// A pause within a sentence.
pub(crate) const PAUSE: &str = ",";
/// The end of a sentence.
pub(crate) const END: &str = ".";
/// The end of a question.
pub(crate) const QUESTION: &str = "?";

/// The words of `text` in lower case, with [`PAUSE`], [`END`] and [`QUESTION`] where it stops. Lines that quote
/// somebody else are left out.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    tokens_at(text).0
}

/// The same, and where each begins, in bytes.
pub(crate) fn tokens_at(text: &str) -> (Vec<String>, Vec<usize>) {
    let mut found = Found::default();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            found.push_stop(END, from);
        } else if !line.trim_start().starts_with('>') {
            found.push_line(line, from);
        }
        from += line.len();
    }
    (found.tokens, found.at)
}

/// Whether `token` is no word.
pub(crate) fn is_stop(token: &str) -> bool {
    matches!(token, PAUSE | END | QUESTION)
}

/// `tokens` from the first word on.
pub(crate) fn from_word(tokens: &[String]) -> &[String] {
    let at = tokens.iter().position(|token| !is_stop(token)).unwrap_or(tokens.len());
    &tokens[at..]
}

/// The sentences, each with the stop that ends it, if one does.
pub(crate) fn sentences(tokens: &[String]) -> impl Iterator<Item = &[String]> {
    tokens.split_inclusive(|token| matches!(token.as_str(), END | QUESTION))
}

#[derive(Default)]
struct Found {
    tokens: Vec<String>,
    at: Vec<usize>,
}

impl Found {
    fn push_line(&mut self, line: &str, from: usize) {
        let mut word_from = 0;
        let mut before = None;
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if let Some(stop) = stop(c, before, chars.peek().map(|&(_, next)| next)) {
                self.push_words(&line[word_from..at], from + word_from);
                self.push_stop(stop, from + at);
                word_from = at + c.len_utf8();
            }
            before = Some(c);
        }
        self.push_words(&line[word_from..], from + word_from);
    }

    fn push_words(&mut self, text: &str, from: usize) {
        for (at, word) in words_at(text) {
            self.tokens.push(word);
            self.at.push(from + at);
        }
    }

    /// One stop where several stand together; a question mark outweighs the others.
    fn push_stop(&mut self, stop: &str, at: usize) {
        match self.tokens.last_mut() {
            Some(last) if is_stop(last) => {
                let weight = |stop: &str| [PAUSE, END, QUESTION].iter().position(|other| *other == stop);
                if weight(stop) > weight(last) {
                    stop.clone_into(last);
                }
            }
            _ => {
                self.tokens.push(stop.to_owned());
                self.at.push(at);
            }
        }
    }
}

/// What `c` is between `before` and `after`: within "3.5", "10:30" and "e-mail" it stops nothing.
fn stop(c: char, before: Option<char>, after: Option<char>) -> Option<&'static str> {
    let joins = after.is_some_and(char::is_alphanumeric);
    match c {
        '?' | '？' => Some(QUESTION),
        '!' | '…' => Some(END),
        '.' if !joins => Some(END),
        ',' | ':' if !joins => Some(PAUSE),
        ';' | '—' | '–' | '(' | ')' => Some(PAUSE),
        '-' if !joins && before.is_none_or(char::is_whitespace) => Some(PAUSE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{sentences, tokens};

    #[test]
    fn stops_stand_between_words() {
        for (text, want) in [
            ("Wait, it's 3.5 at 10:30!", "wait , it's 3.5 at 10 30 ."),
            ("e-mail - or not?!", "e mail , or not ?"),
            ("a\nb\n\n> c\nd", "a b . d"),
            ("...", "."),
            ("", ""),
        ] {
            let want = want.replace("3.5", "3 5");
            assert_eq!(tokens(text).join(" "), want, "{text}");
        }
    }

    #[test]
    fn sentences_end_at_their_stops() {
        let tokens = tokens("Is it live? Thanks, Ann. Bye");
        let said: Vec<String> = sentences(&tokens).map(|sentence| sentence.join(" ")).collect();
        assert_eq!(said, ["is it live ?", "thanks , ann .", "bye"]);
    }
}
