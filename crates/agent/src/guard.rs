//! How far a turn goes: asked before each use of a tool, so that the owner is asked before much is changed. Pure.

use crate::turn::{Overreach, Reach};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The tools that are asked about.
pub(crate) const WATCHED: &str =
    "Edit|Write|Bash|mcp__site__(create_post|update_post|update_page|delete_page|add_photo)";
/// What the names of the site's own tools begin with.
const SITE: &str = "mcp__site__";
/// Where a site keeps its pages.
const PAGES: [&str; 2] = ["src/pages", "src/content"];
/// Commands that take a file away from where it is.
const REMOVING: [&str; 3] = ["rm", "rmdir", "mv"];

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Claude Code's own rules decide.
    Go,
    /// No, and the turn goes on.
    Refused,
    /// No, and the turn ends: the owner is asked.
    Over(Overreach),
}

/// One turn's guard.
#[derive(Debug)]
pub(crate) struct Guard {
    reach: Reach,
    changed: BTreeSet<String>,
}

impl Guard {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, changed: BTreeSet::new() }
    }

    /// Whether the tool `name` may be used with `input` in `worktree`.
    pub(crate) fn ask(&mut self, name: &str, input: &Value, worktree: &Path) -> Pass {
        let most = match self.reach {
            Reach::Anything => return Pass::Go,
            Reach::Words => return Pass::Refused,
            Reach::Files(most) => most,
        };
        let root = format!("{}/", worktree.display());
        if name == "Bash" {
            let command = input["command"].as_str().unwrap_or_default().replace(&root, "");
            return removed_page(&command).map_or(Pass::Go, |page| Pass::Over(Overreach::RemovesPage(page)));
        }
        self.changed.insert(match name.strip_prefix(SITE) {
            Some("delete_page") => return Pass::Over(Overreach::RemovesPage(named(input, &root))),
            // Each is one file. One that is also edited may count twice: the owner is asked rather too early.
            Some(verb) => format!("{verb} {}", named(input, &root)),
            None => named(input, &root),
        });
        if self.changed.len() > most { Pass::Over(Overreach::ManyFiles(most)) } else { Pass::Go }
    }
}

/// The file that `input` names, or what it calls the page, post or photo.
fn named(input: &Value, root: &str) -> String {
    let names = ["file_path", "page", "post", "title", "attachment"];
    // A photo may be for a page, which is not what changes.
    let names = if input["attachment"].is_string() { &names[4..] } else { &names[..] };
    let name = names.iter().find_map(|name| input[name].as_str()).unwrap_or_default();
    name.strip_prefix(root).unwrap_or(name).to_owned()
}

/// The page, or the folder of pages, that a simple file command takes away.
fn removed_page(command: &str) -> Option<String> {
    let (program, words) = command.trim().split_once(char::is_whitespace)?;
    if !REMOVING.contains(&program) {
        return None;
    }
    let mut gone: Vec<&str> = words.split_whitespace().filter(|word| !word.starts_with('-')).collect();
    if program == "mv" {
        // The last is where it goes.
        gone.pop();
    }
    let mut named = gone.iter().map(|word| word.trim_matches(['"', '\'']).trim_start_matches("./"));
    named.find(|path| is_page(Path::new(path))).map(str::to_owned)
}

fn is_page(path: &Path) -> bool {
    path == Path::new("src") || PAGES.iter().any(|pages| path.starts_with(pages))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(guard: &mut Guard, name: &str, input: &Value) -> Pass {
        guard.ask(name, input, Path::new("/w"))
    }

    #[test]
    fn removing_a_page_needs_a_yes() {
        for (command, page) in [
            ("rm src/pages/about.astro", Some("src/pages/about.astro")),
            ("rm -r /w/src/content/blog", Some("src/content/blog")),
            ("rm -rf src", Some("src")),
            ("rm './src/pages/a.md'", Some("src/pages/a.md")),
            ("mv src/pages/a.astro src/pages/b.astro", Some("src/pages/a.astro")),
            ("mv /in/photo.jpg src/content/photo.jpg", None),
            ("rm public/old.png", None),
            ("cp /in/a.jpg src/pages/a.jpg", None),
            ("ls src/pages", None),
        ] {
            let pass = asked(&mut Guard::new(Reach::Files(10)), "Bash", &json!({ "command": command }));
            let over = page.map(|page| Pass::Over(Overreach::RemovesPage(page.to_owned())));
            assert_eq!(pass, over.unwrap_or(Pass::Go), "{command}");
        }
        let mut agreed = Guard::new(Reach::Anything);
        assert_eq!(asked(&mut agreed, "Bash", &json!({ "command": "rm -r src" })), Pass::Go);
    }

    #[test]
    fn one_file_more_than_allowed_needs_a_yes() {
        let mut guard = Guard::new(Reach::Files(2));
        let edit = |n: u8| json!({ "file_path": format!("/w/src/{n}.astro") });
        for n in [1, 2, 1, 2] {
            assert_eq!(asked(&mut guard, "Edit", &edit(n)), Pass::Go);
        }
        assert_eq!(asked(&mut guard, "Write", &edit(3)), Pass::Over(Overreach::ManyFiles(2)));
    }

    #[test]
    fn the_sites_own_tools_count_as_what_they_do() {
        let mut guard = Guard::new(Reach::Files(3));
        let uses = [
            ("create_post", json!({ "title": "New" })),
            ("update_page", json!({ "page": "/about/", "from": "a", "to": "b" })),
            ("update_page", json!({ "page": "/about/", "from": "b", "to": "c" })),
            ("add_photo", json!({ "attachment": "a.jpg", "page": "/about/" })),
        ];
        for (name, input) in uses {
            assert_eq!(asked(&mut guard, &format!("mcp__site__{name}"), &input), Pass::Go, "{name}");
        }
        let second = json!({ "attachment": "b.jpg", "page": "/about/" });
        assert_eq!(asked(&mut guard, "mcp__site__add_photo", &second), Pass::Over(Overreach::ManyFiles(3)));
        let gone = json!({ "page": "/w/src/pages/about.astro" });
        let over = Pass::Over(Overreach::RemovesPage("src/pages/about.astro".to_owned()));
        assert_eq!(asked(&mut Guard::new(Reach::Files(10)), "mcp__site__delete_page", &gone), over);
        assert_eq!(asked(&mut Guard::new(Reach::Anything), "mcp__site__delete_page", &gone), Pass::Go);
    }

    #[test]
    fn words_change_nothing() {
        let mut guard = Guard::new(Reach::Words);
        for name in ["create_post", "update_post", "update_page", "delete_page", "add_photo"] {
            let name = format!("mcp__site__{name}");
            assert!(WATCHED.contains(name.strip_prefix(SITE).unwrap()));
            assert_eq!(asked(&mut guard, &name, &json!({ "page": "/about/" })), Pass::Refused, "{name}");
        }
        assert_eq!(asked(&mut guard, "Edit", &json!({ "file_path": "/w/a" })), Pass::Refused);
        assert_eq!(asked(&mut guard, "Bash", &json!({ "command": "cp a b" })), Pass::Refused);
    }
}
