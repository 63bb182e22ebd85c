//! Previews of real sites by real Astro, seen through a real browser.

mod equal;
mod stage;
