//! Writing values as YAML that reads back as what was meant, in the manner of a value that is there.

use crate::error::{Result, ToolError};
use crate::yaml::{self, Layout, Style, Value};
use serde_json::Value as Json;

/// Plain words that YAML (1.1 and 1.2) takes for something else than a text, in lower case.
const NOT_TEXT: [&str; 9] = ["null", "~", "true", "false", "yes", "no", "on", "off", ""];

/// `value` as it stands behind `key: `, written as `like` is.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for what front matter cannot hold.
pub(crate) fn write(value: &Json, like: Option<&Value>) -> Result<String> {
    Ok(match value {
        Json::String(text) => write_text(text, like),
        Json::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            let items = items.iter().map(|item| write(item, None)).collect::<Result<Vec<_>>>()?;
            match like {
                Some(Value::List(_, Layout::Block)) if !items.is_empty() => {
                    format!("\n  - {}", items.join("\n  - "))
                }
                _ => format!("[{}]", items.iter().map(|item| in_flow(item)).collect::<Vec<_>>().join(", ")),
            }
        }
        // JSON is YAML.
        other => other.to_string(),
    })
}

/// A text that a date's field may hold without quotes.
pub(crate) fn is_date(text: &str) -> bool {
    let day = text.get(..10).filter(|day| day.is_ascii()).unwrap_or_default();
    let shape: String = day.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let rest = text.get(10..).unwrap_or_default();
    shape == "0000-00-00" && rest.chars().all(|c| c.is_ascii_digit() || "T:.Z+- ".contains(c))
}

/// The value that `text`, written plainly, is taken for by the site; a text in quotes stays one.
pub(crate) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Scalar(text, Style::Plain) if text.eq_ignore_ascii_case("true"))
}

/// Whether the two hold the same, however they are written.
pub(crate) fn same(written: &Value, wanted: &Json) -> bool {
    let text = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    match (written, wanted) {
        (Value::List(items, _), Json::Array(wanted)) => {
            items.iter().eq(wanted.iter().map(text).collect::<Vec<_>>().iter())
        }
        (Value::Scalar(written, _), Json::String(wanted)) => written == wanted,
        (Value::Scalar(written, _), Json::Bool(_) | Json::Number(_)) => {
            written.as_str() == wanted.to_string().as_str()
        }
        (Value::Other(_), Json::Object(_) | Json::Array(_)) => true,
        _ => false,
    }
}

/// # Errors
/// [`crate::ErrorKind::Malformed`] for a key that a site's schema could not have.
pub(crate) fn check_key(key: &str) -> Result<()> {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if plain && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && key.len() <= 64 {
        return Ok(());
    }
    Err(ToolError::malformed("The name of a field is made of letters, digits, `_`, `-` and `.`."))
}

fn write_text(text: &str, like: Option<&Value>) -> String {
    match like {
        Some(Value::Scalar(_, Style::Single)) if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        Some(Value::Scalar(_, Style::Double)) => Json::from(text).to_string(),
        // A date without quotes is one for the site's schema, which a date in quotes may not be.
        Some(Value::Scalar(now, Style::Plain)) if is_date(now) && is_date(text) => text.to_owned(),
        _ if is_plain(text) => text.to_owned(),
        _ => Json::from(text).to_string(),
    }
}

/// Whether `text` reads back as this text when it is written without quotes.
fn is_plain(text: &str) -> bool {
    let lower = text.to_lowercase();
    let number = lower.replace('_', "").parse::<f64>().is_ok()
        || text.starts_with(|c: char| c.is_ascii_digit() || "+-.=".contains(c));
    if number || NOT_TEXT.contains(&lower.as_str()) || text.chars().any(char::is_control) {
        return false;
    }
    let line = format!("k: {text}\n");
    let read = yaml::entries(&line).unwrap_or_default();
    matches!(read.as_slice(), [entry] if entry.value == Value::Scalar(text.to_owned(), Style::Plain))
}

/// A plain text may hold what ends an item of a list.
fn in_flow(item: &str) -> String {
    let quoted = item.starts_with(['"', '\'']);
    if !quoted && item.contains([',', '[', ']', '{', '}']) {
        Json::from(item).to_string()
    } else {
        item.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn like(text: &str) -> Value {
        yaml::entries(&format!("k: {text}\n")).unwrap().remove(0).value
    }

    #[test]
    fn texts_read_back_as_themselves() {
        for text in [
            "Plain words",
            "it's",
            "a: b",
            "a #b",
            "# x",
            "- x",
            "yes",
            "No",
            "null",
            "1.5",
            "2026-09-12",
            "",
            " x ",
            "{a}",
            "\"q\"",
            "a\nb\t",
            "*a",
            "&a",
            "!x",
            "@x",
            "`x`",
            "%x",
            "ü – “x”",
            "a\\b",
            "---",
            "=",
            "[x",
            "'",
            "x:",
            "\u{2028}",
        ] {
            for style in
                [None, Some(like("x")), Some(like("'x'")), Some(like("\"x\"")), Some(like("2026-01-01"))]
            {
                let written = format!("k: {}\n", write(&json!(text), style.as_ref()).unwrap());
                let read = yaml::entries(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
                assert_eq!(read[0].value.text(), Some(text), "{written}");
            }
            let list = format!("k: {}\n", write(&json!([text, "b, c", 1, true]), None).unwrap());
            assert!(same(&yaml::entries(&list).unwrap()[0].value, &json!([text, "b, c", 1, true])), "{list}");
        }
    }

    #[test]
    fn the_manner_of_what_is_there_is_kept() {
        assert_eq!(write(&json!("it's"), Some(&like("'x'"))).unwrap(), "'it''s'");
        assert_eq!(write(&json!("x"), Some(&like("\"x\""))).unwrap(), "\"x\"");
        assert_eq!(write(&json!("2026-09-13"), Some(&like("2026-09-12"))).unwrap(), "2026-09-13");
        assert_eq!(write(&json!("2026-09-13"), None).unwrap(), "\"2026-09-13\"");
        assert_eq!(write(&json!(["a", "b"]), Some(&like("\n  - x"))).unwrap(), "\n  - a\n  - b");
        assert_eq!(write(&json!(true), None).unwrap(), "true");
        assert_eq!(write(&json!({"a": [1]}), None).unwrap(), "{\"a\":[1]}");
    }

    #[test]
    fn keys_are_names() {
        assert!(check_key("pubDate").is_ok());
        for key in ["", "a b", "a:", "1a", "\n", "__proto__: x"] {
            assert!(check_key(key).is_err(), "{key:?}");
        }
    }
}
