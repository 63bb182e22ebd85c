//! The entries of a YAML mapping with the places where they stand, so that one is changed and the others stay as they
//! were written.

use crate::error::{Result, ToolError};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;

/// Most levels of lists and mappings in each other.
const DEEPEST: usize = 32;
/// Longest mapping, in bytes.
pub(crate) const LONGEST: usize = 64 << 10;

/// One entry of the outermost mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Value,
    /// The whole lines of the entry, without comments and blank lines that follow.
    pub(crate) lines: Range<usize>,
    /// The value, where it is a scalar.
    pub(crate) scalar: Option<Range<usize>>,
}

/// What an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// One text, number, date or the like, as it is meant, and how it is written.
    Scalar(String, Style),
    /// A list of scalars.
    List(Vec<String>, Layout),
    /// Anything else, as its parts in their order.
    Other(Vec<String>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Single,
    Double,
    /// Over several lines.
    Block,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `[a, b]`
    Flow,
    /// `- a` on a line of its own.
    Block,
}

impl Value {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text, _) => Some(text),
            Self::List(..) | Self::Other(_) => None,
        }
    }
}

/// The entries of `text`, a mapping in block form; none where it is empty.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] where it is something else, or not to be understood.
pub(crate) fn entries(text: &str) -> Result<Vec<Entry>> {
    if text.len() > LONGEST {
        return Err(malformed(&format!("it is longer than {LONGEST} bytes")));
    }
    let events = events(text)?;
    let mut rest = events.as_slice();
    while let Some((Event::StreamStart | Event::DocumentStart(_), _)) = rest.first() {
        rest = &rest[1..];
    }
    match rest.first() {
        None | Some((Event::StreamEnd | Event::DocumentEnd, _)) => return Ok(Vec::new()),
        Some((Event::MappingStart(..), span)) if !text[bytes(text, *span)].starts_with('{') => {
            rest = &rest[1..];
        }
        Some(_) => return Err(malformed("it is no list of lines as `key: value`")),
    }
    let mut found: Vec<Entry> = Vec::new();
    while let Some((Event::Scalar(key, ..), span)) = rest.first() {
        let (value, after) = rest[1..].split_at(node(&rest[1..]));
        let start = line_start(text, bytes(text, *span).start);
        found.push(Entry {
            key: key.to_string(),
            scalar: scalar_range(text, value),
            value: read(text, value),
            lines: start..text.len(),
        });
        rest = after;
    }
    if !matches!(rest.first(), Some((Event::MappingEnd, _))) {
        return Err(malformed("one of its keys is no plain text"));
    }
    if rest.iter().any(|(event, _)| matches!(event, Event::DocumentStart(_))) {
        return Err(malformed("it holds more than one document"));
    }
    end_entries(text, &mut found);
    Ok(found)
}

/// Each entry reaches to the next one, but for the comments that stand before that.
fn end_entries(text: &str, entries: &mut [Entry]) {
    let starts: Vec<usize> = entries.iter().map(|entry| entry.lines.start).collect();
    for (n, entry) in entries.iter_mut().enumerate() {
        let next = starts.get(n + 1).copied().unwrap_or(text.len());
        let mut end = next;
        for line in text[entry.lines.start..next].split_inclusive('\n').rev() {
            // A line of a text over several lines is indented; a comment in the first column belongs to what follows.
            if !(line.trim().is_empty() || line.starts_with('#')) {
                break;
            }
            end -= line.len();
        }
        entry.lines.end = end.max(entry.lines.start);
    }
}

fn events(text: &str) -> Result<Vec<(Event<'_>, Span)>> {
    let mut events = Vec::new();
    let mut depth = 0_usize;
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| malformed(&error.to_string()))?;
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            _ => {}
        }
        if depth > DEEPEST {
            return Err(malformed("it is too deep"));
        }
        events.push((event, span));
    }
    Ok(events)
}

