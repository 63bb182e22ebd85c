//! Tags and texts of HTML in one pass; forgiving, and without a tree.

/// A piece of HTML.
pub(super) enum Token<'a> {
    Text(&'a str),
    Open(Tag<'a>),
    Close { name: &'a str, source: &'a str },
}

/// An opening tag.
pub(super) struct Tag<'a> {
    pub name: &'a str,
    pub source: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute as written (entities are not decoded).
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    pub(super) fn classes(&self) -> impl Iterator<Item = &'a str> {
        self.attribute("class").unwrap_or_default().split_ascii_whitespace()
    }

    pub(super) fn is_void(&self) -> bool {
        const VOID: [&str; 14] = [
            "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
            "wbr", "o:p/",
        ];
        VOID.iter().any(|name| self.is(name)) || self.source.ends_with("/>")
    }

    /// Whether what it holds is never shown.
    pub(super) fn is_raw(&self) -> bool {
        ["script", "style", "title", "head", "template", "noscript", "xml"].iter().any(|name| self.is(name))
    }
}

/// The tokens of an HTML text.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        Self { rest: html }
    }

    fn skip_comment(&mut self) {
        // As browsers do: an open comment hides all that follows.
        self.rest = self.rest[4..].find("-->").map_or("", |end| &self.rest[4 + end + 3..]);
    }

    /// `<!doctype …>`, `<![if …]>` and `<?xml …>` end at the next `>`.
    fn skip_declaration(&mut self) {
        self.rest = self.rest.find('>').map_or("", |end| &self.rest[end + 1..]);
    }

    fn tag(&mut self) -> Token<'a> {
        let closing = self.rest.starts_with("</");
        let start = if closing { 2 } else { 1 };
        let name_end = self.rest[start..]
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/' | '<'))
            .map_or(self.rest.len(), |n| start + n);
        let name = &self.rest[start..name_end];
        let (attributes, end) = attributes(self.rest, name_end);
        let source = &self.rest[..end];
        self.rest = &self.rest[end..];
        if closing { Token::Close { name, source } } else { Token::Open(Tag { name, source, attributes }) }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let bytes = self.rest.as_bytes();
            if bytes[0] == b'<' {
                let next = bytes.get(1).copied().unwrap_or(b' ');
                if self.rest.starts_with("<!--") {
                    self.skip_comment();
                    continue;
                }
                if matches!(next, b'!' | b'?') {
                    self.skip_declaration();
                    continue;
                }
                let after = if next == b'/' { bytes.get(2).copied().unwrap_or(b' ') } else { next };
                if after.is_ascii_alphabetic() {
                    return Some(self.tag());
                }
            }
            let end = bytes[1..].iter().position(|&b| b == b'<').map_or(bytes.len(), |n| n + 1);
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Some(Token::Text(text));
        }
    }
}

/// Attributes from `at` on, and where the tag ends. Quotes hide a `>`.
fn attributes(html: &str, mut at: usize) -> (Vec<(&str, &str)>, usize) {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    loop {
        while at < bytes.len() && (bytes[at].is_ascii_whitespace() || bytes[at] == b'/') {
            at += 1;
        }
        if at >= bytes.len() {
            return (found, bytes.len());
        }
        if bytes[at] == b'>' {
            return (found, at + 1);
        }
        let start = at;
        at += 1;
        while at < bytes.len() && !bytes[at].is_ascii_whitespace() && !matches!(bytes[at], b'=' | b'>' | b'/')
        {
            at += 1;
        }
        let name = &html[start..at];
        let (value, end) = if bytes.get(at) == Some(&b'=') { value(html, at + 1) } else { ("", at) };
        at = end;
        if found.len() < 40 {
            found.push((name, value));
        }
    }
}

fn value(html: &str, at: usize) -> (&str, usize) {
    let rest = &html[at..];
    if let Some(quote @ ('"' | '\'')) = rest.chars().next() {
        let end = rest[1..].find(quote).map_or(rest.len(), |n| n + 1);
        return (&rest[1..end.max(1)], at + (end + 1).min(rest.len()));
    }
    let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len());
    (&rest[..end], at + end)
}

/// The common character references of a word.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
