//! Addresses as the site writes them, moved under the path at which its preview is reached. Pure.

use domain::ThreadId;
use std::borrow::Cow;
use std::str::FromStr;

/// The path under which one site is previewed, and the origin at which browsers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    path: String,
    origin: String,
}

impl Prefix {
    /// A prefix of the path `path`, which begins and ends with `/`, at `origin` (`scheme://host[:port]`).
    /// The path `/` alone means that nothing needs to be moved.
    pub fn new(path: impl Into<String>, origin: impl Into<String>) -> Self {
        Self { path: path.into(), origin: origin.into() }
    }

    /// The path, with `/` at both ends.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The origin at which browsers see the site.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether the site has a host of its own, so that its addresses are right as they are.
    pub fn is_root(&self) -> bool {
        self.path == "/"
    }

    /// `url` moved under the prefix, or `None` when it is right as it is: relative, on another host, no
    /// address at all, or already under the prefix.
    pub fn url(&self, url: &str) -> Option<String> {
        let trimmed = url.trim_start();
        if trimmed.starts_with('/') {
            return self.path_of(trimmed);
        }
        let path = trimmed.strip_prefix(self.origin.as_str())?;
        let path = if path.is_empty() { "/" } else { path };
        let moved = if path.starts_with('/') { self.path_of(path)? } else { return None };
        Some(format!("{}{moved}", self.origin))
    }

    /// A path with its query. What Astro wrongly puts before the prefix (a base of the site's own), or behind
    /// it (a second `/`, or `undefined`), is taken off.
    fn path_of(&self, url: &str) -> Option<String> {
        if self.is_root() || url.starts_with("//") && !url.starts_with(&format!("/{}", self.path)) {
            return None;
        }
        let (path, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
        let inside = match path.find(&self.path) {
            Some(at) => path[at + self.path.len()..].trim_start_matches('/'),
            None if path.len() + 1 == self.path.len() && self.path.starts_with(path) => return None,
            None => path.trim_start_matches('/'),
        };
        let inside = match inside.strip_prefix("undefined") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest.trim_start_matches('/'),
            _ => inside,
        };
        let moved = format!("{}{inside}{query}", self.path);
        (moved != url).then_some(moved)
    }

    /// The addresses in a `srcset`, each moved.
    pub fn srcset(&self, text: &str) -> Option<String> {
        let mut out = String::with_capacity(text.len() + 64);
        let mut rest = text;
        let mut changed = false;
        while !rest.is_empty() {
            let start = rest.find(|c: char| !c.is_ascii_whitespace() && c != ',').unwrap_or(rest.len());
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
            let candidate = rest[..end].trim_end_matches(',');
            match self.url(candidate) {
                Some(moved) => {
                    changed = true;
                    out.push_str(&moved);
                }
                None => out.push_str(candidate),
            }
            let descriptor = if candidate.len() < end {
                end
            } else {
                rest[end..].find(',').map_or(rest.len(), |at| end + at)
            };
            out.push_str(&rest[candidate.len()..descriptor]);
            rest = &rest[descriptor..];
        }
        changed.then_some(out)
    }

    /// Style text with the addresses in `url(…)` and `@import "…"` moved.
    pub fn css(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut copied = 0;
        let mut from = 0;
        while let Some((start, end)) = next_css_address(text, from) {
            if let Some(moved) = self.url(&text[start..end]) {
                out.push_str(&text[copied..start]);
                out.push_str(&moved);
                copied = end;
            }
            from = end;
        }
        if copied == 0 {
            return None;
        }
        out.push_str(&text[copied..]);
        Some(out)
    }

    /// The content of `<meta http-equiv="refresh">` with its address moved.
    pub fn refresh(&self, content: &str) -> Option<String> {
        let at = content.to_ascii_lowercase().find("url=")? + "url=".len();
        let url = content[at..].trim_start_matches([' ', '"', '\'']);
        let moved = self.url(url)?;
        Some(format!("{}{moved}", &content[..content.len() - url.len()]))
    }

