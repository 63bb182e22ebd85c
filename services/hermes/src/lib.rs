//! Hermes: believes a message or not, finds project and thread, sends work, tells the result.

pub mod conversation;
pub mod web;
