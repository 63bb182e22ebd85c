//! A Markdown file as its front matter and its body; fields change, and everything else stays as it was written.

use crate::error::{Result, ToolError};
use crate::scalar;
use crate::yaml::{self, Entry, Value};
use serde_json::Value as Json;

/// A Markdown file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// The text between the lines of `---`, empty or ending in a line break.
    yaml: String,
    entries: Vec<Entry>,
    has_front: Front,
    body: String,
    line_break: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    There,
    Missing,
}

impl Document {
    /// Reads `text`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] for front matter that is not YAML in lines as `key: value`.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        if text.starts_with("+++\n") {
            return Err(ToolError::malformed("The front matter is TOML, which only Edit can change."));
        }
        let Some((yaml, body)) = split(&text) else {
            return Ok(Self { line_break, body: text, ..Self::empty() });
        };
        let (yaml, body) = (yaml.to_owned(), body.to_owned());
        Ok(Self { entries: yaml::entries(&yaml)?, yaml, has_front: Front::There, body, line_break })
    }

    /// A file without front matter and text.
    pub(crate) fn empty() -> Self {
        let (yaml, body) = (String::new(), String::new());
        Self { yaml, entries: Vec::new(), has_front: Front::Missing, body, line_break: "\n" }
    }

    /// The fields in their order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|entry| (entry.key.as_str(), &entry.value))
    }

    /// A field.
    pub(crate) fn field(&self, key: &str) -> Option<&Value> {
        self.fields().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// Gives the field `key` a value, written as the one that it has or as `like`; null takes the field away.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] where that would change anything else.
    pub(crate) fn set(&mut self, key: &str, value: &Json, like: Option<&Value>) -> Result<()> {
        scalar::check_key(key)?;
        let at = self.entries.iter().position(|entry| entry.key == key);
        let mut yaml = self.yaml.clone();
        match at.map(|at| &self.entries[at]) {
            Some(entry) if value.is_null() => yaml.replace_range(entry.lines.clone(), ""),
            None if value.is_null() => return Ok(()),
            Some(entry) => {
                let written = scalar::write(value, Some(&entry.value))?;
                match entry.scalar.clone().filter(|_| !written.contains('\n')) {
                    Some(range) => yaml.replace_range(range, &written),
                    None => yaml.replace_range(entry.lines.clone(), &line(key, &written)),
                }
            }
            None => yaml.push_str(&line(key, &scalar::write(value, like)?)),
        }
        let entries = yaml::entries(&yaml)?;
        let others = |entries: &[Entry]| -> Vec<(String, Value)> {
            let kept = entries.iter().filter(|entry| entry.key != key);
            kept.map(|entry| (entry.key.clone(), entry.value.clone())).collect()
        };
        let now = entries.iter().find(|entry| entry.key == key);
        let done = now.map_or(value.is_null(), |entry| scalar::same(&entry.value, value));
        if !done || others(&entries) != others(&self.entries) {
            return Err(ToolError::malformed(format!("The field {key} cannot be changed here: use Edit.")));
        }
        (self.yaml, self.entries, self.has_front) = (yaml, entries, Front::There);
        Ok(())
    }

    /// Gives it another text.
    pub(crate) fn set_body(&mut self, body: &str) {
        let gap = if self.has_front == Front::There { "\n" } else { "" };
        self.body = format!("{gap}{}\n", body.replace("\r\n", "\n").trim_matches('\n').trim_end());
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let text = match self.has_front {
            Front::Missing => self.body.clone(),
            Front::There => format!("---\n{}---\n{}", self.yaml, self.body),
        };
        if self.line_break == "\n" { text } else { text.replace('\n', self.line_break) }
    }
}

fn line(key: &str, written: &str) -> String {
    let space = if written.starts_with('\n') { "" } else { " " };
    format!("{key}:{space}{written}\n")
}

/// The front matter and the body of a text that begins with a line of `---`.
fn split(text: &str) -> Option<(&str, &str)> {
    let (first, rest) = text.split_once('\n')?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const POST: &str = "---\n# The newest\ntitle: 'Old'   # shown in the list\nsummary: >\n  Two\n  lines\ndate: 2026-09-12\n\n# Not yet\n\
         draft: true\ntags: [a, b]\n---\n\nBody.\n---\nMore.\n";

    #[test]
    fn one_field_changes_and_everything_else_stays() {
        let mut post = Document::read(POST).unwrap();
        assert_eq!(post.text(), POST);
        post.set("title", &json!("It's new: yes"), None).unwrap();
        post.set("date", &json!("2026-10-01"), None).unwrap();
        post.set("draft", &Json::Null, None).unwrap();
        post.set("author", &json!("Nora"), None).unwrap();
        post.set("tags", &json!(["c, d"]), None).unwrap();
        post.set("summary", &json!("One"), None).unwrap();
        assert_eq!(
            post.text(),
            "---\n# The newest\ntitle: 'It''s new: yes'   # shown in the list\nsummary: One\ndate: 2026-10-01\n\n# Not yet\n\
             tags: [\"c, d\"]\nauthor: Nora\n---\n\nBody.\n---\nMore.\n"
        );
        post.set_body("New.\n\n");
        assert!(post.text().ends_with("author: Nora\n---\n\nNew.\n"));
    }

    #[test]
    fn line_breaks_of_windows_stay() {
        let mut post = Document::read("---\r\ntitle: A\r\n---\r\n\r\nBody\r\n").unwrap();
        post.set("title", &json!("B"), None).unwrap();
        assert_eq!(post.text(), "---\r\ntitle: B\r\n---\r\n\r\nBody\r\n");
    }

    #[test]
    fn a_file_without_front_matter_gets_some() {
        let mut page = Document::read("# Hello\n").unwrap();
        page.set("title", &json!("T"), None).unwrap();
        assert_eq!(page.text(), "---\ntitle: T\n---\n# Hello\n");
    }

    #[test]
    fn what_would_break_something_else_is_refused() {
        let anchored = "---\na: &x 1\nb: *x\n---\n";
        let mut page = Document::read(anchored).unwrap();
        assert!(page.set("a", &json!("2"), None).is_err());
        assert_eq!(page.text(), anchored);
        assert!(page.set("c: d\ne", &json!("2"), None).is_err());
        assert!(Document::read("---\na: [\n---\nx").is_err() && Document::read("+++\na = 1\n+++\n").is_err());
        assert!(Document::read("---\ntitle: never closed\n").unwrap().field("title").is_none());
    }
}
