//! What a site consists of: its pages with their addresses, and its collections with their posts.

use crate::config;
use crate::error::{Result, ToolError};
use crate::folder::Folder;
use crate::front::Document;
use crate::place::Place;
use crate::scalar::is_true;
use crate::slug::slug;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a site keeps its pages.
pub(crate) const PAGES: &str = "src/pages";
/// Where it keeps its collections.
const CONTENT: &str = "src/content";
/// Most pages, and most posts, that are listed at a time.
pub(crate) const MOST_LISTED: usize = 200;
/// Most posts whose front matter is read.
const MOST_READ: usize = 2_000;
/// Fields that hold a post's date, the usual first.
pub(crate) const DATES: [&str; 9] = [
    "date",
    "pubDate",
    "publishDate",
    "pubDatetime",
    "published",
    "publishedAt",
    "datePublished",
    "created",
    "createdAt",
];

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Page {
    /// Its address on the site, such as `/about/`; with `[…]` where it is made from content.
    pub(crate) address: String,
    /// Its file.
    pub(crate) file: String,
}

/// A post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Post {
    /// Its title; its file's name where it has none.
    pub(crate) title: String,
    /// Its date, as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<String>,
    /// Whether its front matter says that it is a draft.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) draft: bool,
    /// Its address, where a page of the site seems to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Its file.
    pub(crate) file: String,
}

/// A collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Collection {
    /// Its name.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) folder: String,
    /// Its posts, the newest first.
    pub(crate) posts: Vec<Post>,
}

/// A site's pages and posts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Catalog {
    /// The pages, in the order of their files.
    pub(crate) pages: Vec<Page>,
    /// The collections, in the order of their names.
    pub(crate) collections: Vec<Collection>,
    /// How many pages and posts are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) left_out: usize,
}

/// A page or a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    Page(&'a Page),
    Post(&'a Post),
}

impl<'a> Found<'a> {
    pub(crate) fn file(self) -> &'a str {
        match self {
            Self::Page(page) => &page.file,
            Self::Post(post) => &post.file,
        }
    }

    pub(crate) fn address(self) -> Option<&'a str> {
        match self {
            Self::Page(page) => Some(&page.address),
            Self::Post(post) => post.address.as_deref(),
        }
    }
}

impl Catalog {
    /// Everything that the site consists of.
    pub(crate) fn of(folder: &Folder) -> Result<Self> {
        let files = folder.files(PAGES)?;
        let pages: Vec<Page> = files.iter().filter_map(page).collect();
        let (mut collections, mut room, mut left_out) = (Vec::new(), MOST_READ, 0);
        for (root, name) in collection_folders(folder)? {
            let files = folder.files(&root)?.into_iter().filter(Place::is_markdown);
            let mut files: Vec<Place> = files.collect();
            left_out += truncate(&mut files, room);
            room -= files.len();
            let mut posts: Vec<Post> =
                files.iter().map(|file| post(folder, (file, &root, &name), &pages)).collect();
            posts.sort_by(|a, b| b.date.cmp(&a.date));
            collections.push(Collection { name, folder: root, posts });
        }
        collections.retain(|collection| !collection.posts.is_empty());
        Ok(Self { pages, collections, left_out })
    }

    /// What holds `text` in its title, address or file, and no more than can be read at a time.
    pub(crate) fn matching(mut self, text: Option<&str>) -> Self {
        let wanted = text.unwrap_or_default().to_lowercase();
        let holds = |parts: [&str; 3]| parts.iter().any(|part| part.to_lowercase().contains(&wanted));
        self.pages.retain(|page| holds([&page.address, &page.file, ""]));
        self.left_out += truncate(&mut self.pages, MOST_LISTED);
        let mut room = MOST_LISTED;
        for collection in &mut self.collections {
            let post_holds =
                |post: &Post| holds([&post.title, &post.file, post.address.as_deref().unwrap_or("")]);
            collection.posts.retain(post_holds);
            self.left_out += truncate(&mut collection.posts, room);
            room -= collection.posts.len();
        }
        self
    }

