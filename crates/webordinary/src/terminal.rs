//! Progress as lines on the terminal.

use std::sync::atomic::{AtomicBool, Ordering};
use toolchain::Progress;

/// Writes steps to standard error, and the lines of programs below them.
#[derive(Default)]
pub(crate) struct Terminal {
    stepped: AtomicBool,
}

impl Terminal {
    /// Whether any step was long enough to be announced.
    pub(crate) fn has_stepped(&self) -> bool {
        self.stepped.load(Ordering::Relaxed)
    }
}

impl Progress for Terminal {
    fn step(&self, what: &str) {
        self.stepped.store(true, Ordering::Relaxed);
        eprintln!("• {what}");
    }

    fn line(&self, text: &str) {
        if !text.trim().is_empty() {
            eprintln!("    {text}");
        }
    }
}
