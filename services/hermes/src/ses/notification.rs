//! SES' own notification about a received mail.
//!
//! <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>

use super::{
    DmarcPolicy, Grade, Notice, Raw, Verdicts, Witness, check_place, checked_id, malformed, not_as_expected,
};
use crate::incoming::Envelope;
use bytes::Bytes;
use data_encoding::BASE64_MIME;
use ports::PortError;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Notification {
    receipt: Receipt,
    mail: Mail,
    /// The raw mail, with the SNS action only.
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    /// The envelope's: the headers may name others.
    recipients: Vec<String>,
    spf_verdict: Option<Verdict>,
    dkim_verdict: Option<Verdict>,
    dmarc_verdict: Option<Verdict>,
    spam_verdict: Option<Verdict>,
    virus_verdict: Option<Verdict>,
    dmarc_policy: Option<String>,
    action: Action,
}

#[derive(Deserialize)]
struct Verdict {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    #[serde(rename = "type")]
    kind: String,
    object_key: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    /// MAIL FROM; empty or `<>` for a bounce.
    source: Option<String>,
}

pub(super) fn read(value: Value) -> Result<Notice, PortError> {
    let Notification { receipt, mail, content } =
        serde_json::from_value(value).map_err(|error| not_as_expected(&error))?;
    let verdicts = Verdicts {
        spf: grade(receipt.spf_verdict),
        dkim: grade(receipt.dkim_verdict),
        dmarc: grade(receipt.dmarc_verdict),
        spam: grade(receipt.spam_verdict),
        virus: grade(receipt.virus_verdict),
        dmarc_policy: receipt.dmarc_policy.as_deref().and_then(policy),
    };
    let from = mail.source.unwrap_or_default().trim_matches(['<', '>', ' ']).to_owned();
    Ok(Notice {
        id: checked_id(&mail.message_id)?,
        raw: raw(&receipt.action, content)?,
        witness: Some(Witness { envelope: Envelope { from, to: receipt.recipients }, verdicts }),
    })
}

fn raw(action: &Action, content: Option<String>) -> Result<Raw, PortError> {
    match (action.kind.as_str(), &action.object_key, content) {
        ("S3", Some(key), _) => {
            check_place(key)?;
            Ok(Raw::Blob(key.clone()))
        }
        ("SNS", _, Some(content)) => {
            let encoded = action.encoding.as_deref().is_some_and(|e| e.eq_ignore_ascii_case("base64"));
            let bytes = if encoded {
                BASE64_MIME.decode(content.as_bytes()).map_err(malformed)?
            } else {
                content.into_bytes()
            };
            Ok(Raw::Inline(Bytes::from(bytes)))
        }
        (kind, ..) => Err(malformed(format_args!("the action {kind:?} does not say where the mail is"))),
    }
}

fn grade(verdict: Option<Verdict>) -> Option<Grade> {
    Grade::named(&verdict?.status)
}

fn policy(word: &str) -> Option<DmarcPolicy> {
    match word.to_ascii_lowercase().as_str() {
        "none" => Some(DmarcPolicy::None),
        "quarantine" => Some(DmarcPolicy::Quarantine),
        "reject" => Some(DmarcPolicy::Reject),
        _ => None,
    }
}
