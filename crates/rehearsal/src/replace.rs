//! Replace one text by another, wherever it stands in the site's sources.

use crate::conversation::Conversation;
use crate::reply::{Reply, ToolUse};

/// Where a site keeps its words; never what it installed or built.
const SOURCES: &str = "{src,public,content,data}/**";
const MOST_FILES: usize = 20;

pub(crate) fn next(conversation: &Conversation, old: &str, new: &str) -> Reply {
    if old == new {
        return Reply::last(format!("I changed nothing: “{old}” is what is to stand there already."));
    }
    let Some(search) = conversation.uses("Grep").next() else {
        let search = ToolUse::grep_files(&pattern(old), SOURCES);
        return Reply::going_on(format!("I am looking for “{old}” in the site."), vec![search]);
    };
    let mut files = search.files();
    if !search.worked() || files.is_empty() {
        return Reply::last(format!("I changed nothing: I did not find “{old}” anywhere in the site."));
    }
    files.truncate(MOST_FILES);
    if conversation.uses("Read").next().is_none() {
        let reads = files.iter().map(|file| ToolUse::read(file)).collect();
        return Reply::going_on(format!("It stands in {}.", listed(&files)), reads);
    }
    if conversation.uses("Edit").next().is_none() {
        let edits: Vec<ToolUse> = conversation
            .uses("Read")
            .flat_map(|read| {
                let path = read.asked("file_path").to_owned();
                occurrences(&read.content(), old)
                    .into_iter()
                    .map(move |found| ToolUse::edit(&path, &found, &in_style(&found, new)))
            })
            .collect();
        if edits.is_empty() {
            return Reply::last(format!(
                "I changed nothing: I could not read the places where “{old}” stands."
            ));
        }
        return Reply::going_on("I am replacing it.", edits);
    }
    let changed = |worked: bool| -> Vec<String> {
        let mut paths: Vec<String> = conversation
            .uses("Edit")
            .filter(|edit| edit.worked() == worked)
            .map(|edit| edit.asked("file_path").to_owned())
            .collect();
        paths.dedup();
        paths
    };
    let (done, failed) = (changed(true), changed(false));
    if done.is_empty() {
        return Reply::last(format!("I changed nothing: {} could not be edited.", listed(&failed)));
    }
    let but =
        if failed.is_empty() { String::new() } else { format!(" {} could not be edited.", listed(&failed)) };
    Reply::last(format!("I replaced “{old}” with “{new}” in {}.{but}", listed(&done)))
}

/// Characters that a mail program or a site's author writes in several ways.
const ALIKE: &[&[&str]] = &[
    &["'", "’", "‘", "&#39;", "&apos;", "&rsquo;"],
    &["\"", "“", "”", "„", "&quot;"],
    &["&amp;", "&"],
    &["–", "-", "&ndash;"],
];

fn alike(c: char) -> Option<&'static [&'static str]> {
    ALIKE.iter().copied().find(|forms| forms.iter().any(|form| form.chars().eq([c])))
}

/// A regular expression that finds `text` also where the source breaks its lines, or writes a character otherwise.
fn pattern(text: &str) -> String {
    let word = |word: &str| -> String {
        let mut out = String::new();
        for c in word.chars() {
            match alike(c) {
                Some(forms) => out.extend(["(", &forms.join("|"), ")"]),
                None if r"\.+*?()|[]{}^$".contains(c) => out.extend(['\\', c]),
                None => out.push(c),
            }
        }
        out
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(r"\s+")
}

/// The distinct forms in which `text` stands in `content`, as the source writes it.
fn occurrences(content: &str, text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut from = 0;
    while let Some(c) = content[from..].chars().next() {
        let length = length_at(&content[from..], text.trim()).filter(|length| *length > 0);
        if let Some(length) = length
            && !found.iter().any(|f| f == &content[from..from + length])
        {
            found.push(content[from..from + length].to_owned());
        }
        from += length.unwrap_or(c.len_utf8());
    }
    found
}

/// `new` with the apostrophes and ampersands that the source used in `found`: a straight apostrophe could end a string
/// of its code.
fn in_style(found: &str, new: &str) -> String {
    let new = if found.contains('’') { new.replace('\'', "’") } else { new.to_owned() };
    if found.contains("&amp;") { new.replace("&amp;", "&").replace('&', "&amp;") } else { new }
}

/// How many bytes at the start of `content` are `text`.
fn length_at(content: &str, text: &str) -> Option<usize> {
    let mut rest = content;
    let mut wanted = text.chars().peekable();
    while let Some(c) = wanted.next() {
        if c.is_whitespace() {
            while wanted.next_if(|next| next.is_whitespace()).is_some() {}
            let after = rest.trim_start();
            if after.len() == rest.len() {
                return None;
            }
            rest = after;
        } else if let Some(forms) = alike(c) {
            rest = forms.iter().find_map(|form| rest.strip_prefix(form))?;
        } else {
            rest = rest.strip_prefix(c)?;
        }
    }
    Some(content.len() - rest.len())
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_across_line_breaks() {
        assert_eq!(pattern("Open at 9 (daily)."), r"Open\s+at\s+9\s+\(daily\)\.");
        let content = "<p>Open\n  at 9</p> Open at 9 Open at";
        assert_eq!(occurrences(content, "Open at 9"), ["Open\n  at 9", "Open at 9"]);
        assert_eq!(occurrences("Ärger Öl", "Öl"), ["Öl"]);
    }

    #[test]
    fn a_text_is_found_as_the_source_writes_it() {
        assert_eq!(pattern("R&B's"), "R(&amp;|&)B('|’|‘|&#39;|&apos;|&rsquo;)s");
        assert_eq!(in_style("R&amp;B’s", "B&R's"), "B&amp;R’s");
        assert_eq!(in_style("R&B's", "B&R's"), "B&R's");
        assert_eq!(occurrences("R&amp;B’s R&B's", "R&B's"), ["R&amp;B’s", "R&B's"]);
    }

    #[test]
    fn lists_read_as_a_person_writes_them() {
        let items = |n: usize| ["a", "b", "c"][..n].iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(listed(&items(1)), "a");
        assert_eq!(listed(&items(3)), "a, b and c");
    }
}
