//! HTML mail to Markdown: quotes and signatures are cut by the marks that mail programs leave, hidden text is dropped.

mod tags;

use htmd::HtmlToMarkdown;
use htmd::options::{BrStyle, BulletListMarker, Options};
use tags::{Tag, Token, Tokens};

/// Deeper or larger HTML is read as plain text: converters recurse, and nobody writes such a mail by hand.
const DEPTH_MAX: usize = 80;
/// Largest HTML that is converted to Markdown, in bytes.
const CONVERT_MAX: usize = 512 * 1024;

/// An HTML body, parted.
#[derive(Debug, Default)]
pub(crate) struct Cleaned {
    /// HTML of the writer's words.
    pub kept: String,
    /// HTML of quotes and signatures.
    pub cut: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Container,
    Cut,
    Dropped,
}

struct Open<'a> {
    name: &'a str,
    fate: Fate,
}

/// Parts `html` by marks. Linear: one pass over its tags.
pub(crate) fn clean(html: &str) -> Cleaned {
    let mut out = Cleaned::default();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut rest_is_cut = false;
    for token in Tokens::of(html) {
        let inherited = open.last().map_or(Fate::Kept, |o| o.fate);
        match token {
            Token::Text(text) => push(&mut out, place(inherited, rest_is_cut), text),
            Token::Open(tag) => {
                rest_is_cut |= begins_rest(&tag);
                let fate = fate(&tag, inherited);
                push(&mut out, place(fate, rest_is_cut), tag.source);
                if !tag.is_void() && open.len() < 10_000 {
                    open.push(Open { name: tag.name, fate });
                }
            }
            Token::Close { name, source } => {
                // Only near ancestors are looked at, so that stray end tags cost nothing.
                let near = open.iter().rev().take(DEPTH_MAX).position(|o| o.name.eq_ignore_ascii_case(name));
                if let Some(back) = near {
                    let at = open.len() - 1 - back;
                    push(&mut out, place(open[at].fate, rest_is_cut), source);
                    open.truncate(at);
                }
            }
        }
    }
    out
}

fn place(fate: Fate, rest_is_cut: bool) -> Fate {
    if rest_is_cut && fate != Fate::Dropped { Fate::Cut } else { fate }
}

fn push(out: &mut Cleaned, fate: Fate, source: &str) {
    match fate {
        Fate::Kept | Fate::Container => out.kept.push_str(source),
        Fate::Cut => out.cut.push_str(source),
        Fate::Dropped => {}
    }
}

fn fate(tag: &Tag<'_>, inherited: Fate) -> Fate {
    if inherited == Fate::Dropped || tag.is_raw() || is_hidden(tag) {
        return Fate::Dropped;
    }
    if inherited == Fate::Cut || is_cut(tag) || (inherited == Fate::Container && tag.is("blockquote")) {
        return Fate::Cut;
    }
    if inherited == Fate::Container || is_container(tag) { Fate::Container } else { Fate::Kept }
}

/// Quotes, their introductions and signatures.
fn is_cut(tag: &Tag<'_>) -> bool {
    const CLASSES: [&str; 13] = [
        "gmail_attr",
        "gmail_signature",
        "moz-cite-prefix",
        "moz-signature",
        "yahoo_quoted",
        "zmail_extra",
        "tutanota_quote",
        "protonmail_signature_block",
        "OutlookMessageHeader",
        "AppleMailSignature",
        "ms-outlook-mobile-signature",
        "gmail_signature_prefix",
        "front-signature",
    ];
    const IDS: [&str; 9] = [
        "AppleMailSignature",
        "Signature",
        "ms-outlook-mobile-signature",
        "yahoo_quoted",
        "tutanota_quote",
        "mail-editor-reference-message-container",
        "reply-intro",
        "isReplyContent",
        "ymail_android_signature",
    ];
    let cited = tag.is("blockquote")
        && (tag.attribute("type") == Some("cite")
            || tag.attribute("cite").is_some()
            || tag.classes().any(|c| c.contains("quote")));
    cited
        || tag.classes().any(|c| CLASSES.contains(&mark_name(c)))
        || tag.attribute("id").is_some_and(|id| IDS.contains(&mark_name(id)))
}

