//! What tests of several crates share. Never a dependency of the product.

pub mod launcher;

pub use launcher::launcher;
