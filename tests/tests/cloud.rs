//! The fleet on the AWS stand-in: the services' own programs, mail through SES, the real AWS CLI.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "cloud/calls.rs"]
mod calls;
#[path = "cloud/life.rs"]
mod life;
#[path = "cloud/mail.rs"]
mod mail;
#[path = "cloud/operator.rs"]
mod operator;
