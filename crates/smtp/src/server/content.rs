//! A mail's content while it is received: bounded alone and together with all others.

use super::Shared;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A mail beyond the limit is read to its end only up to this many times the limit.
const DISCARD_FACTOR: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentFate {
    Whole,
    TooLarge,
    NoRoom,
}

/// The content received so far. What cannot be taken is counted, not kept.
pub(super) struct Content {
    shared: Arc<Shared>,
    bytes: Vec<u8>,
    /// How much of the shared room this content holds.
    held: usize,
    received: usize,
    pub fate: ContentFate,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({} bytes)", self.received)
    }
}

impl Content {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), bytes: Vec::new(), held: 0, received: 0, fate: ContentFate::Whole }
    }

    pub(super) fn add(&mut self, piece: &[u8]) {
        self.received = self.received.saturating_add(piece.len());
        if self.fate != ContentFate::Whole {
            return;
        }
        let all = self.shared.buffered.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
        self.held += piece.len();
        if self.received > self.shared.limits.mail_bytes {
            self.give_up(ContentFate::TooLarge);
        } else if all > self.shared.limits.buffered_bytes {
            self.give_up(ContentFate::NoRoom);
        } else {
            self.bytes.extend_from_slice(piece);
        }
    }

    fn give_up(&mut self, fate: ContentFate) {
        self.fate = fate;
        self.bytes = Vec::new();
        self.release();
    }

    fn release(&mut self) {
        self.shared.buffered.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
    }

    /// The bytes, taken out.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Whether `more` bytes are so much that reading on is not worth it.
    pub(super) fn is_hopeless_with(&self, more: usize) -> bool {
        self.received.saturating_add(more) > self.shared.limits.mail_bytes.saturating_mul(DISCARD_FACTOR)
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.release();
    }
}
