//! How a collection's posts are made: the fields that they have, how they write them, and how their files are named.

use crate::asks::CreatePost;
use crate::catalog::{Collection, DATES};
use crate::error::{Result, ToolError};
use crate::folder::Folder;
use crate::front::Document;
use crate::place::Place;
use crate::scalar::is_date;
use crate::slug::slug;
use crate::yaml::Value;
use jiff::civil::Date;
use serde_json::{Map, Value as Json};

/// Siblings that show how a post is made.
const SIBLINGS: usize = 10;
/// Longest summary that is taken from a text, in characters.
const LONGEST_SUMMARY: usize = 160;
/// Fields that sum a post up.
const SUMMARIES: [&str; 3] = ["description", "summary", "excerpt"];

/// A post of the same collection.
pub(crate) struct Sibling {
    place: Place,
    document: Document,
}

/// The newest posts that can be read.
pub(crate) fn siblings(folder: &Folder, collection: &Collection) -> Vec<Sibling> {
    let read = |file: &String| {
        let place = Place::read(file).ok()?;
        let document = Document::read(&folder.text(&place).ok()?).ok()?;
        Some(Sibling { place, document })
    };
    collection.posts.iter().map(|post| &post.file).filter_map(read).take(SIBLINGS).collect()
}

/// The new post, and the fields that siblings have and it lacks.
pub(crate) fn compose(
    ask: &CreatePost,
    title: &str,
    (siblings, fields): (&[Sibling], &Map<String, Json>),
    today: Date,
) -> Result<(Document, Vec<String>)> {
    let (mut document, mut missing) = (Document::empty(), Vec::new());
    let model = siblings.first().map_or_else(Document::empty, |sibling| sibling.document.clone());
    for (key, like) in model.fields() {
        let value = match key {
            _ if fields.contains_key(key) => Some(fields[key].clone()),
            "title" => Some(Json::from(title)),
            "draft" => None,
            key if DATES.contains(&key) => Some(Json::from(dated(key, like, today)?)),
            key if SUMMARIES.contains(&key) => summary(&ask.body).map(Json::from),
            key => shared(siblings, key),
        };
        match value {
            Some(value) => document.set(key, &value, Some(like))?,
            None if key != "draft" => missing.push(key.to_owned()),
            None => {}
        }
    }
    for (key, value) in fields.iter().filter(|(key, _)| *key != "title") {
        if document.field(key).is_none() {
            document.set(key, value, None)?;
        }
    }
    if document.field("title").is_none() {
        document.set("title", &Json::from(title), None)?;
    }
    document.set_body(&ask.body);
    Ok((document, missing))
}

/// Today, as `like` is written.
fn dated(key: &str, like: &Value, today: Date) -> Result<String> {
    let like = like.text().unwrap_or_default();
    let first_part = like.split([' ', '-']).next().unwrap_or_default();
    match like.len() {
        10 if is_date(like) => Ok(today.to_string()),
        11.. if is_date(like) => Ok(format!("{today}T00:00:00Z")),
        // Such as Jul 08 2022.
        11 if first_part.len() == 3 => Ok(today.strftime("%b %d %Y").to_string()),
        _ => Err(ToolError::malformed(format!(
            "Give the field {key} yourself: the other posts have it as `{like}`."
        ))),
    }
}

/// What all siblings say alike, such as their author.
fn shared(siblings: &[Sibling], key: &str) -> Option<Json> {
    let (first, others) = siblings.split_first()?;
    let value = first.document.field(key)?;
    let alike =
        others.iter().all(|sibling| sibling.document.field(key).is_some_and(|other| same(other, value)));
    match value {
        Value::Scalar(text, _) if alike && !others.is_empty() => Some(Json::from(text.as_str())),
        _ => None,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    a.text().is_some() && a.text() == b.text()
}

/// The first paragraph as plain words.
fn summary(body: &str) -> Option<String> {
    let plain =
        |line: &&str| !line.starts_with(['#', '!', '<', '`', '|', '-', '>']) && !line.starts_with("import ");
    let paragraph = body.split("\n\n").map(str::trim).find(|text| !text.is_empty() && plain(text))?;
    let words: String = paragraph.chars().filter(|c| !"*_`[]".contains(*c)).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= LONGEST_SUMMARY {
        return Some(words);
    }
    let cut: String = words.chars().take(LONGEST_SUMMARY - 1).collect();
    Some(format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole)))
}

/// Where the post goes: named as its siblings are.
pub(crate) fn place(
    collection: &Collection,
    siblings: &[Sibling],
    (title, attempt): (&str, usize),
    today: Date,
) -> Result<Place> {
    let most =
        |is: &dyn Fn(&Place) -> bool| siblings.iter().filter(|s| is(&s.place)).count() * 2 > siblings.len();
    let mut name = slug(title);
    if attempt > 1 {
        name = format!("{name}-{attempt}");
    }
    if most(&|place| place.name().get(..10).is_some_and(is_date)) {
        name = format!("{today}-{name}");
    }
    if most(&|place| place.name().starts_with("index.")) {
        name.push_str("/index");
    }
    let extension = if most(&|place| place.extension() == "mdx") { "mdx" } else { "md" };
    Place::read(&format!("{}/{name}.{extension}", collection.folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_the_first_paragraph() {
        assert_eq!(summary("# T\n\n![x](y)\n\nOne _two_\nthree.\n\nFour"), Some("One two three.".to_owned()));
        assert_eq!(summary("# T"), None);
        assert!(summary(&"word ".repeat(100)).unwrap().chars().count() <= LONGEST_SUMMARY);
    }
}
