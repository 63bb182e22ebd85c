//! Reading mail that SES received: dropped, held, or taken as any other mail, once however often it is announced.

use crate::authenticity::Why;
use crate::desk::Hermes;
use crate::incoming::{BROKEN, DROPPED, HELD, MEDIA_TYPE, READ, REASONS, mail_domain};
use crate::mailroom::{Arrival, Taken};
use crate::ses::proof::{harm, mail_from, prove};
use crate::ses::stamps::Stamps;
use crate::ses::{Notice, Raw, WAITING};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::Timestamp;
use email::Inbound;
use ports::{ErrorKind, PortError};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::{error, info, warn};

/// Where it is noted that a mail was taken for a recipient.
const SEEN: &str = "mail/seen/";
/// An object that lies this long was not announced, or not read.
const STRAY: Duration = Duration::from_mins(5);
/// Objects that are listed at once.
const OBJECTS: usize = 100;

/// Objects in SES' folder, and when this Hermes first saw each: the blob store does not tell their age.
#[derive(Default)]
pub(crate) struct Strays(Mutex<HashMap<String, Timestamp>>);

impl Strays {
    /// Of the objects that lie there at `now`, those that have for long.
    fn of(&self, lying: Vec<String>, now: Timestamp) -> Vec<String> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *seen);
        *seen = lying
            .into_iter()
            .map(|key| {
                let at = before.get(&key).copied().unwrap_or(now);
                (key, at)
            })
            .collect();
        let mut strays: Vec<String> =
            seen.iter().filter(|(_, at)| now.since(**at) >= STRAY).map(|(key, _)| key.clone()).collect();
        strays.sort();
        strays
    }
}

/// A raw mail and where it lies now.
struct Found {
    key: String,
    raw: Bytes,
}

impl Hermes {
    /// Reads one mail of SES.
    ///
    /// # Errors
    /// `Malformed` when the mail is nowhere to be found.
    pub(crate) async fn read_notice(self: &Arc<Self>, notice: &Notice) -> Result<(), PortError> {
        let Some(Found { key, raw }) = self.find_raw(notice).await? else { return Ok(()) };
        let stamps = Stamps::of(&raw);
        if let Some(harm) = harm(notice, &stamps) {
            info!(ses.id = notice.id, reason = harm.as_str(), "a mail was dropped");
            return self.file(&key, notice, DROPPED).await;
        }
        let Ok(mail) = Inbound::parse(&raw) else {
            error!(ses.id = notice.id, "a mail cannot be read; it is kept under {BROKEN}");
            return self.file(&key, notice, BROKEN).await;
        };
        let authenticity = prove(&mail.from.address, notice, &stamps);
        let from = mail_from(notice, &stamps).unwrap_or(&mail.from.address);
        let received_for = received_for(notice, &stamps);
        let arrival = Arrival { mail: &mail, from, authenticity, received_for: &received_for };
        let mut held = None;
        for to in recipients(notice, &received_for, &mail) {
            let mark = mark_of(notice, &to);
            if self.backends.blobs.head(&mark).await?.is_some() {
                continue;
            }
            match self.take(arrival, &to).await? {
                Taken::Held(why) => held = Some(why),
                Taken::Read => self.backends.blobs.put(&mark, "text/plain", Bytes::new()).await?,
            }
        }
        match held {
            Some(why) => self.hold(&key, notice, why).await,
            None => self.file(&key, notice, READ).await,
        }
    }

