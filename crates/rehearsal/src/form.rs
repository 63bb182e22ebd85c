//! The plain forms of instruction that the rehearsal understands.

/// An instruction that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Replace one text by another, wherever it stands.
    Replace {
        /// The text that stands there now.
        old: String,
        /// The text that shall stand there.
        new: String,
    },
    /// Add a page.
    AddPage {
        /// Its title.
        title: String,
        /// What it says.
        says: String,
    },
    /// Add a post.
    AddPost {
        /// Its title.
        title: String,
        /// What it says.
        says: String,
    },
    /// Delete a page's file.
    DeletePage {
        /// Its name, as the owner calls it.
        page: String,
    },
    /// Take a page or post down, by the site's own tool.
    TakeDown {
        /// Its name, as the owner calls it.
        page: String,
    },
    /// Place what is attached on a page.
    PlacePhoto {
        /// The page's name, as the owner calls it.
        page: String,
    },
    /// Ask the owner.
    Ask {
        /// The question.
        question: String,
        /// At least two answers to choose from.
        choices: Vec<String>,
    },
}

const OPENING: &[char] = &['"', '“', '”', '„', '«', '»', '‘', '\'', '‚', '‹', '›'];

impl Form {
    /// Reads `instruction`; `None` where it has none of the forms.
    pub fn read(instruction: &str) -> Option<Self> {
        let text = polite(instruction);
        replace(text)
            .or_else(|| add_page(text))
            .or_else(|| add_post(text))
            .or_else(|| take_down(text))
            .or_else(|| delete_page(text))
            .or_else(|| place_photo(text))
            .or_else(|| ask(text))
    }
}

/// What may stand before a form: courtesy, and how it relates to what was said before.
const LEADING: [&str; 15] = [
    "hello",
    "hi",
    "no",
    "sorry",
    "wait",
    "actually",
    "i meant",
    "correction",
    "forget that",
    "after that",
    "then",
    "also",
    "please",
    "could you",
    "can you",
];

fn polite(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(rest) = after(text, &LEADING) {
        text = rest.trim_start_matches([',', ':', '.', '-', ' ']);
    }
    text
}

fn replace(text: &str) -> Option<Form> {
    let rest = after(text, &["replace", "change"])?;
    let rest = after(rest, &["the text", "the words", "the word"]).unwrap_or(rest);
    let (old, rest) = in_quotes(rest)?;
    let rest = after(rest.trim_start_matches(','), &["with", "to", "by", "into"])?;
    let (new, _) = in_quotes(rest)?;
    (!old.trim().is_empty()).then_some(Form::Replace { old, new })
}

fn add_page(text: &str) -> Option<Form> {
    let rest = after(text, &["add", "create", "make"])?;
    let rest = after(rest, &["a new", "a", "another", "one more"]).unwrap_or(rest);
    let (title, says) = titled(after(rest, &["page"])?)?;
    Some(Form::AddPage { title, says })
}

fn add_post(text: &str) -> Option<Form> {
    if let Some((title, says)) = after(text, &["post"]).and_then(title_and_text) {
        return Some(Form::AddPost { title, says });
    }
    let rest = after(text, &["add", "create", "write"])?;
    let rest = after(rest, &["a new", "a", "another", "one more"]).unwrap_or(rest);
    let (title, says) = titled(after(rest, &["blog post", "post"])?)?;
    Some(Form::AddPost { title, says })
}

/// `titled T saying …`: the title and the text.
fn titled(text: &str) -> Option<(String, String)> {
    title_and_text(after(text, &["titled", "called", "named", "with the title", "entitled"])?)
}

fn title_and_text(rest: &str) -> Option<(String, String)> {
    let (title, rest) = match in_quotes(rest) {
        Some(found) => found,
        None => split_at_word(rest, &["saying", "that says", "which says", "with the text"])?,
    };
    let rest = rest.trim_start_matches([',', ':', ' ']);
    let rest = after(rest, &["and"]).unwrap_or(rest);
    let says = after(rest, &["saying", "that says", "which says", "with the text"])?;
    let says = says.trim_start_matches([':', ' ', '\n']);
    let says = in_quotes(says).map_or_else(|| says.trim().to_owned(), |(says, _)| says);
    let title = title.trim().trim_end_matches(',').to_owned();
    (!title.is_empty() && !says.is_empty()).then_some((title, says))
}

fn delete_page(text: &str) -> Option<Form> {
    let rest = after(text, &["delete", "remove"])?;
    Some(Form::DeletePage { page: page_name(rest)? })
}

fn take_down(text: &str) -> Option<Form> {
    Some(Form::TakeDown { page: page_name(after(text, &["take down"])?)? })
}

fn place_photo(text: &str) -> Option<Form> {
    let rest = after(text, &["place", "put", "add", "insert", "use"])?;
    let rest = after(rest, &["the", "this", "these", "my"]).unwrap_or(rest);
    let rest = after(rest, &["attached", "enclosed"]).unwrap_or(rest);
    let rest = after(rest, &["photos", "photo", "pictures", "picture", "images", "image"])?;
    let rest = after(rest, &["attached", "enclosed"]).unwrap_or(rest);
    let rest = after(rest, &["on", "onto", "to", "in", "into"])?;
    Some(Form::PlacePhoto { page: page_name(rest)? })
}

fn ask(text: &str) -> Option<Form> {
    let (question, mut rest) = in_quotes(after(text, &["ask me"])?)?;
    let mut choices = Vec::new();
    while let Some((choice, left)) = in_quotes(after(rest, &["or"]).unwrap_or(rest)) {
        choices.push(choice);
        rest = left;
    }
    (choices.len() > 1).then_some(Form::Ask { question, choices })
}

