//! `cargo xtask tidy`: the rules of the house that no compiler checks.

mod arrows;
mod files;
mod locks;
mod source;
mod templates;
mod words;

use crate::stage::root;
use anyhow::{Context, bail};
use std::fmt;
use std::fs;
use std::process::Command;

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1; 0 when it is about the whole file.
    line: usize,
    rule: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule: rule.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(out, "{}: {}", self.path, self.rule)
        } else {
            write!(out, "{}:{}: {}", self.path, self.line, self.rule)
        }
    }
}

/// A file of the tree: its path from the root, with slashes, and its text.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

/// Prints every finding as `path:line: rule`. Fails when there is one.
pub(crate) fn run() -> anyhow::Result<()> {
    let files = tree()?;
    let mut findings = arrows::check(&arrows::metadata()?);
    for file in &files {
        findings.extend(files::check(file));
        findings.extend(words::check(file));
        findings.extend(locks::check(file));
        if is_rust(file) {
            findings.extend(source::check(file));
        }
    }
    findings.extend(files::check_readme(&files));
    findings.extend(templates::check(&files));
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} findings"),
    }
}

fn is_rust(file: &File) -> bool {
    std::path::Path::new(&file.path).extension().is_some_and(|ending| ending == "rs")
}

/// The text files that git knows or would take. Whatever is not UTF-8 is no text.
fn tree() -> anyhow::Result<Vec<File>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .context("git cannot be run")?;
    let paths = String::from_utf8(output.stdout).context("a path is not UTF-8")?;
    let mut files: Vec<File> = paths
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(|path| {
            Some(File { path: path.to_owned(), text: fs::read_to_string(root().join(path)).ok()? })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