    /// The raw mail, wherever an earlier announcement has left it; `None` when nothing is left to do about it.
    async fn find_raw(&self, notice: &Notice) -> Result<Option<Found>, PortError> {
        let blobs = &self.backends.blobs;
        for settled in [BROKEN, DROPPED] {
            if blobs.head(&place(notice, settled)).await?.is_some() {
                // A crash may have come between the copy and this.
                blobs.remove(&place(notice, WAITING)).await?;
                return Ok(None);
            }
        }
        for key in [place(notice, WAITING), place(notice, HELD), place(notice, READ)] {
            match blobs.get(&key).await {
                Ok((_, raw)) => return Ok(Some(Found { key, raw })),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        match &notice.raw {
            // Kept before it is worked on: should that fail for long, the sweep finds it.
            Raw::Inline(raw) => {
                let key = place(notice, WAITING);
                blobs.put(&key, MEDIA_TYPE, raw.clone()).await?;
                Ok(Some(Found { key, raw: raw.clone() }))
            }
            Raw::Blob(key) => Err(PortError::new(
                ErrorKind::Malformed,
                format_args!("a mail is announced and not there: {key}"),
            )),
        }
    }

    /// Moves a mail to where it stays. What was read stays read, whatever a later announcement says.
    async fn file(&self, key: &str, notice: &Notice, folder: &str) -> Result<(), PortError> {
        let to = place(notice, folder);
        if key == to || key == place(notice, READ) {
            return Ok(());
        }
        self.put_away(key, &to).await?;
        if key == place(notice, HELD) {
            self.backends.blobs.remove(&reasons(notice)).await?;
        }
        Ok(())
    }

    /// Keeps a mail whose author is not proven, and beside it why, for the operator alone.
    async fn hold(&self, key: &str, notice: &Notice, why: Why) -> Result<(), PortError> {
        if key == place(notice, READ) {
            return Ok(());
        }
        warn!(ses.id = notice.id, reason = %why, "a mail is held: its author is not proven");
        let verdicts = notice.witness.as_ref().map(|witness| format!("{:?}", witness.verdicts));
        let reasons_json = json!({
            "sesMessageId": notice.id,
            "reasons": [why.to_string()],
            "recipients": notice.witness.as_ref().map(|witness| &witness.envelope.to),
            "mailFrom": notice.witness.as_ref().map(|witness| &witness.envelope.from),
            "verdicts": verdicts,
            "heldAt": self.backends.clock.now(),
        });
        let bytes = Bytes::from(reasons_json.to_string());
        self.backends.blobs.put(&reasons(notice), "application/json", bytes).await?;
        self.file(key, notice, HELD).await
    }

    /// Reads the mails that lie in SES' folder although their announcement should have come by now.
    pub(crate) async fn read_strays(self: &Arc<Self>) -> Result<(), PortError> {
        let mut lying: Vec<String> = Vec::new();
        loop {
            let last = lying.last().map(String::as_str);
            let page = self.backends.blobs.list(WAITING, last, OBJECTS).await?;
            if page.is_empty() {
                break;
            }
            lying.extend(page);
        }
        for key in self.strays.of(lying, self.backends.clock.now()) {
            let read = match Notice::of_object(&key) {
                Ok(Some(notice)) => self.read_notice(&notice).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = read {
                warn!(%error, "a mail that was not announced cannot be read yet");
            }
        }
        Ok(())
    }
}

/// Whom SES says that it received the mail for.
fn received_for(notice: &Notice, stamps: &Stamps) -> Vec<String> {
    match &notice.witness {
        Some(witness) => witness.envelope.to.clone(),
        None => stamps.recipient.iter().cloned().collect(),
    }
}

/// The envelope's recipients. Where only S3 told of the mail: whom SES received it for, and all of ours that it names.
fn recipients(notice: &Notice, received_for: &[String], mail: &Inbound) -> Vec<String> {
    if notice.witness.is_some() {
        return received_for.to_vec();
    }
    let mut found: Vec<String> = Vec::new();
    for to in received_for.iter().chain(&mail.to).chain(&mail.cc).map(|to| to.to_lowercase()) {
        if mail_domain(&to).is_some() && !found.contains(&to) {
            found.push(to);
        }
    }
    found
}

/// The key of a mail in a folder.
fn place(notice: &Notice, folder: &str) -> String {
    match &notice.raw {
        Raw::Blob(key) => key.replacen(WAITING, folder, 1),
        Raw::Inline(_) => format!("{folder}{}", notice.id),
    }
}

fn reasons(notice: &Notice) -> String {
    place(notice, HELD) + REASONS
}

fn mark_of(notice: &Notice, to: &str) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(to.to_lowercase().as_bytes()));
    format!("{SEEN}{}/{}", notice.id, &digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_for_long_is_a_stray() {
        let strays = Strays::default();
        let at = |minutes: i64| Timestamp(minutes * 60_000);
        let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(strays.of(keys(&["a", "b"]), at(0)), keys(&[]));
        assert_eq!(strays.of(keys(&["a", "b", "c"]), at(4)), keys(&[]));
        assert_eq!(strays.of(keys(&["b", "c"]), at(5)), keys(&["b"]));
        // What was gone begins anew.
        assert_eq!(strays.of(keys(&["a", "c"]), at(9)), keys(&["c"]));
        assert_eq!(strays.of(keys(&["a"]), at(14)), keys(&["a"]));
    }
}
