//! What the record of replies promises.

use super::Harness;
use super::sample::{fresh, message, message_in, pair, refused, reply, reply_mail, together, unique};
use crate::error::ErrorKind;
use crate::messages::Message;
use crate::replies::{Reply, ReplyKind};
use domain::Timestamp;

/// One reply per message and kind, and each mail is handed over.
pub async fn replies_contract(harness: &dyn Harness) {
    a_reply_is_said_once(harness).await;
    of_many_results_at_once_one_is_said(harness).await;
    a_mail_waits_until_it_is_sent(harness).await;
    a_thread_s_replies_are_in_the_order_they_were_said(harness).await;
    saying_something_is_activity(harness).await;
    a_reply_to_nothing_is_refused(harness).await;
}

async fn recorded(harness: &dyn Harness) -> Message {
    fresh(harness.messages().record(message(&pair())).await.unwrap())
}

async fn a_reply_is_said_once(harness: &dyn Harness) {
    let (replies, message) = (harness.replies(), recorded(harness).await);
    let said = reply(&message, ReplyKind::Result);
    assert!(replies.record(&said).await.unwrap());
    let again = Reply { text: "something else".to_owned(), mail: Some(reply_mail()), ..said.clone() };
    assert!(!replies.record(&again).await.unwrap());
    assert_eq!(replies.of_thread(&message.thread).await.unwrap(), [said]);
    let alias = again.mail.unwrap().message_id;
    let found = harness.threads().by_alias(&message.pair.project_id, &alias).await.unwrap();
    assert_eq!(found, None);
    assert!(replies.record(&reply(&message, ReplyKind::Received)).await.unwrap());
}

async fn of_many_results_at_once_one_is_said(harness: &dyn Harness) {
    let message = recorded(harness).await;
    let offers = (0..12).map(|_| {
        let (replies, mut said) = (harness.replies(), reply(&message, ReplyKind::Result));
        said.text = unique();
        async move { replies.record(&said).await.unwrap().then_some(said) }
    });
    let said: Vec<Reply> = together(offers).await.into_iter().flatten().collect();
    assert_eq!(said.len(), 1);
    assert_eq!(harness.replies().of_thread(&message.thread).await.unwrap(), said);
}

async fn a_mail_waits_until_it_is_sent(harness: &dyn Harness) {
    let (replies, message) = (harness.replies(), recorded(harness).await);
    let mailed = Reply { mail: Some(reply_mail()), ..reply(&message, ReplyKind::Result) };
    replies.record(&reply(&message, ReplyKind::Received)).await.unwrap();
    replies.record(&mailed).await.unwrap();
    assert_eq!(unsent(harness, &message).await, std::slice::from_ref(&mailed));
    replies.sent(&message.id, ReplyKind::Result, None).await.unwrap();
    replies.sent(&message.id, ReplyKind::Result, None).await.unwrap();
    assert!(unsent(harness, &message).await.is_empty());
    assert!(replies.of_thread(&message.thread).await.unwrap().contains(&mailed));
}

async fn unsent(harness: &dyn Harness, message: &Message) -> Vec<Reply> {
    let mut unsent = harness.replies().unsent().await.unwrap();
    unsent.retain(|reply| reply.thread == message.thread);
    unsent
}

async fn a_thread_s_replies_are_in_the_order_they_were_said(harness: &dyn Harness) {
    let (replies, first) = (harness.replies(), recorded(harness).await);
    let second = message_in(&first.pair, &first.thread);
    let second = fresh(harness.messages().record(second).await.unwrap());
    let mut said = Vec::new();
    for (n, (message, kind)) in (0..).zip([
        (&second, ReplyKind::Received),
        (&first, ReplyKind::Received),
        (&first, ReplyKind::Result),
    ]) {
        let reply = Reply { at: Timestamp(3_000 + n), ..reply(message, kind) };
        replies.record(&reply).await.unwrap();
        said.push(reply);
    }
    assert_eq!(replies.of_thread(&first.thread).await.unwrap(), said);
}

async fn saying_something_is_activity(harness: &dyn Harness) {
    let message = recorded(harness).await;
    let said = Reply { at: Timestamp(9_000), ..reply(&message, ReplyKind::Result) };
    harness.replies().record(&said).await.unwrap();
    let thread = harness.threads().get(&message.thread).await.unwrap();
    assert_eq!(thread.last_activity, Timestamp(9_000));
}

async fn a_reply_to_nothing_is_refused(harness: &dyn Harness) {
    let (replies, message) = (harness.replies(), recorded(harness).await);
    let mut said = reply(&message, ReplyKind::Result);
    said.message = super::sample::message_id();
    refused(replies.record(&said).await, ErrorKind::NotFound);
    refused(replies.sent(&message.id, ReplyKind::Result, None).await, ErrorKind::NotFound);
}
