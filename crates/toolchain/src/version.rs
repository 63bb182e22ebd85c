//! Versions as programs print them.

use std::fmt;

/// Major, minor and patch number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Finds the first version in `text`, such as `v24.9.0` or `git version 2.39.5 (Debian)`.
    pub fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::read)
    }

    fn read(word: &str) -> Option<Self> {
        let digits = word.trim_start_matches('v').split(['-', '+']).next()?;
        let mut parts = digits.split('.').map(str::parse);
        let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
        Some(Self(major, minor, parts.next().and_then(Result::ok).unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        assert_eq!(Version::find("v20.20.2\n"), Some(Version(20, 20, 2)));
        assert_eq!(Version::find("git version 2.39.5.windows"), Some(Version(2, 39, 5)));
        assert_eq!(Version::find("2.1.330 (Claude Code)"), Some(Version(2, 1, 330)));
        assert_eq!(Version::find("v25.0.0-nightly"), Some(Version(25, 0, 0)));
        assert_eq!(Version::find("no number. here"), None);
        assert!(Version(22, 9, 9) < Version(22, 12, 0));
    }
}
