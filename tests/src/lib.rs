//! The whole fleet, tested from outside.
