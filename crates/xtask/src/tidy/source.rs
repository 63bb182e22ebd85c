//! What Rust sources must and must not say.

use super::{File, Finding};

/// Pieces of code that only tests may contain, and what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (".unwrap()", "no unwrap in src: return an error that carries a decision"),
    ("todo!(", "no stubs"),
    ("unimplemented!(", "no stubs"),
    ("#[allow(", "use #[expect(…, reason = \"…\")]"),
    ("#![allow(", "use #![expect(…, reason = \"…\")]"),
];

/// Tasks that nobody can stop, when a statement begins so: nothing keeps the handle.
const SPAWNS: &[&str] = &["tokio::spawn(", "tokio::task::spawn("];
/// Files that may do it, each with the reason.
const UNSTOPPED: &[(&str, &str)] =
    &[("crates/bootstrap/src/lifecycle.rs", "waits for signals for as long as the process lives")];

/// Crates that are for tests as a whole.
const FOR_TESTS: &[&str] = &["crates/testkit/", "crates/ports/src/contract", "tests/"];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let path = file.path.as_str();
    let mut findings = Vec::new();
    if !file.text.starts_with("//!") {
        findings.push(Finding::new(path, 1, "say in one `//!` sentence what this module is for"));
    }
    let mut in_tests = is_for_tests(path);
    let mut gate = false;
    for (at, line) in file.text.lines().enumerate() {
        let code = code_of(line);
        if code.trim() == concat!("#[ig", "nore]") {
            findings.push(Finding::new(
                path,
                at + 1,
                "a test that is not run proves nothing: say why it is here",
            ));
        }
        // `#[cfg(test)] mod tests { … }` ends a file.
        in_tests |= gate && code.trim_start().starts_with("mod ") && code.trim_end().ends_with('{');
        gate = code.trim().starts_with("#[cfg(") && code.contains("test")
            || (gate && code.trim_start().starts_with("#["));
        if !in_tests {
            findings.extend(forbidden(path, code).map(|rule| Finding::new(path, at + 1, rule)));
        }
    }
    findings
}

fn is_for_tests(path: &str) -> bool {
    !path.contains("src/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || FOR_TESTS.iter().any(|tests| path.starts_with(tests))
}

fn forbidden(path: &str, code: &str) -> impl Iterator<Item = &'static str> {
    let may = UNSTOPPED.iter().any(|(known, _)| *known == path);
    let spawns = !may && SPAWNS.iter().any(|spawn| code.trim_start().starts_with(spawn));
    FORBIDDEN
        .iter()
        .filter(move |(piece, _)| code.contains(piece))
        .map(|(_, rule)| *rule)
        .chain(spawns.then_some("nobody can stop this task: track it, or keep its handle"))
}

/// The line without its comment and without what stands between quotes, roughly.
fn code_of(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    let code = line.split_once(" // ").map_or(line, |(code, _)| code);
    // A piece that begins inside of quotes is data.
    match code.find('"') {
        Some(quote) if code.trim_start().starts_with(['"', '(']) => &code[..quote],
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::File;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        check(&file).iter().map(|finding| format!("{}: {}", finding.line, finding.rule)).collect()
    }

    #[test]
    fn a_module_begins_with_its_sentence() {
        assert_eq!(found("crates/a/src/b.rs", "//! For b.\n"), [""; 0]);
        assert_eq!(found("crates/a/src/b.rs", "use c;\n").len(), 1);
    }

    #[test]
    fn unwrap_and_its_like_are_for_tests() {
        let text = "//! For b.\nlet a = b.unwrap();\n#[allow(dead_code)]\n// never .unwrap()\n";
        assert_eq!(found("crates/a/src/b.rs", text).len(), 2);
        assert_eq!(found("crates/a/tests/b.rs", text), [""; 0]);
        let inline = "//! For b.\n#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests {\n  a.unwrap();\n}\n";
        assert_eq!(found("crates/a/src/b.rs", inline), [""; 0]);
        let other = "//! For b.\n#[cfg(test)]\nmod tests;\nfn a() { b.unwrap() }\n";
        assert_eq!(found("crates/a/src/b.rs", other).len(), 1);
    }

    #[test]
    fn tasks_are_kept() {
        let text = "//! For b.\ntokio::spawn(work());\nlet kept = tokio::spawn(work());\n";
        assert_eq!(
            found("crates/a/src/b.rs", text),
            ["2: nobody can stop this task: track it, or keep its handle"]
        );
    }

    #[test]
    fn no_test_is_skipped() {
        let text = concat!("//! For b.\n#[ig", "nore]\n");
        assert_eq!(found("crates/a/tests/b.rs", text).len(), 1);
    }
}
