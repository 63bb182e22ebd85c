//! Mail that SES received, in every form in which it is announced, through a running Hermes over real adapters.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "mail/believed.rs"]
mod believed;
#[path = "mail/flaky.rs"]
mod flaky;
#[path = "mail/forms.rs"]
mod forms;
#[path = "mail/letter.rs"]
mod letter;
#[path = "mail/measured.rs"]
mod measured;
#[path = "mail/office.rs"]
mod office;
#[path = "mail/orphans.rs"]
mod orphans;
#[path = "mail/refused.rs"]
mod refused;
#[path = "mail/reminded.rs"]
mod reminded;
