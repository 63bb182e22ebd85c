//! The writer's own words of a mail, and which of its images they mean.

use crate::attachment::Attachment;
use crate::html::{self, Cleaned};
use crate::parse::Inbound;
use crate::trim::trim;

/// What the writer said, and what was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Their own words. The whole text where nothing would be left.
    pub text: String,
    /// Quotes, signatures, disclaimers and forwarded mails: written by others, never an instruction.
    pub cut: String,
    /// Whether what was cut is a forwarded mail, which the words above it may be about.
    pub forwarded: bool,
}

/// The own words of `mail`: of its plain text, else of its HTML as Markdown. Linear in its length.
pub fn own_words(mail: &Inbound) -> Words {
    match (&mail.text, &mail.html) {
        (Some(text), _) if !text.trim().is_empty() => own_words_of_text(text),
        (_, Some(html)) => own_words_of_html(html),
        _ => Words { text: String::new(), cut: String::new(), forwarded: false },
    }
}

/// The own words of a plain text.
pub fn own_words_of_text(text: &str) -> Words {
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    let trimmed = trim(&text);
    Words { text: trimmed.text, cut: trimmed.cut, forwarded: trimmed.forwarded }
}

fn own_words_of_html(html: &str) -> Words {
    let Cleaned { kept, cut, .. } = html::clean(html);
    let mut words = own_words_of_text(&html::to_markdown(&kept));
    let cut = html::to_plain(&cut);
    if words.text.is_empty() {
        return own_words_of_text(&cut);
    }
    if !cut.trim().is_empty() {
        words.cut = [words.cut.as_str(), cut.trim()].join("\n").trim_start().into();
    }
    words
}

/// The attachments the writer means: without tiny inline images, images that stand only in the quote or the
/// signature, and doubles.
pub fn meant_attachments(mail: &Inbound) -> Vec<&Attachment> {
    let cleaned = mail.html.as_deref().map(html::clean);
    let mut meant: Vec<&Attachment> = Vec::new();
    for attachment in &mail.attachments {
        let quoted = cleaned.as_ref().is_some_and(|cleaned| only_in_cut(attachment, cleaned));
        let double = meant.iter().any(|known| known.bytes == attachment.bytes);
        if !attachment.is_tiny_inline() && !quoted && !double {
            meant.push(attachment);
        }
    }
    meant
}

fn only_in_cut(attachment: &Attachment, cleaned: &Cleaned) -> bool {
    let Some(id) = attachment.content_id.as_deref().filter(|_| attachment.inline && attachment.is_image())
    else {
        return false;
    };
    let reference = format!("cid:{id}");
    cleaned.cut.contains(&reference) && !cleaned.kept.contains(&reference)
}
