//! A build's output, cut down to what its reader needs.

use std::path::Path;

const LINES_MAX: usize = 8;
const CHARS_MAX: usize = 800;

/// What went wrong, in the last meaningful lines of a failed build's output: no colours, no times, no stack
/// traces, paths relative to `root`.
pub(crate) fn short_form(stdout: &str, stderr: &str, root: &Path) -> String {
    let output = if stderr.trim().is_empty() { stdout } else { stderr };
    let lines: Vec<String> = output.lines().map(|line| relative(&plain(line), root)).collect();
    let begin = lines.iter().rposition(|line| line.contains("[ERROR]")).unwrap_or_else(|| {
        let error = lines.iter().rposition(|line| line.contains("Error:"));
        error.unwrap_or_else(|| lines.len().saturating_sub(LINES_MAX))
    });
    let mut kept: Vec<&str> = Vec::new();
    for line in lines[begin..].iter().map(|line| meaningful(line)) {
        if !line.is_empty() && !kept.iter().any(|k| k.contains(line)) {
            kept.push(line);
        }
    }
    kept.truncate(LINES_MAX);
    let text: String = kept.join("\n").chars().take(CHARS_MAX).collect();
    if text.is_empty() { "The build ended without saying why.".to_owned() } else { text }
}

/// The line without terminal escapes and other control characters.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.next() == Some('[') {
                chars.find(char::is_ascii_alphabetic);
            }
        } else if !c.is_control() || c == '\t' {
            out.push(c);
        }
    }
    out
}

fn relative(line: &str, root: &Path) -> String {
    let root = root.to_string_lossy();
    let root = root.trim_end_matches('/');
    line.replace(&format!("file://{root}/"), "").replace(&format!("{root}/"), "").replace(root, ".")
}

/// The part of a line that says something; empty for stack frames and headings.
fn meaningful(line: &str) -> &str {
    let mut text = line.trim();
    let time = text.as_bytes().get(..8).is_some_and(|t| t[2] == b':' && t[5] == b':');
    if time {
        text = text.get(8..).unwrap_or_default().trim();
    }
    text = text.strip_prefix("[ERROR]").unwrap_or(text).trim();
    let frame = ["at ", "- ", "Stack trace:", "Location:", "Node.js v", "│ Help:", "│         - "];
    let drawing = !text.is_empty() && text.chars().all(|c| !c.is_alphanumeric());
    if drawing || frame.iter().any(|begin| text.starts_with(begin)) { "" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_error_names_the_place_in_the_site() {
        let stderr = "\u{1b}[2m13:42:48\u{1b}[22m \u{1b}[31m[ERROR] [vite]\u{1b}[39m ✗ Build failed in 94ms\n\
            [CompilerError] Unexpected token\n  Location:\n    /w/site/src/pages/bad.astro:1:16\n  Stack trace:\n    \
            at handle (file:///w/site/node_modules/astro/dist/compile.js:73:11)\n";
        assert_eq!(
            short_form("noise", stderr, Path::new("/w/site")),
            "[vite] ✗ Build failed in 94ms\n[CompilerError] Unexpected token\nsrc/pages/bad.astro:1:16"
        );
    }

    #[test]
    fn a_rendering_error_is_said_once() {
        let stderr = "13:42:47 [ERROR] TypeError: no\n    at file:///w/site/dist/x.mjs:10:67\n\
            13:42:47 [ERROR] [build] Caught error rendering /bad: TypeError: no\nno\n  Stack trace:\n    at f (x)\n";
        assert_eq!(
            short_form("", stderr, Path::new("/w/site")),
            "[build] Caught error rendering /bad: TypeError: no"
        );
    }

    #[test]
    fn anything_else_gives_its_end() {
        let many = (0..50).map(|i| format!("line {i}")).collect::<Vec<_>>().join("\n");
        let short = short_form(&many, "", Path::new("/w"));
        assert_eq!(short.lines().count(), LINES_MAX);
        assert!(short.ends_with("line 49"));
        assert!(!short_form("", "", Path::new("/w")).is_empty());
        assert!(short_form("", &"ü".repeat(9000), Path::new("/w")).chars().count() <= CHARS_MAX);
    }
}
