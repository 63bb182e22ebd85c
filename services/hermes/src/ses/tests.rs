//! The forms in which mail is announced, and what is believed of it.

use super::proof::{Harm, harm, mail_from, prove};
use super::stamps::Stamps;
use super::*;
use crate::authenticity::{Authenticity, How, Why};
use data_encoding::BASE64;
use serde_json::json;

const ID: &str = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1";
const RAW: &str = "From: Ann <ann@example.com>\r\n\r\nHi\r\n";

/// SES' notification as its guide shows it, with an action.
fn notification(action: &Value) -> Value {
    json!({
        "notificationType": "Received",
        "receipt": {
            "timestamp": "2026-01-05T10:16:01.406Z",
            "processingTimeMillis": 574,
            "recipients": ["edit+abc@demo.example"],
            "spamVerdict": { "status": "PASS" },
            "virusVerdict": { "status": "DISABLED" },
            "spfVerdict": { "status": "PASS" },
            "dkimVerdict": { "status": "GRAY" },
            "dmarcVerdict": { "status": "FAIL" },
            "dmarcPolicy": "quarantine",
            "action": action,
        },
        "mail": {
            "timestamp": "2026-01-05T10:16:00.832Z",
            "source": "bounce+ann=example.com@lists.example",
            "messageId": ID,
            "destination": ["edit@demo.example", "friend@example.net"],
            "headersTruncated": false,
            "headers": [{ "name": "From", "value": "Ann <ann@example.com>" }],
            "commonHeaders": { "from": ["Ann <ann@example.com>"], "subject": "Hours" },
        },
    })
}

fn s3_action() -> Value {
    json!({
        "type": "S3", "topicArn": "arn:aws:sns:us-west-2:123456789012:webordinary-mail",
        "bucketName": "webordinary-mail", "objectKeyPrefix": "mail/ses/", "objectKey": format!("mail/ses/{ID}"),
    })
}

fn inline(encoding: &str, content: &str) -> Value {
    let action =
        json!({ "type": "SNS", "topicArn": "arn:aws:sns:us-west-2:123456789012:t", "encoding": encoding });
    let mut notification = notification(&action);
    notification["content"] = content.into();
    notification
}

fn s3_event(name: &str, key: &str) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-west-2",
        "eventTime": "2026-01-05T10:16:01.000Z", "eventName": name,
        "userIdentity": { "principalId": "AWS:AIDAEXAMPLE" },
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "mail",
            "bucket": { "name": "webordinary-mail", "arn": "arn:aws:s3:::webordinary-mail" },
            "object": { "key": key, "size": 4211, "eTag": "0123456789abcdef", "sequencer": "0A1B2C3D4E5F678901" },
        },
    }] })
}

fn in_sns(message: &Value) -> Value {
    json!({
        "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-west-2:123456789012:webordinary-mail", "Subject": "Amazon SES Email Receipt Notification",
        "Message": message.to_string(), "Timestamp": "2026-01-05T10:16:01.500Z", "SignatureVersion": "1",
        "Signature": "EXAMPLE", "SigningCertURL": "https://sns.us-west-2.amazonaws.com/x.pem", "UnsubscribeURL": "https://x",
    })
}

fn verdicts() -> Verdicts {
    Verdicts {
        spf: Some(Grade::Pass),
        dkim: Some(Grade::Gray),
        dmarc: Some(Grade::Fail),
        spam: Some(Grade::Pass),
        virus: None,
        dmarc_policy: Some(DmarcPolicy::Quarantine),
    }
}

fn witnessed(raw: Raw) -> Bell {
    let envelope = Envelope {
        from: "bounce+ann=example.com@lists.example".to_owned(),
        to: vec!["edit+abc@demo.example".to_owned()],
    };
    Bell::Received(vec![Notice {
        id: ID.to_owned(),
        raw,
        witness: Some(Witness { envelope, verdicts: verdicts() }),
    }])
}

fn seen(key: &str) -> Bell {
    let id = key.rsplit('/').next().unwrap().to_owned();
    Bell::Received(vec![Notice { id, raw: Raw::Blob(key.to_owned()), witness: None }])
}

