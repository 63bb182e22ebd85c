//! From the files that Astro wrote to the files of the public site: Astro leaves the site's `base` out of their
//! paths, but puts it into every address in the pages.

use crate::manifest::{Entry, Manifest, is_site_path, media_type};
use crate::site::site_path;
use crate::walk::WalkError;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FIRST_PAGE: &str = "index.html";
/// The one page that a static host looks for at its root, whatever was asked for.
const NOT_FOUND_PAGE: &str = "404.html";

/// A built site.
#[derive(Debug)]
pub struct Built {
    /// What its files are.
    pub manifest: Manifest,
    /// Where the bytes of each of them are.
    pub contents: BTreeMap<String, Content>,
}

/// The bytes of a file of a built site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In this file.
    File(PathBuf),
    /// These.
    Bytes(Bytes),
}

/// Where below its host a site lives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// What comes before each path: nothing, or segments with a slash at the end.
    prefix: String,
    /// The same as an address: begins and ends with a slash, and is escaped.
    address: String,
}

impl Base {
    /// `address` is a path as addresses have it. `None` when no site can be there.
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let address = format!("{}/", address.trim_end_matches('/'));
        Some(Self { prefix: site_path(&address)?, address })
    }
}

/// Puts `files`, found in `dist`, below `base`. The root then leads there, and has the site's 404 page.
pub(crate) fn place(dist: &Path, files: Manifest, base: &Base) -> Result<Built, WalkError> {
    let mut built = Built { manifest: Manifest::default(), contents: BTreeMap::new() };
    for (path, entry) in files.files {
        let content = Content::File(dist.join(&path));
        if path == NOT_FOUND_PAGE && !base.prefix.is_empty() {
            built.add(path.clone(), entry.clone(), content.clone());
        }
        let public = format!("{}{path}", base.prefix);
        if !is_site_path(&public) {
            return Err(WalkError::Name(public));
        }
        built.add(public, entry, content);
    }
    if !base.prefix.is_empty() {
        let page = Bytes::from(leading_to(&base.address));
        let entry = Entry {
            sha256: HEXLOWER.encode(&Sha256::digest(&page)),
            bytes: page.len() as u64,
            media_type: media_type(FIRST_PAGE),
        };
        built.add(FIRST_PAGE.to_owned(), entry, Content::Bytes(page));
    }
    Ok(built)
}

impl Built {
    fn add(&mut self, path: String, entry: Entry, content: Content) {
        self.contents.insert(path.clone(), content);
        self.manifest.files.insert(path, entry);
    }
}

/// A page, because that works with any host of files.
fn leading_to(address: &str) -> String {
    let to = address.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{to}</title>\n\
         <meta http-equiv=\"refresh\" content=\"0; url={to}\">\n<link rel=\"canonical\" href=\"{to}\">\n\
         <p><a href=\"{to}\">{to}</a></p>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::PATH_MAX;

    fn site(paths: &[&str]) -> Manifest {
        let entry = |path: &str| Entry { sha256: path.to_owned(), bytes: 1, media_type: media_type(path) };
        Manifest { files: paths.iter().map(|p| ((*p).to_owned(), entry(p))).collect(), ..Manifest::default() }
    }

    fn placed(paths: &[&str], base: &str) -> Built {
        place(Path::new("/dist"), site(paths), &Base::parse(base).unwrap()).unwrap()
    }

    fn file(path: &str) -> Content {
        Content::File(path.into())
    }

    #[test]
    fn a_base_is_a_path_or_refused() {
        for (said, prefix, address) in [
            ("/", "", "/"),
            ("/docs", "docs/", "/docs/"),
            ("/docs/", "docs/", "/docs/"),
            ("/a/b", "a/b/", "/a/b/"),
            ("/caf%C3%A9", "café/", "/caf%C3%A9/"),
        ] {
            let want = Base { prefix: prefix.to_owned(), address: address.to_owned() };
            assert_eq!(Base::parse(said), Some(want), "{said}");
        }
        for bad in ["docs", "/../x", "/a/%2e%2e/x", "//x", "/a//b", "/%zz", "/https://x"] {
            assert_eq!(Base::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn without_a_base_files_are_where_they_were_built() {
        let built = placed(&["404.html", "about/index.html"], "/");
        assert_eq!(built.manifest, site(&["404.html", "about/index.html"]));
        assert_eq!(built.contents["404.html"], file("/dist/404.html"));
        assert_eq!(built.contents.len(), 2);
    }

    #[test]
    fn with_a_base_the_root_leads_to_it_and_has_the_404_page() {
        let built = placed(&["404.html", "_astro/x.css", "index.html"], "/docs");
        let paths: Vec<_> = built.manifest.files.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            ["404.html", "docs/404.html", "docs/_astro/x.css", "docs/index.html", "index.html"]
        );
        assert!(built.contents.keys().eq(built.manifest.files.keys()));
        assert_eq!(built.contents["404.html"], file("/dist/404.html"));
        assert_eq!(built.contents["docs/index.html"], file("/dist/index.html"));
        let (entry, content) = (&built.manifest.files["index.html"], &built.contents["index.html"]);
        let Content::Bytes(page) = content else { panic!("{content:?}") };
        let text = std::str::from_utf8(page).unwrap();
        assert!(text.contains("content=\"0; url=/docs/\"") && text.contains("href=\"/docs/\""), "{text}");
        assert_eq!(entry.bytes, page.len() as u64);
        assert_eq!(entry.sha256, HEXLOWER.encode(&Sha256::digest(page)));
        assert_eq!(entry.media_type, "text/html; charset=utf-8");
    }

    #[test]
    fn a_site_without_a_404_page_gets_none() {
        assert!(!placed(&["index.html"], "/docs").contents.contains_key("404.html"));
    }

    #[test]
    fn the_base_counts_for_the_length_of_a_path() {
        let long = "x".repeat(PATH_MAX);
        let base = Base::parse("/docs").unwrap();
        let refused = place(Path::new("/dist"), site(&[&long]), &base);
        assert!(matches!(refused, Err(WalkError::Name(_))), "{refused:?}");
    }

    #[test]
    fn an_address_cannot_end_its_attribute() {
        assert!(!leading_to("/\"><script>/").contains("<script>"));
    }
}
