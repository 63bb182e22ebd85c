//! A small site for tests.

use crate::folder::{Changes, Folder};
use crate::site::Site;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A site with its attachments, in a folder of its own.
pub(crate) struct Stage(TempDir);

impl Stage {
    pub(crate) fn new() -> Self {
        let stage = Self(tempfile::tempdir().unwrap());
        for (path, text) in [
            ("src/pages/index.astro", "---\n---\n<h1>Home</h1>\n<a href=\"/about/\">About</a>\n"),
            (
                "src/pages/about.astro",
                "---\n---\n<h1>About</h1>\n<p>Open at 9.</p>\n<p>Twice</p><p>Twice</p>\n",
            ),
            ("src/pages/terms.md", "---\nlayout: ../layouts/Base.astro\ntitle: Terms\n---\n\nOld terms.\n"),
            ("src/pages/blog/index.astro", "list"),
            ("src/pages/blog/[slug].astro", "post"),
            (
                "src/content/blog/the-new-oven.md",
                "---\ntitle: The new oven is in\nsummary: Two tons.\ndate: 2026-09-12\nauthor: Nora\n---\n\nIt came.\n",
            ),
            (
                "src/content/blog/a-starter-called-otto.md",
                "---\ntitle: A starter called Otto\nsummary: 'Old: dough'\ndate: 2026-08-01\nauthor: Nora\ndraft: true\n---\n\nOtto.\n",
            ),
        ] {
            stage.write(path, text);
        }
        fs::create_dir_all(stage.0.path().join("in/m1")).unwrap();
        stage
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn attach(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join("in/m1").join(name), bytes).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join("site").join(path)
    }

    pub(crate) fn folder(&self) -> Folder {
        Folder::open(&self.path(""), &Changes::default()).unwrap()
    }

    pub(crate) fn site(&self) -> Site {
        Site {
            worktree: self.path(""),
            attachments: self.0.path().join("in"),
            message: "m1".to_owned(),
            preview: Some("http://127.0.0.1:1/session/t/".to_owned()),
            today: jiff::civil::date(2026, 10, 3),
            builds: None,
            changes: Changes::default(),
        }
    }
}
