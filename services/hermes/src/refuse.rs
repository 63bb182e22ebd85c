//! Telling a proven sender why nothing comes of their mail: once for each sender, reason and day.
//!
//! The SMTP door refuses while the sender's server listens; SES has taken the mail long before it is judged.

use crate::authenticity::Authenticity;
use crate::desk::Hermes;
use crate::incoming::mail_domain;
use crate::mailroom::Arrival;
use crate::verdict::{LOOP_HEADER, MAILBOX, Refusal};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::Timestamp;
use email::{Outgoing, answer};
use ports::mailer::Mail;
use ports::{ErrorKind, PortError};
use sha2::{Digest, Sha256};
use tracing::{info, warn};

/// Where it is noted who was told what on which day. These notes may expire after two days.
const TOLD: &str = "mail/refused/";
/// What a note says once the mail is handed over; before that, which mail it is for.
const SENT: &str = "sent";

impl Hermes {
    /// Tells the sender, unless they are not proven, nobody is likely to read it, or they were told today.
    pub(crate) async fn tell_refused(
        &self,
        arrival: Arrival<'_>,
        to: &str,
        refusal: Refusal,
    ) -> Result<(), PortError> {
        if !may_be_told(arrival, to, refusal) {
            return Ok(());
        }
        let address = &arrival.mail.from.address;
        let now = self.backends.clock.now();
        let key = format!("refused/{}/{}/{}", day(now), refusal.word(), digest(&address.to_lowercase()));
        let note = format!("{TOLD}{}", key.trim_start_matches("refused/"));
        if !self.begin_telling(&note, &format!("{} {to}", arrival.mail.message_id)).await? {
            info!(reason = ?refusal, "the sender was told so today");
            return Ok(());
        }
        let from = format!("{MAILBOX}@{}", mail_domain(to).unwrap_or_default());
        let raw = letter(arrival, &from, (&key, refusal, now));
        match self.backends.mailer.send(Mail { key: &key, from: &from, to: address, raw: &raw }).await {
            Ok(_) => self.backends.blobs.put(&note, "text/plain", Bytes::from_static(SENT.as_bytes())).await,
            // The mail is announced again, and this note knows it.
            Err(error) if error.kind() == ErrorKind::Transient => Err(error),
            Err(error) => {
                warn!(%error, "a sender cannot be told why their mail was refused");
                Ok(())
            }
        }
    }

    /// Takes the right to tell: false when another mail has it, or it was told. A mail that a crash kept from telling has
    /// it still.
    async fn begin_telling(&self, note: &str, mail: &str) -> Result<bool, PortError> {
        let mail = Bytes::from(digest(mail));
        if self.backends.blobs.put_new(note, "text/plain", mail.clone()).await? {
            return Ok(true);
        }
        let (_, noted) = self.backends.blobs.get(note).await?;
        Ok(noted == mail)
    }
}

/// Whether the rules for automatic answers (RFC 3834) and the proof of the sender allow an answer.
fn may_be_told(arrival: Arrival<'_>, to: &str, refusal: Refusal) -> bool {
    let proven = matches!(arrival.authenticity, Authenticity::Proven(_));
    let ours = mail_domain(to).is_some();
    // An address that only stands in a header may be anybody's.
    let certain = refusal != Refusal::UnknownProject
        || arrival.received_for.iter().any(|other| other.eq_ignore_ascii_case(to));
    proven && ours && certain && !email::is_unattended(arrival.mail, arrival.from)
}

fn letter(arrival: Arrival<'_>, from: &str, (key, refusal, now): (&str, Refusal, Timestamp)) -> Vec<u8> {
    let mail = arrival.mail;
    let words = answer::refused(&refusal.to_string());
    let domain = from.rsplit('@').next().unwrap_or_default();
    email::compose(&Outgoing {
        message_id: &format!("{}@{domain}", key.replace('/', ".")),
        date: now,
        from_name: "WebOrdinary",
        from,
        to: &mail.from.address,
        reply_to: None,
        subject: &mail.subject,
        in_reply_to: Some(&mail.message_id),
        references: &mail.references,
        text: &words.text,
        html: &words.html,
        header: LOOP_HEADER,
    })
}

/// The day in UTC, as 2026-01-05.
fn day(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%d").to_string()
}

fn digest(text: &str) -> String {
    let mut digest = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    digest.truncate(24);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let (last, first) = (Timestamp(1_767_571_199_999), Timestamp(1_767_571_200_000));
        assert_eq!([day(last), day(first)], ["2026-01-04", "2026-01-05"]);
    }
}
