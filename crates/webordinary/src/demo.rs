//! The demo project: a bakery's site, carried in this program.

use crate::cli::AddProject;
use crate::data::DataDir;
use crate::projects;
use anyhow::Context;
use include_dir::{Dir, include_dir};
use ports::Backends;
use std::path::{Path, PathBuf};
use workspace::{Author, FirstCommit};

static SITE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo-site");
/// What working on the site leaves behind, should the program be built after that.
const LEFTOVERS: [&str; 3] = ["node_modules", "dist", ".astro"];

/// The demo project's name.
pub(crate) const NAME: &str = "demo";
/// Its owner.
pub(crate) const OWNER: &str = "owner@demo.localhost";

/// Creates the demo project, unless there is a project already.
pub(crate) async fn ensure(backends: &Backends, data: &DataDir, site_port: u16) -> anyhow::Result<()> {
    if !backends.projects.list().await?.is_empty() {
        return Ok(());
    }
    let repository = data.repository(NAME);
    if !repository.exists() {
        let first = FirstCommit {
            branch: "main".to_owned(),
            subject: "Bake the first site".to_owned(),
            author: Author { name: "WebOrdinary".to_owned(), email: "edit@demo.localhost".to_owned() },
            when: backends.clock.now(),
        };
        let dir = repository.clone();
        tokio::task::spawn_blocking(move || workspace::create_bare(&dir, &first, files(&SITE)))
            .await?
            .context("the demo project could not be created")?;
    }
    let demo = AddProject {
        name: NAME.to_owned(),
        repository: repository.display().to_string(),
        owner: OWNER.to_owned(),
        editors: Vec::new(),
    };
    projects::register(backends, &demo, &repository, ("main", site_port)).await
}

fn files(dir: &'static Dir<'static>) -> Vec<(PathBuf, &'static [u8])> {
    let mut found = Vec::new();
    for file in dir.files() {
        found.push((file.path().to_owned(), file.contents()));
    }
    for inner in dir.dirs() {
        if !is_leftover(inner.path()) {
            found.extend(files(inner));
        }
    }
    found
}

fn is_leftover(path: &Path) -> bool {
    LEFTOVERS.iter().any(|name| path == Path::new(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_site_is_whole_and_small() {
        let paths: Vec<PathBuf> = files(&SITE).into_iter().map(|(path, _)| path).collect();
        for needed in ["package.json", "package-lock.json", "src/pages/index.astro", "src/pages/about.astro"]
        {
            assert!(paths.contains(&PathBuf::from(needed)), "{needed} is missing");
        }
        assert!(paths.len() < 60, "{} files", paths.len());
    }
}
