//! HTML that a site made for `/`, rewritten while it streams so that it works under a prefix.

pub mod body;
mod elements;

use crate::prefix::Prefix;
use bytes::{Bytes, BytesMut};
use lol_html::errors::RewritingError;
use lol_html::send::{HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings};
use std::sync::{Arc, Mutex, PoisonError};

/// How much of one tag or one style sheet is held back at most, in bytes.
const MEMORY: usize = 8 << 20;

/// Whether the text is a page of its own or a part that a script will insert into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A page: the script that keeps script-made addresses under the prefix is put first, whatever comes first.
    Page,
    /// A part of a page: gets the script only when it has a head.
    Part,
}

type Shared = Arc<Mutex<BytesMut>>;
type Sink = Box<dyn FnMut(&[u8]) + Send>;

/// Rewrites one document, piece by piece.
pub struct Rewriter {
    inner: Option<HtmlRewriter<'static, Sink>>,
    written: Shared,
}

impl Rewriter {
    /// A rewriter to `prefix`. `charset` is the label from the content type; `None` when that encoding cannot be
    /// rewritten byte by byte (UTF-16).
    pub fn new(prefix: &Arc<Prefix>, document: Document, charset: &str) -> Option<Self> {
        let encoding = AsciiCompatibleEncoding::new(encoding_rs::Encoding::for_label(charset.as_bytes())?)?;
        let written = Shared::default();
        let sink: Sink = {
            let written = Arc::clone(&written);
            Box::new(move |piece| lock(&written).extend_from_slice(piece))
        };
        let mut settings = Settings::new_send();
        settings.element_content_handlers = elements::handlers(prefix, document);
        settings.encoding = encoding;
        settings.strict = false;
        settings.memory_settings =
            MemorySettings { preallocated_parsing_buffer_size: 1024, max_allowed_memory_usage: MEMORY };
        Some(Self { inner: Some(HtmlRewriter::new(settings, sink)), written })
    }

    /// Takes the next piece, and gives what can be sent on.
    pub fn push(&mut self, piece: &[u8]) -> Result<Bytes, RewritingError> {
        if let Some(inner) = &mut self.inner {
            inner.write(piece)?;
        }
        Ok(self.taken())
    }

    /// Ends the document, and gives the rest.
    pub fn finish(&mut self) -> Result<Bytes, RewritingError> {
        if let Some(inner) = self.inner.take() {
            inner.end()?;
        }
        Ok(self.taken())
    }

    fn taken(&self) -> Bytes {
        lock(&self.written).split().freeze()
    }
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, BytesMut> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A whole document at once; what snapshots are served with.
pub fn rewrite(html: &[u8], prefix: &Arc<Prefix>, document: Document) -> Result<Bytes, RewritingError> {
    let Some(mut rewriter) = Rewriter::new(prefix, document, "utf-8") else {
        return Ok(Bytes::copy_from_slice(html));
    };
    let mut out = BytesMut::from(rewriter.push(html)?);
    out.extend_from_slice(&rewriter.finish()?);
    Ok(out.freeze())
}

#[cfg(test)]
mod tests;
