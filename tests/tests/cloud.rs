//! The fleet on the AWS stand-in: the services' own programs, mail through SES, the real AWS CLI.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "cloud/bedrock.rs"]
mod bedrock;
#[path = "cloud/burst.rs"]
mod burst;
#[path = "cloud/calls.rs"]
mod calls;
#[path = "cloud/life.rs"]
mod life;
#[path = "cloud/mail.rs"]
mod mail;
#[path = "cloud/operator.rs"]
mod operator;
#[path = "cloud/private.rs"]
mod private;
#[path = "cloud/taken_over.rs"]
mod taken_over;
