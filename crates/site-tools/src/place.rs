//! Paths within a folder that a tool may touch.

use crate::error::{Result, ToolError};
use std::fmt;

/// Longest path, in bytes.
const LONGEST: usize = 512;
/// Most folders in a path, and the file.
const DEEPEST: usize = 16;

/// A path below a folder's root: relative, without `.` and `..`, and without hidden or foreign parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(String);

impl Place {
    /// Reads `text`, a path relative to the folder.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Denied`] where it leads out of the folder, or to what is hidden (`.git`, `.env`) or no part
    /// of the site's sources (`node_modules`).
    pub(crate) fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        let parts: Vec<&str> =
            text.strip_prefix("./").unwrap_or(text).trim_end_matches('/').split('/').collect();
        if text.len() > LONGEST || parts.len() > DEEPEST {
            return Err(ToolError::denied("This path is too long."));
        }
        for part in &parts {
            if !is_open(part) {
                let shown: String = text.chars().filter(|c| !c.is_control()).collect();
                return Err(ToolError::denied(format!(
                    "{shown} cannot be touched: only the site's own sources can, by a path relative to the site, and \
                     nothing that is hidden."
                )));
            }
        }
        Ok(Self(parts.join("/")))
    }

    /// The path as text, with `/` between its parts.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The folders on the way to the file, outermost first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let folders = self.0.rsplit_once('/').map_or("", |(folders, _)| folders);
        folders.split('/').filter(|folder| !folder.is_empty())
    }

    /// What follows the last point of its name, in lower case.
    pub(crate) fn extension(&self) -> String {
        self.name().rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    }

    /// Whether it is Markdown.
    pub(crate) fn is_markdown(&self) -> bool {
        matches!(self.extension().as_str(), "md" | "mdx")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a file or folder called `part` may be looked at.
pub(crate) fn is_open(part: &str) -> bool {
    let plain = !part.is_empty() && part.len() <= 255 && !part.chars().any(|c| c.is_control() || c == '\\');
    plain && !part.starts_with('.') && !part.eq_ignore_ascii_case("node_modules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_open_paths_below_the_root_are_read() {
        for path in ["src/pages/a.astro", "./src/pages/[...slug].astro", "src/content/blog/é ü.md"] {
            assert!(Place::read(path).is_ok(), "{path}");
        }
        for path in [
            "",
            "/etc/passwd",
            "..",
            "src/../../x",
            "src//x",
            "src/./x",
            ".env",
            "src/.env.local",
            ".git/config",
            ".GIT/config",
            "src/.git",
            "node_modules/astro/package.json",
            "Node_Modules/x",
            "src\\..\\x",
            "src/a\0b",
            "src/a\nb",
        ] {
            assert_eq!(Place::read(path).map_err(|e| e.kind()), Err(crate::ErrorKind::Denied), "{path:?}");
        }
        assert!(Place::read(&"a/".repeat(17)).is_err() && Place::read(&"a".repeat(256)).is_err());
    }

    #[test]
    fn a_path_knows_its_parts() {
        let place = Place::read("src/content/blog/The.Post.MD").unwrap();
        assert_eq!((place.name(), place.extension().as_str()), ("The.Post.MD", "md"));
        assert_eq!(place.folders().collect::<Vec<_>>(), ["src", "content", "blog"]);
        assert!(place.is_markdown());
    }
}
