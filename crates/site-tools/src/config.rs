//! What the site's configuration says, as far as that stands in it word for word: it is read, never run.

use crate::folder::Folder;
use crate::place::Place;

/// How files of a configuration may end.
const ENDS: [&str; 5] = ["mjs", "ts", "js", "mts", "cjs"];
/// Most collections that are looked for outside of the usual folder.
const MOST_BASES: usize = 20;

/// The `base` of the site's addresses without a slash at its start and with one at its end; empty without one.
pub(crate) fn base(folder: &Folder) -> String {
    let config = read(folder, "astro.config");
    let base = values(&config, "base").next().unwrap_or_default().trim_matches('/');
    if base.is_empty() || base.contains(['$', ' ']) { String::new() } else { format!("{base}/") }
}

/// The folders that the configuration of the content names as `base` of a collection.
pub(crate) fn collection_bases(folder: &Folder) -> Vec<Place> {
    let config = read(folder, "src/content.config") + &read(folder, "src/content/config");
    values(&config, "base").filter_map(|base| Place::read(base).ok()).take(MOST_BASES).collect()
}

fn read(folder: &Folder, stem: &str) -> String {
    let text = |end: &str| Place::read(&format!("{stem}.{end}")).and_then(|place| folder.text(&place)).ok();
    ENDS.into_iter().find_map(text).unwrap_or_default()
}

/// The texts in quotes that stand behind `key:`.
fn values<'a>(config: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    config.match_indices(key).filter_map(move |(at, _)| {
        let before = config[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "_.$'\"".contains(c)) {
            return None;
        }
        let value = config[at + key.len()..].trim_start().strip_prefix(':')?.trim_start();
        let mark = value.chars().next().filter(|c| "\"'`".contains(*c))?;
        value[1..].split_once(mark).map(|(value, _)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Found};
    use crate::stage::Stage;

    #[test]
    fn the_base_comes_from_the_configuration() {
        let stage = Stage::new();
        assert_eq!(base(&stage.folder()), "");
        stage.write(
            "astro.config.mjs",
            "export default defineConfig({ database: 'x',\n  base: '/docs/',\n});\n",
        );
        assert_eq!(base(&stage.folder()), "docs/");
        let (folder, catalog) = (stage.folder(), Catalog::of(&stage.folder()).unwrap());
        assert_eq!(catalog.find(&folder, "/docs/about/").map(Found::file), Ok("src/pages/about.astro"));
        assert_eq!(stage.site().preview_link("about").unwrap(), "http://127.0.0.1:1/session/t/docs/about/");
        stage.write("astro.config.mjs", "export default { base: `/${x}` }");
        assert_eq!(base(&stage.folder()), "");
    }
}
