//! A letter made of a few kinds of blocks, written once as text and once as HTML.

use std::fmt::Write as _;

/// A mail's two bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The plain text, ending in a line break.
    pub text: String,
    /// A whole HTML document with inline styles, readable in light and dark mode.
    pub html: String,
}

pub(crate) enum Block {
    /// Paragraphs; blank lines separate them.
    Text(String),
    /// A heading line and items.
    List(String, Vec<String>),
    /// A link that stands out: its label and its address.
    Button(&'static str, String),
    /// Words of lesser weight.
    Quiet(String),
}

const END: &str = "</div>\n</body>\n</html>\n";
const BODY: &str = "margin:0;padding:16px;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5";
const BUTTON: &str = "display:inline-block;padding:12px 20px;border-radius:6px;background-color:#1f5fbf;color:#ffffff;font-weight:600;text-decoration:none";
const QUIET: &str = "margin:16px 0 0;font-size:14px;color:#757575";

impl Letter {
    pub(crate) fn of(blocks: &[Block]) -> Self {
        Self { text: text(blocks), html: html(blocks) }
    }

    /// The letter with `words` in small print at its end, unless it says them already.
    pub fn with_small_print(mut self, words: &str) -> Self {
        if !self.text.contains(words) {
            self.text = format!("{}\n\n{words}\n", self.text.trim_end());
            self.html.truncate(self.html.len() - END.len());
            // Writing into a String cannot fail.
            let _ = paragraphs(&mut self.html, words, QUIET);
            self.html.push_str(END);
        }
        self
    }
}

fn text(blocks: &[Block]) -> String {
    let written = blocks.iter().map(|block| match block {
        Block::Text(text) | Block::Quiet(text) => text.trim().to_owned(),
        Block::List(head, items) => {
            items.iter().fold(head.clone(), |list, item| format!("{list}\n  - {item}"))
        }
        Block::Button(label, link) => format!("{label}:\n{}", safe_link(link)),
    });
    let written: Vec<String> = written.filter(|text| !text.is_empty()).collect();
    format!("{}\n", written.join("\n\n"))
}

fn html(blocks: &[Block]) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n</head>\n",
    );
    // Writing into a String cannot fail.
    let _ = writeln!(out, "<body style=\"{BODY}\">\n<div style=\"max-width:600px\">");
    for block in blocks {
        let _ = match block {
            Block::Text(text) => paragraphs(&mut out, text, "margin:0 0 16px"),
            Block::Quiet(text) => paragraphs(&mut out, text, QUIET),
            Block::List(head, items) => list(&mut out, head, items),
            Block::Button(label, link) => writeln!(
                out,
                "<p style=\"margin:0 0 16px\"><a href=\"{}\" style=\"{BUTTON}\">{}</a></p>",
                escape(safe_link(link)),
                escape(label)
            ),
        };
    }
    out.push_str(END);
    out
}

fn paragraphs(out: &mut String, text: &str, style: &str) -> std::fmt::Result {
    for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
        writeln!(out, "<p style=\"{style}\">{}</p>", escape(paragraph).replace('\n', "<br>\n"))?;
    }
    Ok(())
}

fn list(out: &mut String, head: &str, items: &[String]) -> std::fmt::Result {
    writeln!(out, "<p style=\"margin:0 0 4px\">{}</p>", escape(head))?;
    writeln!(out, "<ul style=\"margin:0 0 16px;padding-left:24px\">")?;
    for item in items {
        writeln!(out, "<li>{}</li>", escape(item))?;
    }
    writeln!(out, "</ul>")
}

/// Only a web address becomes a link.
fn safe_link(link: &str) -> &str {
    let web = link.starts_with("https://") || link.starts_with("http://");
    if web && !link.contains(|c: char| c.is_whitespace() || c.is_control()) { link } else { "" }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_print_is_said_once_and_inside_the_document() {
        let letter = Letter::of(&[Block::Text("It is live.".into())]);
        let letter = letter.with_small_print("In small print.").with_small_print("In small print.");
        assert_eq!(letter.text, "It is live.\n\nIn small print.\n");
        assert_eq!(letter.html.matches("In small print.").count(), 1);
        assert!(letter.html.ends_with(END));
    }
}
