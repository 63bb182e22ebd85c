//! Changing a page, and removing a page or post.

use crate::asks::{DeletePage, UpdatePage, UpdatePost};
use crate::catalog::Catalog;
use crate::error::{Result, ToolError};
use crate::folder::Folder;
use crate::place::Place;
use crate::posts::{self, Written};
use crate::site::Site;
use serde::Serialize;

/// Longest text that replaces another, in bytes.
const LONGEST_TO: usize = 256 << 10;
/// Files that are looked through for links to a page that goes.
const MOST_READ: usize = 2_000;
/// Files with such links that are named.
const MOST_NAMED: usize = 20;

/// What was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Removed {
    /// The file.
    pub(crate) file: String,
    /// Files that still link to it.
    pub(crate) links_remain_in: Vec<String>,
}

/// Changes a page: a text that stands in it once, or, of a Markdown page, its title, text or fields.
///
/// # Errors
/// [`crate::ErrorKind::NotFound`] and [`crate::ErrorKind::Conflict`] where the text stands in it never or several times.
pub(crate) fn update(site: &Site, ask: &UpdatePage) -> Result<Written> {
    let folder = site.folder()?;
    let place = Place::read(Catalog::of(&folder)?.find(&folder, &ask.page)?.file())?;
    let others = UpdatePost {
        post: ask.page.clone(),
        title: ask.title.clone(),
        body: ask.body.clone(),
        fields: ask.fields.clone(),
    };
    let (Some(from), Some(to)) = (&ask.from, &ask.to) else {
        if ask.from.is_some() || ask.to.is_some() {
            return Err(ToolError::malformed("from and to belong together."));
        }
        return posts::rewrite(&folder, &place, &others);
    };
    if ask.title.is_some() || ask.body.is_some() || ask.fields.is_some() {
        return Err(ToolError::malformed("Either from and to, or title, body and fields."));
    }
    replace_once(&folder, &place, (from, to))?;
    let address = Catalog::of(&folder)?.find(&folder, place.as_str())?.address().map(str::to_owned);
    Ok(Written { file: place.to_string(), address, front_matter: Vec::new(), missing_fields: Vec::new() })
}

fn replace_once(folder: &Folder, place: &Place, (from, to): (&str, &str)) -> Result<()> {
    if to.len() > LONGEST_TO || to.contains('\0') {
        return Err(ToolError::malformed(format!("The text is longer than {LONGEST_TO} bytes, or no text.")));
    }
    let text = folder.text(place)?;
    match if from.is_empty() { 0 } else { text.matches(from).count() } {
        1 => folder.replace(place, text.replacen(from, to, 1).as_bytes()),
        0 => Err(ToolError::not_found(format!(
            "This text does not stand in {place}. Read the file and copy it exactly."
        ))),
        several => Err(ToolError::conflict(format!(
            "This text stands in {place} {several} times. Give more of what is around it, so that it stands there once."
        ))),
    }
}

/// Removes a page or post.
///
/// # Errors
/// [`crate::ErrorKind::Denied`] for the home page, and for a page that is made from content.
pub(crate) fn delete(site: &Site, ask: &DeletePage) -> Result<Removed> {
    let folder = site.folder()?;
    let catalog = Catalog::of(&folder)?;
    let found = catalog.find(&folder, &ask.page)?;
    let (place, address) = (Place::read(found.file())?, found.address());
    if address == Some("/") {
        return Err(ToolError::denied("Without its home page the site would have no front door."));
    }
    if place.as_str().contains('[') {
        return Err(ToolError::denied(format!(
            "{place} shows many pages at once: this tool removes only one."
        )));
    }
    folder.remove(&place)?;
    let links_remain_in = address.map_or_else(|| Ok(Vec::new()), |address| linking(&folder, address))?;
    Ok(Removed { file: place.to_string(), links_remain_in })
}