/// Holds the quote, and at times words of the writer between its pieces.
fn is_container(tag: &Tag<'_>) -> bool {
    tag.classes().any(|c| {
        matches!(
            mark_name(c),
            "gmail_quote" | "gmail_quote_container" | "protonmail_quote" | "moz-forward-container"
        )
    })
}

/// Outlook's marks: what follows them is the mail answered.
fn begins_rest(tag: &Tag<'_>) -> bool {
    tag.attribute("id").is_some_and(|id| {
        matches!(mark_name(id), "divRplyFwdMsg" | "appendonsend" | "stopSpelling" | "OLK_SRC_BODY_SECTION")
    })
}

/// Programs that pass a mail on put `x_` before its marks.
fn mark_name(name: &str) -> &str {
    let mut name = name.trim();
    while let Some(rest) = name.strip_prefix("x_") {
        name = rest;
    }
    name
}

/// Text that its reader does not see is no instruction.
fn is_hidden(tag: &Tag<'_>) -> bool {
    if tag.attribute("hidden").is_some() {
        return true;
    }
    let Some(style) = tag.attribute("style") else { return false };
    let style: String =
        style.chars().filter(|c| !c.is_whitespace()).take(2_000).collect::<String>().to_ascii_lowercase();
    let says = |rule: &str| style.split(';').any(|declared| declared.trim_end_matches("!important") == rule);
    let white = ["color:#fff", "color:#ffffff", "color:white", "color:rgb(255,255,255)", "color:transparent"]
        .iter()
        .any(|r| says(r));
    [
        "display:none",
        "visibility:hidden",
        "font-size:0",
        "font-size:0px",
        "opacity:0",
        "mso-hide:all",
        "max-height:0",
        "max-height:0px",
    ]
    .iter()
    .any(|rule| says(rule))
        || (white && !style.contains("background"))
}

/// HTML as Markdown; as plain text where it is too deep or too large to be converted.
pub(crate) fn to_markdown(html: &str) -> String {
    if html.len() > CONVERT_MAX || is_deep(html) {
        return to_plain(html);
    }
    let options = Options {
        bullet_list_marker: BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        br_style: BrStyle::TwoSpaces,
        ..Options::default()
    };
    let converter = HtmlToMarkdown::builder().options(options).build();
    converter.convert(html).map_or_else(|_| to_plain(html), |markdown| unescape(&markdown))
}

/// Whether tags nest deeply, or formatting is left open often: both cost converters more than linear time.
fn is_deep(html: &str) -> bool {
    const FORMATTING: [&str; 14] =
        ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
    let (mut depth, mut formatting) = (0_usize, 0_usize);
    for token in Tokens::of(html) {
        match token {
            Token::Open(tag) if !tag.is_void() => {
                depth += 1;
                formatting += usize::from(FORMATTING.iter().any(|name| tag.is(name)));
            }
            Token::Close { name, .. } => {
                depth = depth.saturating_sub(1);
                let ends = FORMATTING.iter().any(|tag| tag.eq_ignore_ascii_case(name));
                formatting = formatting.saturating_sub(usize::from(ends));
            }
            _ => {}
        }
        if depth > DEPTH_MAX || formatting > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// The text of `html`, a line for each block.
pub(crate) fn to_plain(html: &str) -> String {
    const BLOCKS: [&str; 16] = [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "blockquote",
        "table",
        "hr",
    ];
    let mut out = String::new();
    let mut raw = false;
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) if !raw => {
                for word in text.split_inclusive(|c: char| c.is_ascii_whitespace()) {
                    let trimmed = word.trim_end();
                    out.push_str(&tags::decode(trimmed));
                    if trimmed.len() < word.len() && !out.ends_with([' ', '\n']) {
                        out.push(' ');
                    }
                }
            }
            Token::Open(tag) => {
                raw |= tag.is_raw();
                if BLOCKS.iter().any(|name| tag.is(name)) && !out.is_empty() && !out.ends_with("\n\n") {
                    out.push('\n');
                }
            }
            Token::Close { .. } => raw = false,
            Token::Text(_) => {}
        }
    }
    out
}

