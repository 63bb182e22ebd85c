//! The fleet on the AWS stand-in: the services' own programs, mail through SES, the real AWS CLI.

#[path = "cloud/calls.rs"]
mod calls;
#[path = "cloud/life.rs"]
mod life;
#[path = "cloud/mail.rs"]
mod mail;
