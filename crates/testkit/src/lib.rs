//! What tests of several crates share. Never a dependency of the product.

pub mod clock;
pub mod launcher;

pub use clock::ManualClock;
pub use launcher::launcher;
