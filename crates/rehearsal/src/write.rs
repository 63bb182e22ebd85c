//! Add a page in the style of one that is there.

use crate::conversation::Conversation;
use crate::page;
use crate::reply::{Reply, ToolUse};

pub(crate) fn next(conversation: &Conversation, title: &str, says: &str) -> Reply {
    let slug = page::slug(title);
    if slug.is_empty() {
        return Reply::last(format!(
            "I added nothing: “{title}” has no letter that an address could be made of."
        ));
    }
    let Some(pages) = conversation.uses("Glob").next() else {
        return Reply::going_on("I am looking at the pages there are.", vec![ToolUse::glob(page::PAGES)]);
    };
    let files: Vec<String> = pages.files().into_iter().filter(|file| file.contains("src/pages/")).collect();
    if let Some(there) = files.iter().find(|file| page::route(file) == slug) {
        return Reply::last(format!("I added nothing: there is a page at /{slug}/ already ({there})."));
    }
    let Some(model) = model(&files) else {
        return Reply::last(
            "I added nothing: the site has no page in src/pages that I could take as a model.",
        );
    };
    let Some(read) = conversation.uses("Read").next() else {
        return Reply::going_on(format!("I take {model} as a model."), vec![ToolUse::read(model)]);
    };
    let path = format!("src/pages/{slug}.astro");
    let Some(written) = conversation.uses("Write").next() else {
        let content = Style::of(&read.content()).page(title, says);
        return Reply::going_on("I am writing the page.", vec![ToolUse::write(&path, &content)]);
    };
    if !written.worked() {
        return Reply::last(format!("I could not write {path}. Nothing changed."));
    }
    Reply::last(format!("I added the page “{title}” at /{slug}/ ({path}). I did not change the menu."))
}

/// A page at the top level shows the style best; the home page is often unlike the others.
fn model(files: &[String]) -> Option<&String> {
    let plain = |file: &&String| page::is_astro(file) && !file.contains('[') && page::route(file) != "404";
    let top =
        |file: &&String| plain(file) && !page::route(file).contains('/') && !page::route(file).is_empty();
    let at_top = |file: &&String| top(file) && !file.ends_with("/index.astro");
    files
        .iter()
        .find(at_top)
        .or_else(|| files.iter().find(|file| plain(file) && file.ends_with("src/pages/index.astro")))
}

/// What a new page takes over from its model.
#[derive(Debug, Default, PartialEq, Eq)]
struct Style {
    import: String,
    layout: String,
    attributes: Vec<String>,
    /// The opening tags between the layout and the heading.
    around: Vec<String>,
    heading: String,
    /// The attributes of its first paragraph.
    lead: String,
}

impl Style {
    fn of(source: &str) -> Self {
        let (front, body) =
            source.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")).unwrap_or(("", source));
        let import = front.lines().find(|line| {
            line.starts_with("import ") && line.to_lowercase().contains("layout") && line.contains(".astro")
        });
        let name = import.and_then(|line| line.split_whitespace().nth(1)).unwrap_or_default();
        let opening = body.split_once(&format!("<{name}")).filter(|_| !name.is_empty());
        let Some((attributes, inside)) = opening.and_then(|(_, rest)| tag_end(rest)) else {
            return Self::default();
        };
        let (around, heading, lead) =
            inside.split_once("<h1").map_or_else(Default::default, |(before, rest)| {
                (open_tags(before), tag_end(rest).map_or("", |(attributes, _)| attributes), lead(rest))
            });
        Self {
            import: import.unwrap_or_default().to_owned(),
            layout: name.to_owned(),
            attributes: attribute_names(attributes),
            around,
            lead: lead.to_owned(),
            heading: if heading.contains('{') { String::new() } else { heading.trim_end().to_owned() },
        }
    }

    fn page(&self, title: &str, says: &str) -> String {
        if self.layout.is_empty() {
            return bare(title, says);
        }
        let mut attributes = format!(" title=\"{}\"", escaped(title));
        if self.attributes.iter().any(|name| name == "description") {
            let first = says.lines().next().unwrap_or_default();
            attributes.push_fmt(format_args!(" description=\"{}\"", escaped(first)));
        }
        let indent = |depth: usize| "  ".repeat(depth);
        let mut out = format!("---\n{}\n---\n\n<{}{attributes}>\n", self.import, self.layout);
        for (depth, tag) in self.around.iter().enumerate() {
            out.push_fmt(format_args!("{}{tag}\n", indent(depth + 1)));
        }
        let depth = self.around.len() + 1;
        out.push_fmt(format_args!("{}<h1{}>{}</h1>\n", indent(depth), self.heading, escaped(title)));
        for (n, paragraph) in paragraphs(says).enumerate() {
            let attributes = if n == 0 { self.lead.as_str() } else { "" };
            out.push_fmt(format_args!("{}<p{attributes}>{paragraph}</p>\n", indent(depth)));
        }
        for (depth, tag) in self.around.iter().enumerate().rev() {
            let name = tag.trim_start_matches('<').split(|c: char| !c.is_ascii_alphanumeric()).next();
            out.push_fmt(format_args!("{}</{}>\n", indent(depth + 1), name.unwrap_or_default()));
        }
        out.push_fmt(format_args!("</{}>\n", self.layout));
        out
    }
}

