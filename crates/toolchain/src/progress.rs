//! Telling a waiting person what is being prepared.

/// Receives what happens during a preparation. Called from several tasks.
pub trait Progress: Send + Sync {
    /// A step begins that may take seconds to minutes.
    fn step(&self, what: &str);
    /// A program that a step runs wrote `text`, one line without its end.
    fn line(&self, text: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _what: &str) {}
    fn line(&self, _text: &str) {}
}
