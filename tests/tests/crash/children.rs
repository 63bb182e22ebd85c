//! Kills of what the product started, and of the product while those work.