    /// The page or post that `wanted` names: by its file, its address, or its title where only one has it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`], or [`crate::ErrorKind::Conflict`] where several are named so.
    pub(crate) fn find(&self, folder: &Folder, wanted: &str) -> Result<Found<'_>> {
        let all = || {
            let posts = self.collections.iter().flat_map(|collection| &collection.posts).map(Found::Post);
            self.pages.iter().map(Found::Page).chain(posts)
        };
        if let Ok(place) = folder.place(wanted)
            && let Some(found) = all().find(|found| found.file() == place.as_str())
        {
            return Ok(found);
        }
        let address = plain(wanted, &config::base(folder));
        if let Some(found) = all().find(|found| found.address().is_some_and(|own| plain(own, "") == address))
        {
            return Ok(found);
        }
        let named: Vec<Found<'_>> = all().filter(|found| is_called(*found, wanted)).collect();
        match named.as_slice() {
            [found] => Ok(*found),
            [] => Err(ToolError::not_found(format!(
                "There is no page or post “{}”; list_content names them all.",
                wanted.chars().take(100).collect::<String>()
            ))),
            several => {
                let files: Vec<&str> = several.iter().map(|found| found.file()).take(10).collect();
                Err(ToolError::conflict(format!(
                    "Several are called so: {}. Name the file.",
                    files.join(", ")
                )))
            }
        }
    }
}

fn is_called(found: Found<'_>, wanted: &str) -> bool {
    let wanted = slug(wanted);
    let file = found.file().rsplit_once('.').map_or(found.file(), |(stem, _)| stem);
    let file = file.strip_suffix("/index").unwrap_or(file);
    let title = if let Found::Post(post) = found { slug(&post.title) } else { String::new() };
    !wanted.is_empty()
        && (title == wanted || file.rsplit('/').next().is_some_and(|name| slug(name) == wanted))
}

/// An address without what may be written in several ways.
fn plain(address: &str, base: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default().trim().trim_matches('/');
    let path = format!("{path}/");
    let path = path.strip_prefix(base).unwrap_or(&path).trim_matches('/');
    let path = path.strip_suffix(".html").unwrap_or(path);
    if path == "index" { String::new() } else { path.to_lowercase() }
}

fn page(place: &Place) -> Option<Page> {
    if !matches!(place.extension().as_str(), "astro" | "md" | "mdx" | "html") {
        return None;
    }
    let path = &place.as_str()[PAGES.len() + 1..];
    if path.split('/').any(|part| part.starts_with('_')) {
        return None;
    }
    let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let path = path.strip_suffix("/index").unwrap_or(if path == "index" { "" } else { path });
    let address = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
    Some(Page { address, file: place.as_str().to_owned() })
}

/// The folders of the collections, with the collections' names.
fn collection_folders(folder: &Folder) -> Result<BTreeMap<String, String>> {
    let mut folders = BTreeMap::new();
    for place in folder.files(CONTENT)? {
        if let Some((name, _)) = place.as_str()[CONTENT.len() + 1..].split_once('/') {
            folders.insert(format!("{CONTENT}/{name}"), name.to_owned());
        }
    }
    for root in config::collection_bases(folder) {
        if !root.as_str().starts_with(CONTENT) {
            folders.insert(root.to_string(), root.name().to_owned());
        }
    }
    Ok(folders)
}

fn post(folder: &Folder, (place, root, collection): (&Place, &str, &str), pages: &[Page]) -> Post {
    let id = &place.as_str()[root.len() + 1..];
    let stem = id.rsplit_once('.').map_or(id, |(stem, _)| stem);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    // One that cannot be read is listed all the same: somebody may want to mend it.
    let document =
        folder.text(place).and_then(|text| Document::read(&text)).unwrap_or_else(|_| Document::empty());
    let text = |key: &str| document.field(key).and_then(|value| value.text()).map(str::to_owned);
    let shown = pages.iter().any(|page| {
        let own = page.address.strip_prefix('/').and_then(|path| path.strip_prefix(collection));
        own.is_some_and(|rest| rest.starts_with("/[") && rest.matches('/').count() == 2)
    });
    let own = text("slug").filter(|own| own.split('/').all(|part| !part.is_empty() && slug(part) == part));
    let id = own.unwrap_or_else(|| stem.split('/').map(slug).collect::<Vec<_>>().join("/"));
    Post {
        title: text("title").unwrap_or_else(|| stem.to_owned()),
        date: DATES.iter().find_map(|key| text(key)),
        draft: document.field("draft").is_some_and(is_true),
        address: shown.then(|| format!("/{collection}/{id}/")),
        file: place.as_str().to_owned(),
    }
}

