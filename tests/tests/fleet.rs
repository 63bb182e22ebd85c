//! What users, operators and their programs do with a running fleet.

#[path = "fleet/letters.rs"]
mod letters;
#[path = "fleet/mail.rs"]
mod mail;
#[path = "fleet/parallel.rs"]
mod parallel;
#[path = "fleet/refusals.rs"]
mod refusals;