/// The files with a link to `address`.
fn linking(folder: &Folder, address: &str) -> Result<Vec<String>> {
    let plain = address.trim_end_matches('/');
    let links = |text: &str| {
        text.match_indices(plain).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + plain.len()..].trim_start_matches('/').chars().next();
            before.is_some_and(|c| "\"'`(=".contains(c)) && after.is_none_or(|c| "\"'`)#?> \n".contains(c))
        })
    };
    let sources = ["astro", "md", "mdx", "html", "js", "ts", "jsx", "tsx", "json", "vue", "svelte"];
    let files =
        folder.files("src")?.into_iter().filter(|place| sources.contains(&place.extension().as_str()));
    let linking = files.take(MOST_READ).filter(|place| folder.text(place).is_ok_and(|text| links(&text)));
    Ok(linking.take(MOST_NAMED).map(|place| place.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::stage::Stage;

    fn change(page: &str, from: &str, to: &str) -> UpdatePage {
        let (from, to) = (Some(from.to_owned()), Some(to.to_owned()));
        UpdatePage { page: page.to_owned(), from, to, ..UpdatePage::default() }
    }

    #[test]
    fn a_text_is_replaced_where_it_stands_once() {
        let stage = Stage::new();
        let written = update(&stage.site(), &change("/about/", "Open at 9.", "Open at $1 {10}.")).unwrap();
        assert_eq!(
            (written.file.as_str(), written.address.as_deref()),
            ("src/pages/about.astro", Some("/about/"))
        );
        assert!(stage.read("src/pages/about.astro").contains("<p>Open at $1 {10}.</p>"));
        let before = stage.read("src/pages/about.astro");
        for (from, kind) in
            [("Twice", ErrorKind::Conflict), ("never", ErrorKind::NotFound), ("", ErrorKind::NotFound)]
        {
            let error = update(&stage.site(), &change("about", from, "x")).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        }
        let twice = update(&stage.site(), &change("about", "Twice", "x")).unwrap_err();
        assert!(twice.to_string().contains("2 times"), "{twice}");
        assert_eq!(stage.read("src/pages/about.astro"), before);
    }

    #[test]
    fn a_markdown_page_changes_by_its_parts() {
        let stage = Stage::new();
        let body = Some("New terms.".to_owned());
        let page = UpdatePage { page: "/terms".to_owned(), body, ..UpdatePage::default() };
        update(&stage.site(), &page).unwrap();
        assert_eq!(
            stage.read("src/pages/terms.md"),
            "---\nlayout: ../layouts/Base.astro\ntitle: Terms\n---\n\nNew terms.\n"
        );
        let astro = UpdatePage { page: "about".to_owned(), ..page.clone() };
        assert_eq!(update(&stage.site(), &astro).map_err(|e| e.kind()), Err(ErrorKind::Malformed));
        let both = UpdatePage { title: Some("T".to_owned()), ..change("/terms", "New", "Old") };
        assert_eq!(update(&stage.site(), &both).map_err(|e| e.kind()), Err(ErrorKind::Malformed));
    }

    #[test]
    fn a_page_goes_and_links_to_it_are_named() {
        let stage = Stage::new();
        let ask = |page: &str| DeletePage { page: page.to_owned() };
        let removed = delete(&stage.site(), &ask("/about/")).unwrap();
        assert_eq!(removed.file, "src/pages/about.astro");
        assert_eq!(removed.links_remain_in, ["src/pages/index.astro"]);
        assert!(!stage.path("src/pages/about.astro").exists());
        for page in ["/", "src/pages/index.astro", "src/pages/blog/[slug].astro"] {
            assert_eq!(
                delete(&stage.site(), &ask(page)).map_err(|e| e.kind()),
                Err(ErrorKind::Denied),
                "{page}"
            );
        }
        for page in ["../outside.md", "package.json", ".git/config", "about"] {
            assert_eq!(
                delete(&stage.site(), &ask(page)).map_err(|e| e.kind()),
                Err(ErrorKind::NotFound),
                "{page}"
            );
        }
    }
}