#[test]
fn every_form_is_read() {
    let at = format!("mail/ses/{ID}");
    let mut slow = notification(&s3_action());
    slow["receipt"]["processingTimeMillis"] = "574".into();
    let inline_raw = || witnessed(Raw::Inline(Bytes::from(RAW)));
    let nothing = Bell::Received(Vec::new());
    for (body, want) in [
        (notification(&s3_action()), witnessed(Raw::Blob(at.clone()))),
        (in_sns(&notification(&s3_action())), witnessed(Raw::Blob(at.clone()))),
        (slow, witnessed(Raw::Blob(at.clone()))),
        (inline("UTF-8", RAW), inline_raw()),
        (inline("BASE64", &BASE64.encode(RAW.as_bytes())), inline_raw()),
        (in_sns(&inline("BASE64", &BASE64.encode(RAW.as_bytes()))), inline_raw()),
        (s3_event("ObjectCreated:Put", &at), seen(&at)),
        (in_sns(&s3_event("ObjectCreated:Put", &at)), seen(&at)),
        (
            s3_event("s3:ObjectCreated:CompleteMultipartUpload", "mail/ses/a%2Bb%20c/id1"),
            seen("mail/ses/a+b c/id1"),
        ),
        (s3_event("ObjectCreated:Put", "mail/ses/two+words/id1"), seen("mail/ses/two words/id1")),
        (s3_event("ObjectRemoved:Delete", &at), nothing.clone()),
        (s3_event("ObjectCreated:Copy", &format!("mail/read/{ID}")), nothing.clone()),
        (s3_event("ObjectCreated:Put", "mail/ses/AMAZON_SES_SETUP_NOTIFICATION"), nothing.clone()),
        (json!({ "Records": [] }), nothing),
        (json!({ "blob": "mail/incoming/1" }), Bell::Stored(Pointer { blob: "mail/incoming/1".to_owned() })),
        (json!({ "blob": at }), seen(&at)),
    ] {
        assert_eq!(read(&body.to_string()).unwrap(), want, "{body}");
    }
}

#[test]
fn what_rings_for_no_mail_is_no_error() {
    let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-05T10:00:00.000Z", "Bucket": "b" });
    let bounce = json!({ "notificationType": "Bounce", "bounce": {}, "mail": {} });
    for body in [test.clone(), in_sns(&test), bounce] {
        assert!(matches!(read(&body.to_string()).unwrap(), Bell::Nothing(_)), "{body}");
    }
}

#[test]
fn what_is_none_of_them_never_will_be() {
    let mut elsewhere = s3_action();
    elsewhere["objectKey"] = "attachments/x".into();
    let mut climbing = s3_action();
    climbing["objectKey"] = "mail/ses/../x".into();
    let mut odd_id = notification(&s3_action());
    odd_id["mail"]["messageId"] = "../../x".into();
    let mut no_mail = notification(&s3_action());
    no_mail["mail"] = Value::Null;
    for body in [
        String::new(),
        "not JSON".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        json!({ "Type": "SubscriptionConfirmation", "Token": "t" }).to_string(),
        json!({ "Type": "Notification" }).to_string(),
        json!({ "blob": "attachments/x" }).to_string(),
        json!({ "Type": "Notification", "Message": "plain words" }).to_string(),
        in_sns(&in_sns(&notification(&s3_action()))).to_string(),
        notification(&elsewhere).to_string(),
        notification(&climbing).to_string(),
        notification(&json!({ "type": "SNS", "encoding": "UTF-8" })).to_string(),
        notification(&json!({ "type": "Lambda" })).to_string(),
        inline("BASE64", "not base64!").to_string(),
        odd_id.to_string(),
        no_mail.to_string(),
        s3_event("ObjectCreated:Put", "mail/ses/").to_string(),
        s3_event("ObjectCreated:Put", "mail/ses/%FF").to_string(),
        json!({ "Records": [{ "eventName": "ObjectCreated:Put" }] }).to_string(),
    ] {
        assert_eq!(read(&body).unwrap_err().kind(), ErrorKind::Malformed, "{body}");
    }
}

/// A notice with these verdicts (spf, dkim, dmarc), or an S3 event when there are none.
fn notice(verdicts: Option<[&str; 3]>) -> Notice {
    let witness = verdicts.map(|[spf, dkim, dmarc]| Witness {
        envelope: Envelope { from: "bounce@mail.example.com".to_owned(), to: Vec::new() },
        verdicts: Verdicts {
            spf: Grade::named(spf),
            dkim: Grade::named(dkim),
            dmarc: Grade::named(dmarc),
            ..Verdicts::default()
        },
    });
    Notice { id: ID.to_owned(), raw: Raw::Blob(format!("mail/ses/{ID}")), witness }
}

/// What SES writes on top, with these results in Authentication-Results.
fn stamps(results: &str) -> Stamps {
    let header =
        if results.is_empty() { String::new() } else { format!("Authentication-Results: {results}\r\n") };
    let raw = format!(
        "Return-Path: <bounce@mail.example.com>\r\nReceived: from mx.example.com (mx [192.0.2.7]) by \
         inbound-smtp.us-west-2.amazonaws.com with SMTP id {ID} for edit@demo.example; Mon, 5 Jan 2026 10:16:00 +0000 (UTC)\r\n\
         {header}X-SES-RECEIPT: AEFB\r\n{RAW}"
    );
    Stamps::of(raw.as_bytes())
}