    /// The path attribute of a cookie, kept within the prefix.
    pub fn cookie_path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        if self.is_root() || path.starts_with(&self.path) {
            return Cow::Borrowed(path);
        }
        Cow::Owned(format!("{}{}", self.path, path.trim_start_matches('/')))
    }
}

/// Where the next address in style text begins and ends, searched from `from`.
fn next_css_address(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let keyword = ["url(", "@import"].iter().find(|word| {
            rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
        });
        let Some(keyword) = keyword else {
            at += 1;
            continue;
        };
        at += keyword.len();
        let mut start = at;
        while bytes.get(start).is_some_and(u8::is_ascii_whitespace) {
            start += 1;
        }
        let quote = bytes.get(start).copied().filter(|b| matches!(b, b'"' | b'\''));
        let end_of = |start: usize, end: fn(u8, u8) -> bool, quote: u8| {
            bytes[start..].iter().position(|b| end(*b, quote)).map_or(bytes.len(), |length| start + length)
        };
        match quote {
            Some(quote) => return Some((start + 1, end_of(start + 1, |b, quote| b == quote, quote))),
            None if *keyword == "url(" => {
                return Some((start, end_of(start, |b, _| b == b')' || b.is_ascii_whitespace(), 0)));
            }
            None => {} // `@import url(…)`: the url( is found next
        }
    }
    None
}