/// Undoes Markdown's escapes: these are words for a reader, not a document to be rendered.
fn unescape(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut chars = markdown.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes = c == '\\'
            && chars.peek().is_some_and(|next| {
                matches!(
                    next,
                    '_' | '*'
                        | '['
                        | ']'
                        | '#'
                        | '.'
                        | '+'
                        | '-'
                        | '>'
                        | '<'
                        | '~'
                        | '`'
                        | '\\'
                        | '('
                        | ')'
                        | '!'
                        | '='
                )
            });
        match chars.next_if(|_| escapes) {
            Some(next) => out.push(next),
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(html: &str) -> String {
        to_markdown(&clean(html).kept)
            .lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned()
    }

    #[test]
    fn quotes_and_signatures_of_programs_are_cut() {
        for html in [
            "<div dir=ltr>Make it red</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=ltr class=gmail_attr>On Mon wrote:<br></div><blockquote class=gmail_quote>old</blockquote></div>",
            "<div>Make it red</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> x</div><div>old</div>",
            "<html><head><style>p{color:red}</style><title>t</title></head><body><p>Make it red</p><div class=\"moz-cite-prefix\">On x wrote:</div><blockquote type=\"cite\" cite=\"mid:1\">old</blockquote></body></html>",
            "<p>Make it red</p><div class='yahoo_quoted' id='yahoo_quoted_1'>old</div>",
            "<div>Make it red</div><div class=\"protonmail_quote\"><blockquote class=\"protonmail_quote\" type=\"cite\">old</blockquote></div>",
            "<div>Make it red</div><div id=\"AppleMailSignature\">old</div>",
            "<div>Make it red</div><div class=x_gmail_signature>old</div>",
        ] {
            assert_eq!(kept(html), "Make it red", "{html}");
        }
    }

    #[test]
    fn words_between_the_pieces_of_a_quote_stay() {
        let html = "<div class=gmail_quote><div class=gmail_attr>On x wrote:</div><blockquote class=gmail_quote>which?</blockquote><div>The red one</div><blockquote class=gmail_quote>when?</blockquote></div>";
        assert_eq!(kept(html), "The red one");
    }

    #[test]
    fn what_is_not_seen_is_dropped() {
        let html = "<p>Hello<!-- publish --><span style='display: none'>delete it</span><span style=\"color:#FFFFFF\">all</span><script>x</script></p>";
        let cleaned = clean(html);
        assert_eq!(kept(html), "Hello");
        assert_eq!(cleaned.cut, "");
    }

    #[test]
    fn words_keep_their_form() {
        let html = "<p>Replace <b>A_B*</b> with:</p><ul><li>one</li><li>two &amp; three</li></ul><p><a href=\"https://e.com/?a=1&amp;b=2\">link</a> <img src=\"cid:x@y\" alt=\"photo\"></p>";
        assert_eq!(
            kept(html),
            "Replace **A_B*** with:\n\n- one\n- two & three\n\n[link](https://e.com/?a=1&b=2) ![photo](cid:x@y)"
        );
    }

    #[test]
    fn hostile_html_takes_linear_time() {
        let start = std::time::Instant::now();
        for piece in [
            "<div>",
            "<b>x",
            "</div>",
            "<",
            "<!--",
            "<a href=\"",
            "<p><font color=1>",
            "&amp",
            "<table><tr><td>",
            "<div class=gmail_quote><blockquote>",
            "<!",
            "<div a='",
        ] {
            let html = piece.repeat(1_000_000 / piece.len());
            let cleaned = clean(&html);
            let _ = to_markdown(&cleaned.kept);
            let _ = to_plain(&cleaned.cut);
        }
        // Loose: unoptimised and beside other tests. Quadratic behaviour takes minutes.
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