fn truncate<T>(list: &mut Vec<T>, most: usize) -> usize {
    let left_out = list.len().saturating_sub(most);
    list.truncate(most);
    left_out
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::stage::Stage;

    #[test]
    fn pages_have_addresses_and_posts_titles_and_dates() {
        let stage = Stage::new();
        stage.write("src/pages/_draft.astro", "x");
        stage.write("src/pages/feed.xml.js", "x");
        stage.write("src/content/notes/broken.md", "---\ntitle: [\n---\n");
        let catalog = Catalog::of(&stage.folder()).unwrap();
        let pages: Vec<(&str, &str)> =
            catalog.pages.iter().map(|p| (p.address.as_str(), p.file.as_str())).collect();
        assert_eq!(
            pages,
            [
                ("/about/", "src/pages/about.astro"),
                ("/blog/[slug]/", "src/pages/blog/[slug].astro"),
                ("/blog/", "src/pages/blog/index.astro"),
                ("/", "src/pages/index.astro"),
                ("/terms/", "src/pages/terms.md"),
            ]
        );
        let [blog, notes] = catalog.collections.as_slice() else { panic!("{:?}", catalog.collections) };
        let titles: Vec<&str> = blog.posts.iter().map(|post| post.title.as_str()).collect();
        assert_eq!(titles, ["The new oven is in", "A starter called Otto"]);
        assert_eq!(blog.posts[0].address.as_deref(), Some("/blog/the-new-oven/"));
        assert!(blog.posts[1].draft && blog.posts[1].date.as_deref() == Some("2026-08-01"));
        assert_eq!((notes.posts[0].title.as_str(), notes.posts[0].address.as_deref()), ("broken", None));
        let few = Catalog::of(&stage.folder()).unwrap().matching(Some("OVEN"));
        assert_eq!((few.pages.len(), few.collections[0].posts.len()), (0, 1));
    }

    #[test]
    fn a_page_or_post_is_found_by_file_address_or_title() {
        let stage = Stage::new();
        stage.write("src/content/notes/about.md", "x");
        let folder = stage.folder();
        let catalog = Catalog::of(&folder).unwrap();
        for (wanted, file) in [
            ("src/pages/about.astro", "src/pages/about.astro"),
            ("/about", "src/pages/about.astro"),
            ("/", "src/pages/index.astro"),
            ("/About/?x#y", "src/pages/about.astro"),
            ("The new oven is in", "src/content/blog/the-new-oven.md"),
            ("/blog/the-new-oven/", "src/content/blog/the-new-oven.md"),
            ("the-new-oven", "src/content/blog/the-new-oven.md"),
            ("Terms", "src/pages/terms.md"),
        ] {
            assert_eq!(catalog.find(&folder, wanted).map(Found::file), Ok(file), "{wanted}");
        }
        let kind = |wanted: &str| catalog.find(&folder, wanted).map_err(|e| e.kind()).err();
        assert_eq!(kind("abou"), Some(ErrorKind::NotFound));
        assert_eq!(kind("../../etc/passwd"), Some(ErrorKind::NotFound));
        assert_eq!(kind("--"), Some(ErrorKind::NotFound));
        stage.write("src/content/notes/the-new-oven.md", "x");
        let catalog = Catalog::of(&folder).unwrap();
        assert_eq!(catalog.find(&folder, "The new oven").map_err(|e| e.kind()), Err(ErrorKind::Conflict));
    }

    #[test]
    fn a_collection_may_be_where_the_configuration_says() {
        let stage = Stage::new();
        let config = "const post = defineCollection({ loader: glob({ base: './src/data/post' }) });\nx = { base: \"../../etc\" }";
        stage.write("src/content.config.ts", config);
        stage.write("src/data/post/a.md", "---\ntitle: A\nslug: ../../x\n---\n");
        stage.write("src/pages/post/[...slug].astro", "x");
        let catalog = Catalog::of(&stage.folder()).unwrap();
        let names: Vec<(&str, &str)> =
            catalog.collections.iter().map(|c| (c.name.as_str(), c.folder.as_str())).collect();
        assert_eq!(names, [("blog", "src/content/blog"), ("post", "src/data/post")]);
        assert_eq!(catalog.collections[1].posts[0].address.as_deref(), Some("/post/a/"));
    }

    #[test]
    fn long_lists_are_cut_and_say_so() {
        let stage = Stage::new();
        for n in 0..300 {
            stage.write(&format!("src/content/blog/p{n}.md"), "---\ntitle: P\ndate: 2020-01-01\n---\n");
        }
        let listed = Catalog::of(&stage.folder()).unwrap().matching(None);
        assert_eq!((listed.collections[0].posts.len(), listed.left_out), (MOST_LISTED, 102));
        assert_eq!(listed.collections[0].posts[0].title, "The new oven is in");
    }
}
