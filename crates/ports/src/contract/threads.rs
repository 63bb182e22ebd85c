//! What the register of threads promises.

use super::Harness;
use super::sample::{fresh, message, message_in, pair, project, refused, reply, reply_mail, thread, unique};
use crate::error::ErrorKind;
use crate::replies::ReplyKind;
use domain::Timestamp;

/// A thread is known by many names, each within its project.
pub async fn threads_contract(harness: &dyn Harness) {
    a_thread_begins_with_its_first_message(harness).await;
    a_name_is_known_within_its_project_only(harness).await;
    a_known_name_keeps_its_thread(harness).await;
    a_mail_s_own_name_leads_back_to_its_thread(harness).await;
    the_newest_activity_is_listed_first(harness).await;
    a_list_can_be_one_user_s(harness).await;
}

async fn a_thread_begins_with_its_first_message(harness: &dyn Harness) {
    let (threads, new) = (harness.threads(), message(&pair()));
    refused(threads.get(&new.thread).await, ErrorKind::NotFound);
    refused(threads.add_aliases(&new.thread, &[unique()]).await, ErrorKind::NotFound);
    harness.messages().record(new.clone()).await.unwrap();
    let mut later = message_in(&new.pair, &new.thread);
    "another title".clone_into(&mut later.title);
    later.received_at = Timestamp(5_000);
    harness.messages().record(later).await.unwrap();
    let stored = threads.get(&new.thread).await.unwrap();
    assert_eq!((stored.pair, stored.title), (new.pair, new.title));
    assert_eq!((stored.created_at, stored.last_activity), (Timestamp(1_000), Timestamp(5_000)));
}

async fn a_name_is_known_within_its_project_only(harness: &dyn Harness) {
    let (threads, name) = (harness.threads(), unique());
    let (mut one, mut two) = (message(&pair()), message(&pair()));
    one.aliases = vec![name.clone()];
    two.aliases = vec![name.clone()];
    for new in [&one, &two] {
        harness.messages().record(new.clone()).await.unwrap();
    }
    for new in [&one, &two] {
        let found = threads.by_alias(&new.pair.project_id, &name).await.unwrap();
        assert_eq!(found.as_ref(), Some(&new.thread));
    }
    assert_eq!(threads.by_alias(&project(), &name).await.unwrap(), None);
}

async fn a_known_name_keeps_its_thread(harness: &dyn Harness) {
    let (threads, pair, name) = (harness.threads(), pair(), unique());
    let one = fresh(harness.messages().record(message(&pair)).await.unwrap());
    let two = fresh(harness.messages().record(message(&pair)).await.unwrap());
    threads.add_aliases(&one.thread, std::slice::from_ref(&name)).await.unwrap();
    let another = unique();
    threads.add_aliases(&two.thread, &[name.clone(), another.clone()]).await.unwrap();
    let project = &pair.project_id;
    assert_eq!(threads.by_alias(project, &name).await.unwrap(), Some(one.thread));
    assert_eq!(threads.by_alias(project, &another).await.unwrap(), Some(two.thread));
}

async fn a_mail_s_own_name_leads_back_to_its_thread(harness: &dyn Harness) {
    let (threads, replies) = (harness.threads(), harness.replies());
    let message = fresh(harness.messages().record(message(&pair())).await.unwrap());
    let mut reply = reply(&message, ReplyKind::Received);
    let mail = reply_mail();
    reply.mail = Some(mail.clone());
    replies.record(&reply).await.unwrap();
    let on_the_wire = unique();
    replies.sent(&message.id, ReplyKind::Received, Some(&on_the_wire)).await.unwrap();
    for name in [&mail.message_id, &on_the_wire] {
        let found = threads.by_alias(&message.pair.project_id, name).await.unwrap();
        assert_eq!(found.as_ref(), Some(&message.thread));
    }
}

async fn the_newest_activity_is_listed_first(harness: &dyn Harness) {
    let (threads, pair) = (harness.threads(), pair());
    let mut want = Vec::new();
    for at in [3_000, 1_000, 2_000] {
        let mut new = message(&pair);
        new.received_at = Timestamp(at);
        want.push((at, new.thread.clone()));
        harness.messages().record(new).await.unwrap();
    }
    want.sort_by_key(|(at, _)| -at);
    let listed = threads.list(&pair.project_id, None, 10).await.unwrap();
    assert_eq!(
        listed.iter().map(|thread| &thread.id).collect::<Vec<_>>(),
        want.iter().map(|(_, id)| id).collect::<Vec<_>>()
    );
    assert_eq!(threads.list(&pair.project_id, None, 2).await.unwrap(), listed[..2]);
    assert!(threads.list(&project(), None, 10).await.unwrap().is_empty());
}

async fn a_list_can_be_one_user_s(harness: &dyn Harness) {
    let (threads, ann) = (harness.threads(), pair());
    let mut bob = ann.clone();
    bob.user_id = "bob".parse().unwrap();
    harness.messages().record(message_in(&ann, &thread())).await.unwrap();
    harness.messages().record(message_in(&bob, &thread())).await.unwrap();
    assert_eq!(threads.list(&ann.project_id, None, 10).await.unwrap().len(), 2);
    let bobs = threads.list(&ann.project_id, Some(&bob.user_id), 10).await.unwrap();
    assert_eq!(bobs.len(), 1);
    assert_eq!(bobs[0].pair, bob);
}