/// `page P`, `the P page`, `"P"`: the name alone.
fn page_name(text: &str) -> Option<String> {
    let line = text.lines().next()?.trim().trim_end_matches(['.', '!']);
    let line = after(line, &["the"]).unwrap_or(line);
    let named =
        after(line, &["page"]).map(|rest| after(rest, &["titled", "called", "named"]).unwrap_or(rest));
    let name = match named {
        Some(name) => name,
        None => line.strip_suffix("page").or_else(|| line.strip_suffix("Page"))?,
    };
    let name = in_quotes(name).map_or_else(|| name.trim().to_owned(), |(name, _)| name);
    // A longer phrase is a sentence, not a name.
    (!name.is_empty() && name.split_whitespace().count() <= 6).then_some(name)
}

/// What follows one of `phrases` at the start of `text`, as a whole word in any case.
fn after<'a>(text: &'a str, phrases: &[&str]) -> Option<&'a str> {
    let text = text.trim_start();
    phrases.iter().find_map(|phrase| {
        let head = text.get(..phrase.len())?;
        let rest = &text[phrase.len()..];
        let ends = rest.is_empty() || !rest.starts_with(char::is_alphanumeric);
        (head.eq_ignore_ascii_case(phrase) && ends).then(|| rest.trim_start())
    })
}

/// Splits before the first of `phrases` that stands as whole words.
fn split_at_word<'a>(text: &'a str, phrases: &[&str]) -> Option<(String, &'a str)> {
    let starts = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    for at in starts {
        if after(&text[at..], phrases).is_some() {
            return Some((text[..at].trim().to_owned(), text[at..].trim_start()));
        }
    }
    None
}

/// The text between the quotation marks at the start of `text`, and what follows them.
fn in_quotes(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let open = text.chars().next().filter(|c| OPENING.contains(c))?;
    let closing: &[char] = match open {
        '"' | '“' | '”' => &['"', '”', '“'],
        '„' => &['“', '”', '"'],
        '«' => &['»'],
        '»' => &['«', '»'],
        '‹' => &['›'],
        '›' => &['‹', '›'],
        '‚' => &['‘', '’'],
        _ => &['\'', '’'],
    };
    let inside = &text[open.len_utf8()..];
    // An apostrophe within a word does not close.
    let end = inside.char_indices().find(|(at, c)| {
        let next = inside[at + c.len_utf8()..].chars().next();
        closing.contains(c) && !(matches!(c, '\'' | '’') && next.is_some_and(char::is_alphanumeric))
    });
    let (end, close) = end?;
    // French marks have spaces inside.
    let found = if open == '«' { inside[..end].trim() } else { &inside[..end] };
    Some((found.to_owned(), inside[end + close.len_utf8()..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(old: &str, new: &str) -> Form {
        Form::Replace { old: old.to_owned(), new: new.to_owned() }
    }

    #[test]
    fn replacements_in_any_quotation_marks() {
        for text in [
            r#"replace "Open at 9" with "Open at 10""#,
            "Please replace “Open at 9” with “Open at 10”.",
            "change „Open at 9“ to „Open at 10“",
            "Could you change « Open at 9 » to « Open at 10 »?",
            "change »Open at 9« into »Open at 10«",
            "replace the text 'Open at 9' by 'Open at 10', thanks",
            "Hi, please replace\n\"Open at 9\"\nwith\n\"Open at 10\"",
        ] {
            assert_eq!(Form::read(text), Some(replaced("Open at 9", "Open at 10")), "{text}");
        }
        assert_eq!(Form::read("replace 'it's old' with 'it's new'"), Some(replaced("it's old", "it's new")));
        assert_eq!(Form::read("change ‘a’ to ‘b’"), Some(replaced("a", "b")));
        assert_eq!(Form::read(r#"replace "" with "x""#), None);
    }

    #[test]
    fn pages_are_added_deleted_and_illustrated() {
        let added = |title: &str, says: &str| Form::AddPage { title: title.into(), says: says.into() };
        for (text, form) in [
            ("Add a page titled Opening hours saying We open at 9.", added("Opening hours", "We open at 9.")),
            ("create a new page called “Team” that says: “Ann and Bob”", added("Team", "Ann and Bob")),
            ("add a page titled \"A saying B\" saying one\n\ntwo", added("A saying B", "one\n\ntwo")),
            (
                "Post “Plum cake” saying It is back.",
                Form::AddPost { title: "Plum cake".into(), says: "It is back.".into() },
            ),
            (
                "add a blog post titled Plums saying: the last ones",
                Form::AddPost { title: "Plums".into(), says: "the last ones".into() },
            ),
            ("take down the about page", Form::TakeDown { page: "about".into() }),
            ("delete page about", Form::DeletePage { page: "about".into() }),
            ("Please delete the page called \"Old news\".", Form::DeletePage { page: "Old news".into() }),
            ("remove the About page", Form::DeletePage { page: "About".into() }),
            ("put the attached photo on the about page", Form::PlacePhoto { page: "about".into() }),
            ("place the attached photo on page /team/", Form::PlacePhoto { page: "/team/".into() }),
            ("Add this picture to the home page!", Form::PlacePhoto { page: "home".into() }),
        ] {
            assert_eq!(Form::read(text), Some(form), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_guessed_at() {
        for text in [
            "",
            "make it nicer",
            "don't delete page about",
            "deleted page x",
            "post it to my mother",
            "take down the fence",
            "we close at 4 on Fridays",
            "ä",
        ] {
            assert_eq!(Form::read(text), None, "{text}");
        }
    }
}
