//! Previews of real sites by real Astro, seen through a real browser.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may panic as tests do")]

mod equal;
mod hostile;
mod life;
mod rules;
mod stage;
