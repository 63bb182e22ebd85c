//! Adding a post, and changing Markdown files.

use crate::asks::{CreatePost, UpdatePost};
use crate::catalog::{Catalog, Collection};
use crate::error::{Result, ToolError};
use crate::folder::Folder;
use crate::front::Document;
use crate::manner::{self, compose, siblings};
use crate::place::Place;
use crate::site::Site;
use crate::slug::slug;
use crate::yaml::Value;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// Longest title, in characters.
const LONGEST_TITLE: usize = 200;
/// Longest text of a post, in bytes.
const LONGEST_BODY: usize = 256 << 10;
/// Names of the collection that is meant when none is named.
const USUAL: [&str; 4] = ["blog", "posts", "news", "articles"];

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Written {
    /// The file.
    pub(crate) file: String,
    /// Its address on the site, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Its front matter as it is now.
    pub(crate) front_matter: Vec<String>,
    /// Fields that siblings have and this one lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing_fields: Vec<String>,
}

/// Adds a post to the collection that fits, with the fields that its siblings have.
///
/// # Errors
/// [`crate::ErrorKind::NotFound`] without a collection that fits, [`crate::ErrorKind::Malformed`] for a title without
/// letters, a text that is too long, or a date that has to be given in the siblings' own form.
pub(crate) fn create(site: &Site, ask: &CreatePost) -> Result<Written> {
    let (title, folder) = (checked_title(&ask.title)?, site.folder()?);
    check_body(&ask.body)?;
    let catalog = Catalog::of(&folder)?;
    let collection = collection(&catalog, ask.collection.as_deref())?;
    let siblings = siblings(&folder, collection);
    let fields = ask.fields.clone().unwrap_or_default();
    let (document, missing) = compose(ask, title, (&siblings, &fields), site.today)?;
    let text = document.text();
    for attempt in 1..100 {
        let place = manner::place(collection, &siblings, (title, attempt), site.today)?;
        if folder.has(&place) {
            continue;
        }
        folder.create(&place, text.as_bytes())?;
        return written(&folder, &place, missing);
    }
    Err(ToolError::conflict("There are a hundred posts of this title already."))
}

/// Changes a post's title, text or fields.
pub(crate) fn update(site: &Site, ask: &UpdatePost) -> Result<Written> {
    let folder = site.folder()?;
    let catalog = Catalog::of(&folder)?;
    let place = Place::read(catalog.find(&folder, &ask.post)?.file())?;
    rewrite(&folder, &place, ask)
}

/// Changes a Markdown file as `ask` says, whatever it is called there.
pub(crate) fn rewrite(folder: &Folder, place: &Place, ask: &UpdatePost) -> Result<Written> {
    if !place.is_markdown() {
        return Err(ToolError::malformed(format!(
            "{place} is no Markdown: use update_page with from and to, or Edit."
        )));
    }
    if ask.title.is_none() && ask.body.is_none() && ask.fields.as_ref().is_none_or(Map::is_empty) {
        return Err(ToolError::malformed("Nothing to change was given: title, body or fields."));
    }
    let mut document = Document::read(&folder.text(place)?)?;
    if let Some(title) = &ask.title {
        document.set("title", &Json::from(checked_title(title)?), None)?;
    }
    for (key, value) in ask.fields.iter().flatten() {
        document.set(key, value, None)?;
    }
    if let Some(body) = &ask.body {
        check_body(body)?;
        document.set_body(body);
    }
    folder.replace(place, document.text().as_bytes())?;
    written(folder, place, Vec::new())
}

fn written(folder: &Folder, place: &Place, missing_fields: Vec<String>) -> Result<Written> {
    let document = Document::read(&folder.text(place)?)?;
    let catalog = Catalog::of(folder)?;
    let address =
        catalog.find(folder, place.as_str()).ok().and_then(|found| found.address().map(str::to_owned));
    let front_matter = document.fields().map(|(key, value)| match value {
        Value::Scalar(text, _) => format!("{key}: {text}"),
        Value::List(items, _) => format!("{key}: {}", items.join(", ")),
        Value::Other(_) => format!("{key}: …"),
    });
    Ok(Written { file: place.to_string(), address, front_matter: front_matter.collect(), missing_fields })
}

fn checked_title(title: &str) -> Result<&str> {
    let title = title.trim();
    let long = title.chars().count() > LONGEST_TITLE;
    if long || title.chars().any(char::is_control) || slug(title).is_empty() {
        return Err(ToolError::malformed(format!(
            "A title is one line of at most {LONGEST_TITLE} characters, with a letter or digit."
        )));
    }
    Ok(title)
}

fn check_body(body: &str) -> Result<()> {
    if body.len() > LONGEST_BODY || body.contains('\0') {
        return Err(ToolError::malformed(format!(
            "The text is longer than {LONGEST_BODY} bytes, or no text."
        )));
    }
    Ok(())
}