/// Appends formatted text to a `String`, which cannot fail.
trait PushFmt {
    fn push_fmt(&mut self, text: std::fmt::Arguments<'_>);
}

impl PushFmt for String {
    fn push_fmt(&mut self, text: std::fmt::Arguments<'_>) {
        self.push_str(&text.to_string());
    }
}

fn bare(title: &str, says: &str) -> String {
    let title = escaped(title);
    let mut body = String::new();
    for paragraph in paragraphs(says) {
        body.push_fmt(format_args!("    <p>{paragraph}</p>\n"));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\" />\n    <meta name=\"viewport\" \
         content=\"width=device-width\" />\n    <title>{title}</title>\n  </head>\n  <body>\n    <h1>{title}</h1>\n{body}  \
         </body>\n</html>\n"
    )
}

fn paragraphs(says: &str) -> impl Iterator<Item = String> {
    says.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(escaped)
}

/// `text` as it may stand in an Astro template and in an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '{' => out.push_str("&#123;"),
            '}' => out.push_str("&#125;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Splits what follows a tag's name into its attributes and what comes after the tag.
fn tag_end(rest: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote) = (0_i32, None);
    for (at, c) in rest.char_indices() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            ('{', None) => depth += 1,
            ('}', None) => depth -= 1,
            ('>', None) if depth == 0 => return Some((rest[..at].trim_end_matches('/'), &rest[at + 1..])),
            _ => {}
        }
    }
    None
}

fn attribute_names(attributes: &str) -> Vec<String> {
    attributes
        .split_whitespace()
        .filter_map(|part| part.split_once('='))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The elements of plain HTML that are open at the end of `markup`; none where it has components or expressions.
fn open_tags(markup: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = markup;
    while let Some((text, after)) = rest.split_once('<') {
        let Some((tag, after)) =
            after.split_once('>').filter(|(tag, _)| !text.contains('{') && !tag.contains('{'))
        else {
            return Vec::new();
        };
        if tag.starts_with('/') {
            open.pop();
        } else if !tag.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Vec::new();
        } else if !tag.ends_with('/') {
            open.push(format!("<{tag}>"));
        }
        rest = after;
    }
    open
}

/// The attributes of the paragraph that follows the heading at once, such as the class of a lead.
fn lead(after_heading: &str) -> &str {
    let paragraph =
        after_heading.split_once("</h1>").and_then(|(_, rest)| rest.trim_start().strip_prefix("<p"));
    let attributes = paragraph.and_then(tag_end).map_or("", |(attributes, _)| attributes);
    if attributes.contains('{') || !attributes.starts_with(' ') { "" } else { attributes }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: &str = "---\nimport Base from '../layouts/BaseLayout.astro';\nimport Card from '../Card.astro';\nconst x = 1;\n---\n\n<Base title=\"About > us\" description={`a`}>\n  <section class=\"wrap\">\n    <h1 class=\"big\">About</h1>\n    <p>x</p>\n  </section>\n</Base>\n";

    #[test]
    fn a_new_page_looks_like_its_model() {
        let page = Style::of(ABOUT).page("Fish & \"Chips\"", "We {fry}.\n\nDaily.");
        assert_eq!(
            page,
            "---\nimport Base from '../layouts/BaseLayout.astro';\n---\n\n<Base title=\"Fish &amp; &quot;Chips&quot;\" \
             description=\"We &#123;fry&#125;.\">\n  <section class=\"wrap\">\n    <h1 class=\"big\">Fish &amp; \
             &quot;Chips&quot;</h1>\n    <p>We &#123;fry&#125;.</p>\n    <p>Daily.</p>\n  </section>\n</Base>\n"
        );
    }

    #[test]
    fn a_model_without_a_layout_gives_a_page_of_its_own() {
        let page = Style::of("<html><body><h1>x</h1></body></html>").page("T", "S");
        assert!(page.starts_with("<!doctype html>") && page.contains("<h1>T</h1>\n    <p>S</p>"));
    }

    #[test]
    fn markup_before_the_heading_is_taken_over_only_when_it_is_plain() {
        assert_eq!(
            open_tags("\n <main>\n <div class=\"a b\">\n<p>x</p> <img />"),
            ["<main>", "<div class=\"a b\">"]
        );
        for other in ["<Card>", "<main>{x}<p>", "<div class={x}>"] {
            assert!(open_tags(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn the_first_paragraph_looks_like_the_models() {
        let model = ABOUT.replace("<p>x</p>", "<p class=\"lead\">x</p>");
        let page = Style::of(&model).page("T", "One.\n\nTwo.");
        assert!(page.contains("<p class=\"lead\">One.</p>\n    <p>Two.</p>"), "{page}");
    }
}
