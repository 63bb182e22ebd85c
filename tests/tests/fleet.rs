//! What users, operators and their programs do with a running fleet.

#[path = "fleet/mail.rs"]
mod mail;
