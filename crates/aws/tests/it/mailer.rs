//! Mail: what SES is given, and that a mail of unknown fate is not repeated.

use crate::{StandIn, stand_in};
use aws::SesMailer;
use ports::mailer::Mail;
use ports::{ErrorKind, Mailer};
use testkit::Fault;

const RAW: &[u8] = b"From: edit@demo.localhost\r\nTo: ann@example.org\r\nSubject: Hours\r\n\r\nDone.\r\n";

fn mail(key: &str) -> Mail<'_> {
    Mail { key, from: "edit@demo.localhost", to: "ann@example.org", raw: RAW }
}

async fn with_identity() -> StandIn {
    let stand_in = stand_in().await;
    stand_in.clients.ses.create_email_identity().email_identity("demo.localhost").send().await.unwrap();
    stand_in
}

/// What the stand-in has sent.
async fn sent(stand_in: &StandIn) -> Vec<serde_json::Value> {
    let url = format!("{}/_ministack/ses/messages", stand_in.ministack.endpoint());
    let answer = reqwest::get(url).await.unwrap().json::<serde_json::Value>().await.unwrap();
    // By account.
    answer["messages"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|mails| mails.as_array().unwrap().clone())
        .collect()
}

#[tokio::test]
async fn a_mail_is_sent_and_its_id_is_the_one_on_the_wire() {
    let stand_in = with_identity().await;
    let id = SesMailer::new(&stand_in.clients, None).send(mail("key")).await.unwrap().unwrap();
    let sent = sent(&stand_in).await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((&sent[0]["MessageId"], &sent[0]["Subject"]), (&id.into(), &"Hours".into()));
    assert_eq!(
        (&sent[0]["Source"], &sent[0]["To"][0]),
        (&"edit@demo.localhost".into(), &"ann@example.org".into())
    );
}

#[tokio::test]
async fn an_answer_of_ses_becomes_the_id_on_the_wire() {
    let ses = crate::canned::Canned::new(&[(200, r#"{"MessageId":"0101-0000"}"#)]).await;
    let mailer = SesMailer::new(&crate::connect(ses.uri()).await, Some("events".to_owned()));
    let id = mailer.send(mail("0192/answer")).await.unwrap();
    assert_eq!(id.as_deref(), Some("0101-0000@us-west-2.amazonses.com"));
    let asked = ses.asked().remove(0);
    let body: serde_json::Value = serde_json::from_str(asked.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["ConfigurationSetName"], "events");
    assert_eq!(body["EmailTags"][0]["Value"], "0192_answer");
    assert_eq!(body["Destination"]["ToAddresses"][0], "ann@example.org");
}

#[tokio::test]
async fn a_mail_of_unknown_fate_is_not_repeated_here() {
    let stand_in = with_identity().await;
    let mailer = SesMailer::new(&stand_in.faulty, None);
    for fault in [Fault::LoseAnswer, Fault::Cut, Fault::Throttle] {
        stand_in.proxy.fail_next(1, fault);
        let refused = mailer.send(mail("key")).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Transient, "{refused}");
    }
    assert_eq!((sent(&stand_in).await.len(), stand_in.proxy.seen()), (1, 3));
}