#[test]
fn who_is_believed() {
    use Authenticity::{Proven, Unproven};
    const OWN_SPF: &str =
        "amazonses.com; spf=pass (x) client-ip=192.0.2.7; envelope-from=bounce@mail.example.com; helo=m;";
    const OTHER: &str = "amazonses.com; spf=pass (x) client-ip=1; envelope-from=x@evil.org; helo=m; dkim=pass header.i=@evil.org;";
    const DKIM: &str = "amazonses.com; spf=fail (x) client-ip=1; envelope-from=x@evil.org; helo=m; dkim=pass header.i=@evil.org; \
                        dkim=pass header.i=@news.example.com;";
    const DMARC: &str = "amazonses.com; dkim=fail header.i=@example.com; dmarc=pass header.from=example.com;";
    let gray = ["PASS", "PASS", "GRAY"];
    for (verdicts, results, want) in [
        // With a receipt.
        (Some(["FAIL", "FAIL", "PASS"]), "", Proven(How::Dmarc)),
        (Some(["PASS", "PASS", "PASS"]), DMARC, Proven(How::Dmarc)),
        (
            Some(["PASS", "PASS", "PASS"]),
            "amazonses.com; dmarc=pass header.from=evil.org",
            Unproven(Why::OtherFrom),
        ),
        (Some(["PASS", "PASS", "FAIL"]), DKIM, Unproven(Why::DmarcFailed)),
        (Some(["PASS", "PASS", "FAIL"]), DMARC, Unproven(Why::DmarcFailed)),
        (Some(gray), "amazonses.com; dmarc=fail header.from=example.com", Unproven(Why::DmarcFailed)),
        (Some(gray), OWN_SPF, Proven(How::AlignedSpf)),
        (Some(gray), DKIM, Proven(How::AlignedDkim)),
        (Some(["PASS", "PASS", "PROCESSING_FAILED"]), DKIM, Proven(How::AlignedDkim)),
        (Some(["PASS", "PASS", ""]), DKIM, Proven(How::AlignedDkim)),
        (Some(gray), OTHER, Unproven(Why::NotAligned)),
        (Some(gray), "", Unproven(Why::NoResults)),
        (
            Some(gray),
            "amazonses.com; spf=pass (of a);dkim=pass header.i=@example.com it) client-ip=1",
            Unproven(Why::UnclearResults),
        ),
        (Some(["FAIL", "GRAY", "GRAY"]), DKIM, Unproven(Why::NothingPassed)),
        (Some(["FAIL", "GRAY", "GRAY"]), DMARC, Unproven(Why::NothingPassed)),
        (Some(["PROCESSING_FAILED", "GRAY", "GRAY"]), OWN_SPF, Unproven(Why::NothingPassed)),
        // An S3 event: the header alone.
        (None, DMARC, Proven(How::Dmarc)),
        (None, OWN_SPF, Proven(How::AlignedSpf)),
        (None, DKIM, Proven(How::AlignedDkim)),
        (None, OTHER, Unproven(Why::NotAligned)),
        (None, "amazonses.com; dmarc=pass", Unproven(Why::NothingPassed)),
        (None, "amazonses.com; dmarc=pass header.from=evil.org", Unproven(Why::OtherFrom)),
        (
            None,
            "amazonses.com; dmarc=pass header.from=example.com; dmarc=none",
            Unproven(Why::UnclearResults),
        ),
        (None, "amazonses.com; dkim=fail header.i=@example.com", Unproven(Why::NothingPassed)),
        (None, "mx.evil.org; dmarc=pass header.from=example.com", Unproven(Why::NoResults)),
        (None, "", Unproven(Why::NoResults)),
    ] {
        let told = prove("ann@example.com", &notice(verdicts), &stamps(results));
        assert_eq!(told, want, "{verdicts:?} {results}");
    }
}

#[test]
fn harm_is_believed_from_either_side() {
    let mut told = notice(Some(["PASS", "PASS", "PASS"]));
    let mut stamped = Stamps::default();
    assert_eq!(harm(&told, &stamped), None);
    stamped.spam = Some(Grade::Fail);
    assert_eq!(harm(&told, &stamped), Some(Harm::Spam));
    told.witness.as_mut().unwrap().verdicts.virus = Some(Grade::Fail);
    assert_eq!(harm(&told, &stamped), Some(Harm::Virus));
    stamped.spam = Some(Grade::Gray);
    assert_eq!(harm(&notice(None), &stamped), None);
}

#[test]
fn mail_from_is_the_notice_s_or_ses_own_header_s() {
    let stamps = stamps("");
    assert_eq!(mail_from(&notice(None), &stamps), Some("bounce@mail.example.com"));
    let mut bounce = notice(Some(["PASS", "PASS", "PASS"]));
    bounce.witness.as_mut().unwrap().envelope.from.clear();
    assert_eq!(mail_from(&bounce, &stamps), Some(""));
    assert_eq!(mail_from(&notice(None), &Stamps::default()), None);
}
