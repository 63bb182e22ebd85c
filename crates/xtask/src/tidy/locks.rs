//! Lock files name the public registries only, whatever mirror the machine that wrote them used.

use super::{File, Finding};

const NPM: &str = "https://registry.npmjs.org/";
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(file: &File) -> Vec<Finding> {
    let (key, registry) = match file.path.rsplit('/').next() {
        Some("package-lock.json") => ("\"resolved\": \"", NPM),
        Some("Cargo.lock") => ("source = \"", CRATES),
        _ => return Vec::new(),
    };
    let foreign =
        |line: &&str| line.trim_start().strip_prefix(key).is_some_and(|url| !url.starts_with(registry));
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| foreign(line))
        .map(|(at, _)| Finding::new(&file.path, at + 1, format!("a package from elsewhere than {registry}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::File;

    #[test]
    fn mirrors_are_found() {
        let npm = "{\n  \"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\",\n  \"resolved\": \"http://mirror/a.tgz\"\n}";
        let file = File { path: "site/package-lock.json".to_owned(), text: npm.to_owned() };
        assert_eq!(check(&file).iter().map(|finding| finding.line).collect::<Vec<_>>(), [3]);
        let cargo = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nsource = \"git+https://x\"\n";
        let file = File { path: "Cargo.lock".to_owned(), text: cargo.to_owned() };
        assert_eq!(check(&file).iter().map(|finding| finding.line).collect::<Vec<_>>(), [2]);
    }
}
