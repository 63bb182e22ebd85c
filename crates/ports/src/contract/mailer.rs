//! What every mailer promises. That a mail of one key goes out once is the embedded outbox's alone.

use super::Harness;
use super::sample::unique;
use crate::mailer::Mail;

/// A mail is taken, and may be offered again; it says so before.
pub async fn mailer_contract(harness: &dyn Harness) {
    a_mail_is_taken_and_may_be_offered_again(harness).await;
}

async fn a_mail_is_taken_and_may_be_offered_again(harness: &dyn Harness) {
    let (mailer, key) = (harness.mailer(), unique());
    mailer.ready().await.unwrap();
    let mail = Mail {
        key: &key,
        from: "edit@demo.localhost",
        to: "ann@example.org",
        raw: b"From: edit@demo.localhost\r\nTo: ann@example.org\r\nSubject: Hours\r\n\r\nDone.\r\n",
    };
    for _ in 0..2 {
        let also = mailer.send(mail.clone()).await.unwrap();
        assert!(also.is_none_or(|id| !id.is_empty() && !id.contains(['<', '>'])));
    }
}
