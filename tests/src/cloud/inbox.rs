//! Mail on the stand-in: what SES does with mail that comes in, and what it has sent.

use super::ses::{Sent, Ses};
use crate::{Letter, Received};
use bytes::Bytes;
use domain::names::EMAIL_QUEUE;
use ports::Blobs;
use serde_json::{Value, json};
use std::sync::Arc;

/// The topic that inbound mail is announced on.
const TOPIC: &str = "webordinary-inbound-mail";

/// The way in and out for mail.
pub struct Inbox {
    endpoint: String,
    http: reqwest::Client,
    blobs: Arc<dyn Blobs>,
    mail_bucket: String,
    topic: String,
    ses: Ses,
}

impl Inbox {
    /// Makes the topic, and subscribes the e-mail queue to it, as the infrastructure does.
    ///
    /// # Panics
    /// When the stand-in does not do it.
    pub async fn open(endpoint: &str, (blobs, mail_bucket): (Arc<dyn Blobs>, &str), ses: Ses) -> Self {
        let mut inbox = Self {
            endpoint: endpoint.to_owned(),
            http: reqwest::Client::new(),
            blobs,
            mail_bucket: mail_bucket.to_owned(),
            topic: String::new(),
            ses,
        };
        let made = inbox.sns(&[("Action", "CreateTopic"), ("Name", TOPIC)]).await;
        let arn = made.split("<TopicArn>").nth(1).and_then(|rest| rest.split('<').next());
        arn.expect("a topic").clone_into(&mut inbox.topic);
        let queue = format!("arn:aws:sqs:us-west-2:000000000000:{EMAIL_QUEUE}");
        let topic = inbox.topic.clone();
        inbox
            .sns(&[("Action", "Subscribe"), ("TopicArn", &topic), ("Protocol", "sqs"), ("Endpoint", &queue)])
            .await;
        inbox
    }

    /// SNS' query protocol.
    async fn sns(&self, form: &[(&str, &str)]) -> String {
        let authorization = "AWS4-HMAC-SHA256 Credential=stand-in/20260101/us-west-2/sns/aws4_request, \
                             SignedHeaders=host, Signature=0";
        let form: Vec<(&str, &str)> = form.iter().copied().chain([("Version", "2010-03-31")]).collect();
        let answer =
            self.http.post(&self.endpoint).header("authorization", authorization).form(&form).send().await;
        let answer = answer.expect("SNS answers");
        assert!(answer.status().is_success(), "SNS: {}", answer.status());
        answer.text().await.expect("SNS answers")
    }

    /// A mail arrives at SES: it is put into the bucket, and announced with its verdicts. Returns SES' id.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub async fn arrives(&self, letter: &Letter) -> String {
        self.arrives_with(letter, &proven()).await
    }

    /// A mail arrives of which SES thinks so.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub async fn arrives_with(&self, letter: &Letter, verdicts: &Value) -> String {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let key = format!("mail/ses/{id}");
        self.blobs.put(&key, "message/rfc822", Bytes::from(letter.raw())).await.expect("the bucket takes it");
        self.announce(&id, (letter, verdicts)).await;
        id
    }

    /// SES tells of a mail that has arrived. That it may do so more than once is SNS' way.
    ///
    /// # Panics
    /// When the stand-in does not take it.
    pub async fn announce(&self, id: &str, (letter, verdicts): (&Letter, &Value)) {
        let notice = self.notice(id, &format!("mail/ses/{id}"), (letter, verdicts)).to_string();
        self.sns(&[("Action", "Publish"), ("TopicArn", &self.topic), ("Message", &notice)]).await;
    }

    /// <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>
    fn notice(&self, id: &str, key: &str, (letter, verdicts): (&Letter, &Value)) -> Value {
        let verdict = |of: &str| json!({ "status": verdicts[of].as_str().unwrap_or("PASS") });
        json!({
            "notificationType": "Received",
            "mail": {
                "messageId": id, "source": letter.from, "destination": [letter.to],
                "timestamp": "2026-01-01T00:00:00.000Z", "headersTruncated": false,
                "commonHeaders": { "from": [letter.from], "to": [letter.to], "subject": letter.subject },
            },
            "receipt": {
                "timestamp": "2026-01-01T00:00:00.000Z", "processingTimeMillis": 42, "recipients": [letter.to],
                "spamVerdict": verdict("spam"), "virusVerdict": verdict("virus"), "spfVerdict": verdict("spf"),
                "dkimVerdict": verdict("dkim"), "dmarcVerdict": verdict("dmarc"),
                "action": { "type": "S3", "bucketName": self.mail_bucket, "objectKey": key,
                            "topicArn": self.topic },
            },
        })
    }

    /// How many mails went out.
    pub fn sent(&self) -> usize {
        self.ses.count(|_| true)
    }

    /// How many results are among them.
    pub fn results(&self) -> usize {
        self.ses.count(Sent::is_result)
    }

    /// The answers to a mail, oldest first.
    pub fn answers_to(&self, id: &str) -> Vec<Sent> {
        self.ses.sent(|answer| answer.mail.mail.in_reply_to.iter().any(|other| other == id))
    }

    /// The results among them.
    pub fn results_of(&self, id: &str) -> Vec<Received> {
        let results = self.answers_to(id).into_iter().filter(Sent::is_result);
        results.map(|answer| answer.mail).collect()
    }
}

/// What SES thinks of a mail whose sender is proven.
pub fn proven() -> Value {
    json!({ "dmarc": "PASS", "spf": "PASS", "dkim": "PASS" })
}
