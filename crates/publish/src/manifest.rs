//! What a site consists of, and the way from one such state to another.

use domain::message::Schema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest path of a published file, in bytes: with its prefix it must fit a blob key.
pub const PATH_MAX: usize = 800;
/// Where Astro puts files whose names change with their content.
const HASHED: &str = "_astro/";

/// One file of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Its media type, with the character set where it is text.
    pub media_type: String,
}

/// All files of a site by path, without a leading slash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this schema.
    #[serde(default)]
    pub schema: Schema,
    /// The files.
    pub files: BTreeMap<String, Entry>,
}

/// One change to what the public sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This file gets this content.
    Put {
        /// Its path.
        path: String,
        /// Its content.
        entry: Entry,
    },
    /// This file goes away.
    Remove {
        /// Its path.
        path: String,
    },
}

/// When a step is done. What a page needs is there before the page, and goes away after nothing refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Files that pages refer to.
    Assets,
    /// HTML.
    Pages,
    /// Files that are no longer part of the site.
    Removals,
}

impl Step {
    /// The file it changes.
    pub fn path(&self) -> &str {
        match self {
            Self::Put { path, .. } | Self::Remove { path } => path,
        }
    }

    /// When it is done.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Remove { .. } => Phase::Removals,
            Self::Put { entry, .. } if entry.media_type.starts_with("text/html") => Phase::Pages,
            Self::Put { .. } => Phase::Assets,
        }
    }
}

impl Manifest {
    /// The steps that turn `old` into `new`: assets, then HTML, then removals; by path within each.
    pub fn diff(old: &Self, new: &Self) -> Vec<Step> {
        let changed = new.files.iter().filter(|(path, entry)| old.files.get(*path) != Some(entry));
        let put = changed.map(|(path, entry)| Step::Put { path: path.clone(), entry: entry.clone() });
        let gone = old.files.keys().filter(|path| !new.files.contains_key(*path));
        let remove = gone.map(|path| Step::Remove { path: path.clone() });
        let mut steps: Vec<Step> = put.chain(remove).collect();
        steps.sort_by_key(Step::phase);
        steps
    }

    /// This site and the hashed assets of the one before it: a visitor who holds one of its pages goes on
    /// finding them until the release after this one.
    pub fn keeping_assets_of(&self, before: &Self) -> Self {
        let mut kept = self.clone();
        for (path, entry) in &before.files {
            if is_hashed(path) && !kept.files.contains_key(path) {
                kept.files.insert(path.clone(), entry.clone());
            }
        }
        kept
    }

    /// Length of all files, in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|entry| entry.bytes).sum()
    }
}

/// Whether a file's name changes with its content.
pub(crate) fn is_hashed(path: &str) -> bool {
    path.starts_with(HASHED) || path.contains("/_astro/")
}

/// Whether `path` may be published: relative, `/`-separated, no empty, `.` or `..` segment, no backslash,
/// no control character, at most [`PATH_MAX`] bytes.
pub fn is_site_path(path: &str) -> bool {
    (1..=PATH_MAX).contains(&path.len())
        && !path.chars().any(|c| c == '\\' || c.is_control())
        && path.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// The media type of a file with this name, with UTF-8 as character set where it is text.
pub fn media_type(path: &str) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let essence = guess.essence_str();
    let text = essence.starts_with("text/")
        || matches!(essence, "application/javascript" | "application/json" | "application/xml")
        || essence.ends_with("+xml")
        || essence.ends_with("+json");
    if text { format!("{essence}; charset=utf-8") } else { essence.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Manifest {
        let entry =
            |path: &str, sha: &str| Entry { sha256: sha.to_owned(), bytes: 1, media_type: media_type(path) };
        Manifest {
            files: files.iter().map(|(p, s)| ((*p).to_owned(), entry(p, s))).collect(),
            ..Manifest::default()
        }
    }

    fn words(steps: &[Step]) -> Vec<String> {
        steps
            .iter()
            .map(|step| match step {
                Step::Put { path, .. } => format!("+{path}"),
                Step::Remove { path } => format!("-{path}"),
            })
            .collect()
    }

    #[test]
    fn assets_come_before_pages_and_removals_last() {
        let old = site(&[("a.css", "1"), ("about/index.html", "1"), ("index.html", "1"), ("same.png", "1")]);
        let new = site(&[("b.css", "1"), ("index.html", "2"), ("new.html", "1"), ("same.png", "1")]);
        assert_eq!(
            words(&Manifest::diff(&old, &new)),
            ["+b.css", "+index.html", "+new.html", "-a.css", "-about/index.html"]
        );
        assert!(Manifest::diff(&new, &new).is_empty());
    }

    #[test]
    fn another_media_type_alone_is_a_change() {
        let old = site(&[("a.txt", "1")]);
        let mut new = old.clone();
        new.files.get_mut("a.txt").unwrap().media_type = "text/csv".to_owned();
        assert_eq!(words(&Manifest::diff(&old, &new)), ["+a.txt"]);
    }

    #[test]
    fn hashed_assets_outlive_their_release_by_one() {
        let first = site(&[("_astro/a.1.css", "1"), ("gone.png", "1"), ("index.html", "1")]);
        let second = site(&[("_astro/a.2.css", "2"), ("index.html", "2")]);
        let third = site(&[("_astro/a.3.css", "3"), ("index.html", "3")]);
        let shown = second.keeping_assets_of(&first);
        assert_eq!(
            shown.files.keys().collect::<Vec<_>>(),
            ["_astro/a.1.css", "_astro/a.2.css", "index.html"]
        );
        let steps = Manifest::diff(&shown, &third.keeping_assets_of(&second));
        assert_eq!(words(&steps), ["+_astro/a.3.css", "+index.html", "-_astro/a.1.css"]);
    }

    #[test]
    fn path_rules() {
        for good in ["index.html", ".well-known/x", "a b/ü.png", "_astro/x.css"] {
            assert!(is_site_path(good), "{good}");
        }
        let long = "x".repeat(PATH_MAX + 1);
        for bad in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a\nb", "a\0", &long] {
            assert!(!is_site_path(bad), "{bad:?}");
        }
    }

    #[test]
    fn text_says_its_character_set() {
        assert_eq!(media_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(media_type("x/logo.svg"), "image/svg+xml; charset=utf-8");
        assert_eq!(media_type("_astro/x.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("p.avif"), "image/avif");
        assert_eq!(media_type("CNAME"), "application/octet-stream");
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let json = serde_json::to_string(&site(&[("index.html", "1")])).unwrap();
        assert!(serde_json::from_str::<Manifest>(&json).is_ok());
        assert!(serde_json::from_str::<Manifest>(&json.replace("\"schema\":1", "\"schema\":9")).is_err());
    }
}