/// How many events the node at the start of `events` has.
fn node(events: &[(Event<'_>, Span)]) -> usize {
    let mut depth = 0_usize;
    for (n, (event, _)) in events.iter().enumerate() {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return n + 1;
        }
    }
    events.len()
}

fn read(text: &str, value: &[(Event<'_>, Span)]) -> Value {
    match value {
        [(Event::Scalar(scalar, style, _, None), _)] => Value::Scalar(scalar.to_string(), style_of(*style)),
        [(Event::SequenceStart(_, None), span), items @ .., (Event::SequenceEnd, _)]
            if items.iter().all(|(event, _)| matches!(event, Event::Scalar(..))) =>
        {
            let layout = if text[bytes(text, *span)].starts_with('[') { Layout::Flow } else { Layout::Block };
            let scalars = items.iter().filter_map(|(event, _)| match event {
                Event::Scalar(scalar, ..) => Some(scalar.to_string()),
                _ => None,
            });
            Value::List(scalars.collect(), layout)
        }
        parts => Value::Other(parts.iter().map(|(event, _)| format!("{event:?}")).collect()),
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}

fn scalar_range(text: &str, value: &[(Event<'_>, Span)]) -> Option<Range<usize>> {
    match value {
        // Without a name or a tag before it: the place would not tell where those begin.
        [(Event::Scalar(scalar, style, 0, None), span)] if !scalar.is_empty() => {
            let start = bytes(text, *span).start;
            let range = start..start + written_length(&text[bytes(text, *span)], style_of(*style))?;
            let one_line = !text[range.clone()].contains('\n');
            (one_line && style_of(*style) != Style::Block).then_some(range)
        }
        _ => None,
    }
}

/// How much of `raw` is the scalar: behind quotes the parser's place takes in the comment, too.
fn written_length(raw: &str, style: Style) -> Option<usize> {
    let mut chars = raw.char_indices().skip(1);
    match style {
        Style::Plain | Style::Block => return Some(raw.trim_end().len()),
        Style::Double => {
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => return Some(at + 1),
                    '\\' => drop(chars.next()),
                    _ => {}
                }
            }
        }
        Style::Single => {
            while let Some((at, c)) = chars.next() {
                if c == '\'' && !raw[at + 1..].starts_with('\'') {
                    return Some(at + 1);
                }
                if c == '\'' {
                    chars.next();
                }
            }
        }
    }
    None
}

/// The parser counts characters.
fn bytes(text: &str, span: Span) -> Range<usize> {
    let at = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    let start = at(span.start.index());
    start..at(span.end.index()).max(start)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn malformed(says: &str) -> ToolError {
    ToolError::malformed(format!("The front matter cannot be read: {says}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &str = "# A post\ntitle: 'It''s ü'  # it's \"short\"\ndate: 2026-09-12\n\n# For the list\ntags:\n- a\n- \"b\"\nmore: [x, 1]\n\
         text: |\n  # no comment\n  two\nseo:\n  title: \"x: y\"\n# end\n";

    #[test]
    fn entries_stand_where_they_are_written() {
        let found = entries(POST).unwrap();
        let lines: Vec<&str> = found.iter().map(|entry| &POST[entry.lines.clone()]).collect();
        assert_eq!(
            lines,
            [
                "title: 'It''s ü'  # it's \"short\"\n",
                "date: 2026-09-12\n",
                "tags:\n- a\n- \"b\"\n",
                "more: [x, 1]\n",
                "text: |\n  # no comment\n  two\n",
                "seo:\n  title: \"x: y\"\n",
            ]
        );
        let scalars: Vec<Option<&str>> =
            found.iter().map(|entry| entry.scalar.clone().map(|range| &POST[range])).collect();
        assert_eq!(scalars, [Some("'It''s ü'"), Some("2026-09-12"), None, None, None, None]);
        assert_eq!(found[0].value, Value::Scalar("It's ü".into(), Style::Single));
        assert_eq!(found[2].value, Value::List(vec!["a".into(), "b".into()], Layout::Block));
        assert_eq!(found[3].value, Value::List(vec!["x".into(), "1".into()], Layout::Flow));
        assert_eq!(found[4].value.text(), Some("# no comment\ntwo\n"));
    }

    #[test]
    fn what_is_no_plain_mapping_is_refused() {
        assert!(entries("").unwrap().is_empty() && entries("# only a comment\n").unwrap().is_empty());
        let deep = format!("a: {}", "[".repeat(200));
        let nested = format!("a:\n  {}x\n", "- ".repeat(20_000));
        for text in [
            "{a: 1}",
            "- a\n",
            "just words",
            "a: [",
            "a: *b",
            "a: 1\n---\nb: 2\n",
            "[x]: 1\n",
            "a: 1\na b\n",
            &deep,
            &nested,
        ] {
            assert!(entries(text).is_err(), "{}", &text[..text.len().min(40)]);
        }
        assert!(entries(&"a: 1\n".repeat(LONGEST)).is_err());
    }
}
