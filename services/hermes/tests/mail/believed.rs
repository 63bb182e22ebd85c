//! Whom Hermes believes, and what becomes of the others' mail.

use crate::letter::{Letter, in_sns};
use crate::office::Office;
use serde_json::Value;

/// Announces a mail in both ways in which its verdicts can be known, each at an office of its own.
async fn announced(letter: &Letter, mut then: impl AsyncFnMut(&Office)) {
    for body in [in_sns(&letter.in_s3()), letter.s3_event()] {
        let office = Office::open().await;
        office.deliver(letter).await;
        office.ring(&body.to_string()).await;
        then(&office).await;
        // A redelivery changes nothing.
        office.ring(&body.to_string()).await;
        then(&office).await;
        office.close().await;
    }
}

fn forged() -> Letter {
    Letter {
        source: "x@evil.example".to_owned(),
        results: "amazonses.com; spf=pass (x) client-ip=192.0.2.9; envelope-from=x@evil.example; helo=mx.evil.example; \
                  dkim=pass header.i=@evil.example; dmarc=fail header.from=stamps.example;"
            .to_owned(),
        verdicts: ["PASS", "PASS", "FAIL", "PASS", "PASS"],
        ..Letter::of_ann("forged")
    }
}

fn unaligned() -> Letter {
    Letter {
        results: forged().results.replace("dmarc=fail", "dmarc=none"),
        verdicts: ["PASS", "PASS", "GRAY", "PASS", "PASS"],
        // What a forger writes below SES' own headers counts for nothing.
        headers: "Authentication-Results: amazonses.com; dkim=pass header.i=@stamps.example; dmarc=pass \
                  header.from=stamps.example\r\nX-SES-RECEIPT: AEFB\r\n"
            .to_owned(),
        ..forged()
    }
}

#[tokio::test]
async fn who_is_not_proven_is_held_and_neither_worked_for_nor_answered() {
    for (letter, reason) in [(forged(), "DMARC failed"), (unaligned(), "another organization")] {
        announced(&letter, async |office| {
            office.untouched().await;
            assert_eq!(office.keys("mail/held/").await, ["mail/held/forged", "mail/held/forged.json"]);
            let (_, reasons) = office.backends.blobs.get("mail/held/forged.json").await.unwrap();
            let reasons: Value = serde_json::from_slice(&reasons).unwrap();
            assert!(reasons["reasons"][0].as_str().unwrap().contains(reason), "{reasons}");
            let (_, raw) = office.backends.blobs.get("mail/held/forged").await.unwrap();
            assert_eq!(raw, letter.raw());
            assert!(office.keys("mail/ses/").await.is_empty());
        })
        .await;
    }
}

#[tokio::test]
async fn an_aligned_signature_is_enough_where_no_dmarc_record_is() {
    let mut letter = Letter::of_ann("signed");
    letter.source = "bounce@sender.example".to_owned();
    letter.results = "amazonses.com; spf=pass (x) client-ip=192.0.2.9; envelope-from=bounce@sender.example; \
                      helo=mx.sender.example; dkim=pass header.i=@mail.stamps.example;"
        .to_owned();
    letter.verdicts = ["PASS", "PASS", "GRAY", "PASS", "DISABLED"];
    announced(&letter, async |office| office.taken_once("signed").await).await;
}

#[tokio::test]
async fn a_mail_that_was_held_for_want_of_verdicts_is_taken_when_they_come() {
    let office = Office::open().await;
    let mut letter = Letter::of_ann("late");
    letter.results = "amazonses.com; none".to_owned();
    office.deliver(&letter).await;
    office.ring(&letter.s3_event().to_string()).await;
    office.untouched().await;
    assert_eq!(office.keys("mail/held/").await.len(), 2);
    office.ring(&letter.in_s3().to_string()).await;
    office.taken_once("late").await;
    assert!(office.keys("mail/held/").await.is_empty());
    office.ring(&letter.s3_event().to_string()).await;
    office.taken_once("late").await;
    office.close().await;
}

#[tokio::test]
async fn spam_and_viruses_are_dropped() {
    for verdicts in [["PASS", "PASS", "PASS", "FAIL", "PASS"], ["PASS", "PASS", "PASS", "PASS", "FAIL"]] {
        let letter = Letter { verdicts, ..Letter::of_ann("harm") };
        announced(&letter, async |office| {
            office.untouched().await;
            assert_eq!(office.keys("mail/").await, ["mail/dropped/harm"]);
        })
        .await;
    }
}

#[tokio::test]
async fn bounces_and_automatic_replies_are_met_with_silence_however_good_they_are() {
    let bounce = Letter { source: String::new(), ..Letter::of_ann("silent") };
    let automatic =
        Letter { headers: "Auto-Submitted: auto-replied\r\n".to_owned(), ..Letter::of_ann("silent") };
    let ours = Letter { headers: "X-WebOrdinary: hermes\r\n".to_owned(), ..Letter::of_ann("silent") };
    for letter in [bounce, automatic, ours] {
        announced(&letter, async |office| {
            office.untouched().await;
            assert_eq!(office.keys("mail/read/").await, ["mail/read/silent"]);
        })
        .await;
    }
}
