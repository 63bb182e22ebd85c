//! Whether the site builds, and what a build that failed says in short.

use async_trait::async_trait;

/// Longest short form, in characters.
const LONGEST: usize = 4_000;
/// Most lines that belong to one error.
const MOST_LINES: usize = 12;

/// Builds a thread's site as it is now.
#[async_trait]
pub trait Builds: Send + Sync {
    /// Builds the thread's files as they are, away from its dev server.
    ///
    /// # Errors
    /// What is wrong, as [`short`] gives it, when the site does not build.
    async fn check(&self) -> Result<(), String>;
}

/// The errors in the output of a build: file, line and message, without colours and stack traces, in at most 4,000
/// characters.
pub fn short(output: &str) -> String {
    let plain = without_escapes(output);
    let lines: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let mut told: Vec<&str> = Vec::new();
    let mut rest = lines.as_slice();
    while let Some(at) = rest.iter().position(|line| is_error(line)) {
        let block: Vec<&str> = rest[at..].iter().copied().enumerate().take_while(|(n, line)| *n == 0 || belongs(line)).map(|(_, line)| line).collect();
        rest = &rest[at + block.len()..];
        let kept = block.into_iter().filter(|line| tells(line)).take(MOST_LINES);
        told.extend(kept.filter(|line| !line.is_empty()));
    }
    if told.is_empty() {
        // Nothing is known of its form: its end says most.
        let said: Vec<&str> = lines.into_iter().filter(|line| tells(line) && !line.is_empty()).collect();
        told = said[said.len().saturating_sub(MOST_LINES)..].to_vec();
    }
    let mut seen = std::collections::HashSet::new();
    told.retain(|line| seen.insert(*line));
    cut(&told.join("\n"))
}

/// Whether a line begins an error, of Astro itself, of Vite's bundler or of npm.
fn is_error(line: &str) -> bool {
    let line = without_time(line.trim_start());
    let begins = ["[ERROR]", "[error]", "error ", "error:", "Error:", "✘ [ERROR]", "✗ ", "× ", "npm error ", "npm ERR! "];
    begins.iter().any(|begin| line.starts_with(begin))
        || line.split_once(':').is_some_and(|(name, _)| {
            name.ends_with("Error") && name.chars().all(|c| c.is_ascii_alphanumeric() || "[]_ ".contains(c))
        })
        || (line.starts_with('[') && line.split_once(']').is_some_and(|(name, _)| name.ends_with("Error")))
}

/// Whether a line still belongs to the error above it.
fn belongs(line: &str) -> bool {
    let line = line.trim_start();
    // Astro's next message begins with the time.
    !is_error(line) && without_time(line) == line
}

/// Whether a line says something to who wrote the site.
fn tells(line: &str) -> bool {
    let line = line.trim_start();
    let trace = line.starts_with("at ") && (line.contains("node_modules") || line.contains("node:") || line.contains("dist/"));
    let rule = !line.is_empty() && line.chars().all(|c| "─—-=~▔▁ ".contains(c));
    !trace && !rule && !line.starts_with("Stack trace") && !line.starts_with("npm error A complete log")
}

/// The line without the time `12:34:56` that Astro puts before what it says.
fn without_time(line: &str) -> &str {
    let time = line.get(..8).is_some_and(|time| {
        time.bytes().enumerate().all(|(at, b)| if at % 3 == 2 { b == b':' } else { b.is_ascii_digit() })
    });
    if time { line[8..].trim_start() } else { line }
}

/// Without the escape sequences of a terminal, and other control characters.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                Some(']') => while chars.next().is_some_and(|c| c != '\u{7}' && c != '\u{1b}') {},
                _ => {}
            },
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}