/// Where a request belongs that left its preview: scripts make addresses such as `/data.json`, which no rewriting
/// of HTML sees. `path` is the path with its query; `referer` the Referer header. The answer is the address to
/// redirect to with status 307, or `None` when the request did not come from a preview.
pub fn escaped(path: &str, referer: &str) -> Option<String> {
    if !path.starts_with('/') || path.starts_with("/session/") {
        return None;
    }
    let (_, after_scheme) = referer.split_once("://")?;
    let at = after_scheme.find('/')?;
    let inside = after_scheme[at..].strip_prefix("/session/")?;
    let id = inside.split(['/', '?', '#']).next()?;
    ThreadId::from_str(id).ok()?;
    Some(format!("/session/{id}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "/session/abcdefghijkl/";

    fn prefix() -> Prefix {
        Prefix::new(P, "http://127.0.0.1:8080")
    }

    #[test]
    fn addresses_of_the_site_move_and_others_stay() {
        for (url, moved) in [
            ("/", Some("/session/abcdefghijkl/")),
            ("/a/b?c=/d#e", Some("/session/abcdefghijkl/a/b?c=/d#e")),
            ("/?next=/session/abcdefghijkl/x", Some("/session/abcdefghijkl/?next=/session/abcdefghijkl/x")),
            ("/session/abcdefghijkl//@vite/client", Some("/session/abcdefghijkl/@vite/client")),
            ("/docs//session/abcdefghijkl//src/a.css", Some("/session/abcdefghijkl/src/a.css")),
            ("//session/abcdefghijkl/x", Some("/session/abcdefghijkl/x")),
            ("/session/abcdefghijkl/undefined/_image?x", Some("/session/abcdefghijkl/_image?x")),
            ("/session/abcdefghijkl/undefined", Some("/session/abcdefghijkl/")),
            ("/session/abcdefghijkl/undefinedness", None),
            ("/session/abcdefghijkl/x", None),
            ("/session/abcdefghijkl", None),
            ("http://127.0.0.1:8080/x", Some("http://127.0.0.1:8080/session/abcdefghijkl/x")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080/session/abcdefghijkl/")),
            ("http://127.0.0.1:80801/x", None),
            ("https://example.org/x", None),
            ("//example.org/x", None),
            ("relative/x", None),
            ("#top", None),
            ("?page=2", None),
            ("mailto:a@b.org", None),
            ("data:,", None),
            ("javascript:void(0)", None),
            ("", None),
        ] {
            assert_eq!(prefix().url(url).as_deref(), moved, "{url}");
        }
    }

    #[test]
    fn with_a_host_of_its_own_nothing_moves() {
        let own = Prefix::new("/", "http://t-a.preview.example.com");
        assert_eq!(own.url("/x"), None);
        assert_eq!(own.css("a { b: url(/x) }"), None);
        assert_eq!(own.cookie_path("/"), "/");
    }

    #[test]
    fn moving_twice_changes_nothing_more() {
        for url in ["/", "/a?b", "/docs//session/abcdefghijkl//x", "http://127.0.0.1:8080/y"] {
            let once = prefix().url(url).unwrap();
            assert_eq!(prefix().url(&once), None, "{url}");
        }
    }

    #[test]
    fn every_candidate_of_a_srcset_moves() {
        for (text, moved) in [
            ("/a.png 1x, /b.png 2x", Some("/session/abcdefghijkl/a.png 1x, /session/abcdefghijkl/b.png 2x")),
            ("/a.png, https://x.org/b.png 2x", Some("/session/abcdefghijkl/a.png, https://x.org/b.png 2x")),
            (
                "/i?a=1,2 640w,\n /j 2w",
                Some("/session/abcdefghijkl/i?a=1,2 640w,\n /session/abcdefghijkl/j 2w"),
            ),
            ("data:image/png;base64,/9j/4AA= 1x", None),
            ("", None),
        ] {
            assert_eq!(prefix().srcset(text).as_deref(), moved, "{text}");
        }
    }

    #[test]
    fn addresses_in_styles_move() {
        for (text, moved) in [
            ("a { b: url(/x.png) }", Some("a { b: url(/session/abcdefghijkl/x.png) }")),
            ("URL( '/x.png' )", Some("URL( '/session/abcdefghijkl/x.png' )")),
            ("url(x.png), url(\"/y\")", Some("url(x.png), url(\"/session/abcdefghijkl/y\")")),
            (
                "@import \"/a.css\"; @import url(/b.css);",
                Some("@import \"/session/abcdefghijkl/a.css\"; @import url(/session/abcdefghijkl/b.css);"),
            ),
            ("background-image: url(/t)", Some("background-image: url(/session/abcdefghijkl/t)")),
            ("url(/unclosed", Some("url(/session/abcdefghijkl/unclosed")),
            ("content: '/x'; url(", None),
            ("ü url(/session/abcdefghijkl/x)", None),
        ] {
            assert_eq!(prefix().css(text).as_deref(), moved, "{text}");
        }
    }

    #[test]
    fn a_refresh_moves() {
        let expected = "0; URL='/session/abcdefghijkl/en/'";
        assert_eq!(prefix().refresh("0; URL='/en/'").as_deref(), Some(expected));
        assert_eq!(prefix().refresh("5"), None);
    }

    #[test]
    fn a_request_that_left_its_preview_is_brought_back() {
        for (path, referer, target) in [
            (
                "/x.json?a=1",
                "http://h:1/session/abcdefghijkl/blog/",
                Some("/session/abcdefghijkl/x.json?a=1"),
            ),
            ("/", "https://h/session/abcdefghijkl", Some("/session/abcdefghijkl/")),
            ("//evil.org/x", "https://h/session/abcdefghijkl/", Some("/session/abcdefghijkl//evil.org/x")),
            ("/session/abcdefghijkl/x", "https://h/session/abcdefghijkl/", None),
            ("/x", "https://h/session/ABC/", None),
            ("/x", "https://h/session/../", None),
            ("/x", "https://h/", None),
            ("/x", "https://h", None),
            ("/x", "", None),
            ("/x", "https://h/?/session/abcdefghijkl/", None),
            ("http://h/x", "https://h/session/abcdefghijkl/", None),
        ] {
            assert_eq!(escaped(path, referer).as_deref(), target, "{path} from {referer}");
        }
    }
}
