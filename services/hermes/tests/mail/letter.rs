//! A mail as SES stores it, and the announcements of it as AWS words them.

use serde_json::{Value, json};

pub(crate) const ANN: &str = "ann@stamps.example";

/// A mail to the project, with what SES would say about it.
#[derive(Clone)]
pub(crate) struct Letter {
    /// SES' id.
    pub(crate) id: String,
    pub(crate) from: String,
    /// MAIL FROM.
    pub(crate) source: String,
    /// The envelope's.
    pub(crate) to: Vec<String>,
    /// Further header lines of the sender.
    pub(crate) headers: String,
    pub(crate) text: String,
    /// The value of SES' Authentication-Results.
    pub(crate) results: String,
    /// spf, dkim, dmarc, spam, virus.
    pub(crate) verdicts: [&'static str; 5],
}

impl Letter {
    /// Ann's, as a good provider delivers it.
    pub(crate) fn of_ann(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            from: ANN.to_owned(),
            source: ANN.to_owned(),
            to: vec!["edit@stamps.localhost".to_owned()],
            headers: String::new(),
            text: "Please close at 4 on Fridays".to_owned(),
            results: "amazonses.com; spf=pass (spfCheck: domain of stamps.example designates 192.0.2.7 as permitted sender) \
                      client-ip=192.0.2.7; envelope-from=ann@stamps.example; helo=mx.stamps.example; dkim=pass \
                      header.i=@stamps.example; dmarc=pass header.from=stamps.example;"
                .to_owned(),
            verdicts: ["PASS"; 5],
        }
    }

    pub(crate) fn key(&self) -> String {
        format!("mail/ses/{}", self.id)
    }

    /// The raw mail, with SES' headers on top.
    pub(crate) fn raw(&self) -> String {
        let Self { id, from, source, headers, text, results, verdicts, .. } = self;
        let to = self.to.first().cloned().unwrap_or_default();
        format!(
            "Return-Path: <{source}>\r\nReceived: from mx.stamps.example (mx.stamps.example [192.0.2.7])\r\n by \
             inbound-smtp.us-west-2.amazonaws.com with SMTP id {id}\r\n for {to};\r\n Mon, 05 Jan 2026 10:16:00 +0000 \
             (UTC)\r\nX-SES-Spam-Verdict: {}\r\nX-SES-Virus-Verdict: {}\r\nAuthentication-Results: {results}\r\n\
             X-SES-RECEIPT: AEFBQUFBQUFBQUFI\r\nReceived: by mx.stamps.example; Mon, 05 Jan 2026 10:15:59 +0000\r\n\
             From: Ann <{from}>\r\nTo: edit@stamps.localhost\r\nSubject: Hours\r\nMessage-ID: <{id}@mail.example>\r\n\
             {headers}\r\n{text}\r\n",
            verdicts[3], verdicts[4]
        )
    }

    fn notification(&self, action: &Value) -> Value {
        let [spf, dkim, dmarc, spam, virus] = self.verdicts.map(|status| json!({ "status": status }));
        json!({
            "notificationType": "Received",
            "receipt": {
                "timestamp": "2026-01-05T10:16:01.406Z", "processingTimeMillis": 574, "recipients": self.to,
                "spfVerdict": spf, "dkimVerdict": dkim, "dmarcVerdict": dmarc, "spamVerdict": spam,
                "virusVerdict": virus, "dmarcPolicy": "none", "action": action,
            },
            "mail": {
                "timestamp": "2026-01-05T10:16:00.832Z", "source": self.source, "messageId": self.id,
                "destination": ["edit@stamps.localhost"], "headersTruncated": false,
            },
        })
    }

    /// SES' notification about the S3 action.
    pub(crate) fn in_s3(&self) -> Value {
        self.notification(&json!({
            "type": "S3", "bucketName": "webordinary-mail", "objectKeyPrefix": "mail/ses/", "objectKey": self.key(),
        }))
    }

    /// The notification that holds the mail itself.
    pub(crate) fn inline(&self) -> Value {
        let encoded = data_encoding::BASE64.encode(self.raw().as_bytes());
        let mut notification = self.notification(&json!({ "type": "SNS", "encoding": "BASE64" }));
        notification["content"] = encoded.into();
        notification
    }

    /// S3's own event.
    pub(crate) fn s3_event(&self) -> Value {
        json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": "webordinary-mail" }, "object": { "key": self.key(), "size": 4211 } },
        }] })
    }
}

/// As SNS wraps it when raw delivery is off.
pub(crate) fn in_sns(message: &Value) -> Value {
    json!({
        "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-west-2:123456789012:webordinary-mail", "Message": message.to_string(),
        "Timestamp": "2026-01-05T10:16:01.500Z", "SignatureVersion": "1", "Signature": "EXAMPLE",
    })
}
