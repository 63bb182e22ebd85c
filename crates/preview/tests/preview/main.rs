//! Previews of real sites by real Astro, seen through a real browser.

mod equal;
mod life;
mod rules;
mod stage;
