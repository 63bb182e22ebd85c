//! How long files may be, and what they are called.

use super::{File, Finding, is_rust};

/// Lines of a source file.
const SOURCE: usize = 400;
/// Lines of a `main.rs`.
const MAIN: usize = 40;
/// Lines of the README.
const README: usize = 200;
/// Files that may be longer, each with the reason.
const LONGER: &[(&str, &str)] = &[];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let (path, lines) = (file.path.as_str(), file.text.lines().count());
    let mut findings = Vec::new();
    if is_rust(file) {
        let limit = if path.ends_with("src/main.rs") { MAIN } else { SOURCE };
        if lines > limit && !LONGER.iter().any(|(known, _)| *known == path) {
            findings.push(Finding::new(path, lines, format!("longer than {limit} lines")));
        }
        if path.ends_with("/mod.rs") {
            findings.push(Finding::new(path, 0, "name it after its folder: foo.rs beside foo/"));
        }
    }
    if path == "README.md" && lines > README {
        findings.push(Finding::new(path, lines, format!("longer than {README} lines")));
    }
    findings
}

pub(super) fn check_readme(files: &[File]) -> Vec<Finding> {
    let missing = |path: &&str| !files.iter().any(|file| file.path == **path);
    ["README.md", "ARCHITECTURE.md"]
        .iter()
        .filter(|path| missing(path))
        .map(|path| Finding::new(path, 0, "is missing"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{check, check_readme};
    use crate::tidy::File;

    fn rules(path: &str, lines: usize) -> Vec<String> {
        let file = File { path: path.to_owned(), text: "x\n".repeat(lines) };
        check(&file).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn long_files_and_mod_files_are_found() {
        assert_eq!(rules("crates/a/src/lib.rs", 400), [""; 0]);
        assert_eq!(rules("crates/a/src/lib.rs", 401), ["crates/a/src/lib.rs:401: longer than 400 lines"]);
        assert_eq!(rules("crates/a/src/main.rs", 41), ["crates/a/src/main.rs:41: longer than 40 lines"]);
        assert_eq!(rules("crates/a/src/b/mod.rs", 1).len(), 1);
        assert_eq!(rules("README.md", 201).len(), 1);
        assert_eq!(rules("package-lock.json", 5000), [""; 0]);
    }

    #[test]
    fn the_two_documents_are_there() {
        let readme = File { path: "README.md".to_owned(), text: String::new() };
        assert_eq!(check_readme(&[readme])[0].to_string(), "ARCHITECTURE.md: is missing");
    }
}
