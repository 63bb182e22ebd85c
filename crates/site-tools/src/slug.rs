//! Short names for addresses and files.

/// Longest slug, in characters.
const LONGEST: usize = 60;

/// `text` in lower-case ASCII letters, digits and hyphens; empty where it has neither letters nor digits.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in any_ascii::any_ascii(text).chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            // What is left out within a word: it's, l'été.
            '\'' | '`' => {}
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    if out.len() > LONGEST {
        // Not in the middle of a word, where that leaves enough.
        let end = out[..=LONGEST].rfind('-').filter(|end| *end > LONGEST / 2).unwrap_or(LONGEST);
        out.truncate(end);
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_script_becomes_ascii() {
        for (text, want) in [
            ("The new oven is in!", "the-new-oven-is-in"),
            ("Öffnungszeiten: Übersicht & Straße", "offnungszeiten-ubersicht-strasse"),
            ("It’s l'été", "its-lete"),
            ("Привет, мир", "privet-mir"),
            ("../../etc/passwd", "etc-passwd"),
            ("—", ""),
        ] {
            assert_eq!(slug(text), want, "{text}");
        }
        assert_eq!(slug(&"word ".repeat(30)), ["word"; 12].join("-"));
        assert_eq!(slug(&"x".repeat(100)).len(), LONGEST);
    }
}