/// The collection that is meant.
fn collection<'a>(catalog: &'a Catalog, named: Option<&str>) -> Result<&'a Collection> {
    let all = &catalog.collections;
    let called = |name: &str| {
        let is = |own: &String| own.eq_ignore_ascii_case(name);
        all.iter().find(|collection| is(&collection.name) || is(&collection.folder))
    };
    let found = match (named, all.as_slice()) {
        (Some(name), _) => called(name.trim().trim_matches('/')),
        (None, [only]) => Some(only),
        (None, _) => USUAL.iter().find_map(|name| called(name)),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|collection| collection.name.as_str()).collect();
        ToolError::not_found(match names.as_slice() {
            [] => "The site has no collection of Markdown files that can be found: make a page instead."
                .to_owned(),
            names => format!("Say which collection: {}.", names.join(", ")),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::stage::Stage;
    use serde_json::json;

    fn ask(title: &str, body: &str) -> CreatePost {
        CreatePost { title: title.to_owned(), body: body.to_owned(), ..CreatePost::default() }
    }

    fn with(fields: &Json) -> Option<Map<String, Json>> {
        fields.as_object().cloned()
    }

    #[test]
    fn a_post_looks_like_its_siblings() {
        let stage = Stage::new();
        let written = create(
            &stage.site(),
            &ask("Plums: the *last* week", "The **last** plums.\n\n## Then\n\nApples.\n\n"),
        )
        .unwrap();
        assert_eq!(written.file, "src/content/blog/plums-the-last-week.md");
        assert_eq!(written.address.as_deref(), Some("/blog/plums-the-last-week/"));
        assert_eq!(
            stage.read(&written.file),
            "---\ntitle: \"Plums: the *last* week\"\nsummary: The last plums.\ndate: 2026-10-03\nauthor: Nora\n---\n\n\
             The **last** plums.\n\n## Then\n\nApples.\n"
        );
        let again = create(&stage.site(), &ask("Plums, the last week", "x")).unwrap();
        assert_eq!(again.file, "src/content/blog/plums-the-last-week-2.md");
    }

    #[test]
    fn given_fields_win_and_missing_ones_are_named() {
        let stage = Stage::new();
        stage.write(
            "src/content/blog/z.md",
            "---\ntitle: Z\ndate: 2027-01-01\nhero: ./z.jpg\ntags:\n  - a\n---\n",
        );
        let fields = with(&json!({"tags": ["x", "y: z"], "date": "2026-12-24", "extra": true}));
        let written = create(&stage.site(), &CreatePost { fields, ..ask("T", "Body") }).unwrap();
        assert_eq!(
            stage.read(&written.file),
            "---\ntitle: T\ndate: 2026-12-24\ntags:\n  - x\n  - \"y: z\"\nextra: true\n---\n\nBody\n"
        );
        assert_eq!(written.missing_fields, ["hero"]);
    }

    #[test]
    fn names_and_dates_follow_the_siblings() {
        let stage = Stage::new();
        stage
            .write("src/content/news/2026-01-01-a/index.mdx", "---\ntitle: A\npubDate: 'Jul 08 2022'\n---\n");
        let news = |title| CreatePost { collection: Some("News".to_owned()), ..ask(title, "x") };
        let written = create(&stage.site(), &news("B")).unwrap();
        assert_eq!(written.file, "src/content/news/b/index.mdx");
        assert!(
            stage.read(&written.file).contains("pubDate: 'Oct 03 2026'\n"),
            "{}",
            stage.read(&written.file)
        );
        stage.write("src/content.config.ts", "loader: glob({ base: './src/data/diary' })");
        stage.write("src/data/diary/a.md", "---\ntitle: A\n---\n");
        let diary = CreatePost { collection: Some("src/data/diary/".to_owned()), ..ask("B", "x") };
        assert_eq!(create(&stage.site(), &diary).unwrap().file, "src/data/diary/b.md");
        stage.write("src/content/dated/2026-01-01-a.md", "---\ntitle: A\ndate: 8. Juli\n---\n");
        let dated = |fields| CreatePost { collection: Some("dated".to_owned()), fields, ..ask("B", "x") };
        let refused = create(&stage.site(), &dated(None)).unwrap_err();
        assert!(refused.to_string().contains("`8. Juli`"), "{refused}");
        let written = create(&stage.site(), &dated(with(&json!({"date": "3. Oktober"})))).unwrap();
        assert_eq!(written.file, "src/content/dated/2026-10-03-b.md");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let stage = Stage::new();
        let kind = |ask: &CreatePost| create(&stage.site(), ask).map_err(|error| error.kind()).err();
        for title in ["", "—", "a\nb", &"x".repeat(201)] {
            assert_eq!(kind(&ask(title, "x")), Some(ErrorKind::Malformed), "{title:?}");
        }
        assert_eq!(kind(&ask("T", &"x".repeat(LONGEST_BODY + 1))), Some(ErrorKind::Malformed));
        for collection in ["../../outside", "src/pages", ".git", "shop"] {
            let ask = CreatePost { collection: Some(collection.to_owned()), ..ask("T", "x") };
            assert_eq!(kind(&ask), Some(ErrorKind::NotFound), "{collection}");
        }
        let fields = with(&json!({"a: 1\nb": 2}));
        assert_eq!(kind(&CreatePost { fields, ..ask("T", "x") }), Some(ErrorKind::Malformed));
        assert_eq!(stage.folder().files("src/content").unwrap().len(), 2);
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let stage = Stage::new();
        let post = "A starter called Otto".to_owned();
        let fields = with(&json!({"draft": null, "summary": "It's alive"}));
        let title = Some("Otto".to_owned());
        update(&stage.site(), &UpdatePost { post, title, fields, body: None }).unwrap();
        assert_eq!(
            stage.read("src/content/blog/a-starter-called-otto.md"),
            "---\ntitle: Otto\nsummary: 'It''s alive'\ndate: 2026-08-01\nauthor: Nora\n---\n\nOtto.\n"
        );
        let broken = "---\ntitle: [\n---\nx\n";
        stage.write("src/content/blog/broken.md", broken);
        let broken_post = |body: Option<&str>| UpdatePost {
            post: "src/content/blog/broken.md".to_owned(),
            body: body.map(str::to_owned),
            ..UpdatePost::default()
        };
        assert!(
            update(&stage.site(), &broken_post(Some("y"))).is_err(),
            "broken front matter is not made worse"
        );
        assert!(update(&stage.site(), &broken_post(None)).is_err());
        assert_eq!(stage.read("src/content/blog/broken.md"), broken);
    }
}
