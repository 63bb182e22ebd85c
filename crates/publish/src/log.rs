//! A build's output, cut down to what its reader needs.

/// Longest short form, in characters.
const LONGEST: usize = 4_000;
/// What is said of a build that said nothing.
const SILENT: &str = "The build ended without saying why.";
/// Lines of an output's end, where nothing in it looks like an error.
const LAST_LINES: usize = 12;
/// What Astro says of a build that goes well, and what only its makers understand.
const NOISE: [&str; 9] = [
    "generating static routes",
    "generating optimized images",
    "prerendering static routes",
    "Stack trace:",
    "Error reference:",
    "https://",
    "├─",
    "└─",
    "▶",
];

/// The errors in the output of a build that failed: message, file and line, without colours, progress and stack traces,
/// in at most 4,000 characters. Never empty.
pub(crate) fn short(output: &str) -> String {
    let plain = without_escapes(output);
    let mut told: Vec<String> = Vec::new();
    for line in plain.lines().filter_map(told_of) {
        // Astro says most things twice.
        if !told.iter().any(|earlier| earlier.contains(line.trim())) {
            told.push(line);
        }
    }
    if told.is_empty() {
        let said: Vec<&str> = plain.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        told = said[said.len().saturating_sub(LAST_LINES)..].iter().map(|line| (*line).to_owned()).collect();
    }
    if told.is_empty() { SILENT.to_owned() } else { cut(&told.join("\n")) }
}

/// What a line says of an error; `None` for any other.
fn told_of(line: &str) -> Option<String> {
    // A page's line of progress may go over into the error.
    let line = line.find("[ERROR]").map_or(line, |at| &line[at..]).trim_end();
    let inner = line.trim_start();
    let progress = NOISE.iter().any(|noise| inner.starts_with(noise)) || begins_with_time(inner);
    let trace = inner.starts_with("at ") || inner.contains("node_modules") || inner.contains("virtual:");
    let drawn = !inner.chars().any(char::is_alphanumeric);
    (!progress && !trace && !drawn).then(|| from_root(line))
}

/// Whether a line begins with a time, as what Astro says of its progress does: `12:34:56`.
fn begins_with_time(line: &str) -> bool {
    line.get(..8).is_some_and(|time| {
        time.bytes().enumerate().all(|(at, b)| if at % 3 == 2 { b == b':' } else { b.is_ascii_digit() })
    })
}

/// With paths as they are within the site: a build is made in a place of its own.
fn from_root(line: &str) -> String {
    let word = |word: &str| {
        let path = word.strip_prefix("file://").unwrap_or(word);
        if !path.starts_with('/') {
            return word.to_owned();
        }
        let inside = path.find("/src/").map(|at| &path[at + 1..]);
        let config = || path.rfind("/astro.config.").map(|at| &path[at + 1..]);
        inside.or_else(config).unwrap_or(word).to_owned()
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What Astro 7.3.5 said of a site that was broken in each of these ways.
    const FAILED: [(&str, &str, &[&str]); 9] = [
        (
            "syntax",
            include_str!("../tests/builds/syntax.txt"),
            &["Expected `}`", "src/pages/about.astro:11:15"],
        ),
        (
            "import",
            include_str!("../tests/builds/import.txt"),
            &["'../images/loaf.jpg'", "src/pages/about.astro:3:18"],
        ),
        (
            "schema",
            include_str!("../tests/builds/schema.txt"),
            &["the-new-oven", "Expected type `\"date\"`", "src/content/blog/the-new-oven.md"],
        ),
        (
            "yaml",
            include_str!("../tests/builds/yaml.txt"),
            &["missed comma", "src/content/blog/the-new-oven.md:2:0"],
        ),
        (
            "throws",
            include_str!("../tests/builds/throws.txt"),
            &["rendering /blog/a-starter-called-otto", "no post for you"],
        ),
        (
            "alt",
            include_str!("../tests/builds/alt.txt"),
            &["rendering /about", "missing \"alt\"", "empty string"],
        ),
        (
            "config",
            include_str!("../tests/builds/config.txt"),
            &["Unable to load your Astro config", "invalid JS syntax", "astro.config.mjs:1:0"],
        ),
        (
            "undefined",
            include_str!("../tests/builds/undefined.txt"),
            &["owner is not defined", "rendering /about"],
        ),
        (
            "mdimage",
            include_str!("../tests/builds/mdimage.txt"),
            &["Could not find requested image `../../assets/photos/none.jpg`"],
        ),
    ];

    #[test]
    fn what_failed_is_told_in_short() {
        for (name, output, parts) in FAILED {
            let short = short(output);
            for part in parts {
                assert!(short.contains(part), "{name}: {part} is missing:\n{short}");
            }
            for noise in ["\u{1b}", "node_modules", "/srv/", "Syncing", "dist/", "Stack trace"] {
                assert!(!short.contains(noise), "{name}: {noise:?} is left:\n{short}");
            }
            assert!(short.lines().count() <= 12, "{name}:\n{short}");
        }
    }

    #[test]
    fn any_output_is_bounded_and_never_empty() {
        assert_eq!(short(&format!("[ERROR] {}", "ü".repeat(2 * LONGEST))).chars().count(), LONGEST);
        let many: Vec<String> = (0..2_000).map(|n| format!("Error number {n}")).collect();
        assert_eq!(short(&many.join("\n")).chars().count(), LONGEST);
        assert_eq!(short("\n"), SILENT);
        assert_eq!(short("18:51:27 [build] Complete!\n\n"), "18:51:27 [build] Complete!");
        assert_eq!(short("\u{1b}[31mbad\u{1b}[0m \u{1b}]8;;x\u{7}link\u{7}"), "bad link");
    }
}
