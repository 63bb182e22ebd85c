//! What the build service's book promises.

use super::Harness;
use super::sample::{fresh, message, message_id, pair, project, refused, reply, together, unique};
use crate::error::ErrorKind;
use crate::releases::{Ending, Order, Ordered, ReleaseRow};
use crate::replies::ReplyKind;
use domain::{MessageId, ProjectId, ReleaseId, Timestamp};

/// Orders are entered once, and one builder at a time changes a site.
pub async fn releases_contract(harness: &dyn Harness) {
    an_order_is_entered_once(harness).await;
    open_orders_are_listed_oldest_first_until_closed(harness).await;
    one_of_many_gets_the_right_to_a_site(harness).await;
    a_lapsed_right_can_be_taken(harness).await;
    only_the_holder_records_a_release(harness).await;
    releases_are_listed_newest_first(harness).await;
    a_release_is_untold_until_each_of_its_messages_is(harness).await;
}

fn release(project: &ProjectId, answers: Vec<MessageId>) -> ReleaseRow {
    let id: ReleaseId = message_id().as_str().parse().unwrap();
    ReleaseRow {
        id,
        project: project.clone(),
        commit: unique(),
        restores: None,
        manifest: Some(format!("manifests/{}", unique())),
        ending: Ending::Live,
        answers,
        at: Timestamp(4_000),
    }
}

async fn an_order_is_entered_once(harness: &dyn Harness) {
    let (releases, project, key) = (harness.releases(), project(), unique());
    let order = Ordered { key: key.clone(), project, order: Order::Push { commit: "abc".to_owned() } };
    let offers = (0..8).map(|_| {
        let (releases, order) = (releases.clone(), order.clone());
        async move { releases.order(&order).await.unwrap() }
    });
    assert_eq!(together(offers).await.into_iter().filter(|entered| *entered).count(), 1);
    releases.close_order(&key).await.unwrap();
    assert!(!releases.order(&order).await.unwrap());
    assert!(!releases.open_orders().await.unwrap().contains(&order));
}

async fn open_orders_are_listed_oldest_first_until_closed(harness: &dyn Harness) {
    let (releases, project) = (harness.releases(), project());
    let orders = [
        Order::Push { commit: "abc".to_owned() },
        Order::Rollback { message: Some(message_id()) },
        Order::Rollback { message: None },
    ];
    let orders = orders.map(|order| Ordered { key: unique(), project: project.clone(), order });
    for order in &orders {
        assert!(releases.order(order).await.unwrap());
    }
    releases.close_order(&orders[1].key).await.unwrap();
    releases.close_order(&orders[1].key).await.unwrap();
    let mut open = releases.open_orders().await.unwrap();
    open.retain(|order| order.project == project);
    assert_eq!(open, [orders[0].clone(), orders[2].clone()]);
}

async fn one_of_many_gets_the_right_to_a_site(harness: &dyn Harness) {
    let (project, lease) = (project(), harness.lease());
    let wishes = (0..8).map(|_| {
        let (releases, project) = (harness.releases(), project.clone());
        async move { releases.lock(&project, lease).await.unwrap() }
    });
    let tokens: Vec<String> = together(wishes).await.into_iter().flatten().collect();
    assert_eq!(tokens.len(), 1);
    harness.releases().unlock(&project, "another's").await.unwrap();
    assert_eq!(harness.releases().lock(&project, lease).await.unwrap(), None);
    harness.releases().unlock(&project, &tokens[0]).await.unwrap();
    assert!(harness.releases().lock(&project, lease).await.unwrap().is_some());
}

async fn a_lapsed_right_can_be_taken(harness: &dyn Harness) {
    let (releases, project, lease) = (harness.releases(), project(), harness.lease());
    let first = releases.lock(&project, lease).await.unwrap().unwrap();
    harness.pass(lease / 2).await;
    releases.relock(&project, &first, lease).await.unwrap();
    harness.pass(lease / 2).await;
    assert_eq!(releases.lock(&project, lease).await.unwrap(), None);
    harness.pass(lease).await;
    let second = releases.lock(&project, lease).await.unwrap().unwrap();
    assert_ne!(second, first);
    refused(releases.relock(&project, &first, lease).await, ErrorKind::LeaseLost);
    releases.unlock(&project, &first).await.unwrap();
    releases.relock(&project, &second, lease).await.unwrap();
}

async fn only_the_holder_records_a_release(harness: &dyn Harness) {
    let (releases, project, lease) = (harness.releases(), project(), harness.lease());
    let mut row = release(&project, vec![message_id(), message_id()]);
    refused(releases.record("nobody's", &row).await, ErrorKind::LeaseLost);
    let old = releases.lock(&project, lease).await.unwrap().unwrap();
    harness.pass(lease).await;
    let token = releases.lock(&project, lease).await.unwrap().unwrap();
    refused(releases.record(&old, &row).await, ErrorKind::LeaseLost);
    refused(releases.get(&row.id).await, ErrorKind::NotFound);
    row.ending = Ending::Failed { says: "The build failed.".to_owned() };
    row.restores = Some(message_id().as_str().parse().unwrap());
    row.manifest = None;
    releases.record(&token, &row).await.unwrap();
    releases.record(&token, &row).await.unwrap();
    assert_eq!(releases.get(&row.id).await.unwrap(), row);
    assert_eq!(releases.list(&project, 10).await.unwrap(), [row]);
}

async fn releases_are_listed_newest_first(harness: &dyn Harness) {
    let (releases, project) = (harness.releases(), project());
    let token = releases.lock(&project, harness.lease()).await.unwrap().unwrap();
    let mut rows = Vec::new();
    for n in 0..3 {
        let row = ReleaseRow { at: Timestamp(4_000 + n), ..release(&project, Vec::new()) };
        releases.record(&token, &row).await.unwrap();
        rows.insert(0, row);
    }
    assert_eq!(releases.list(&project, 10).await.unwrap(), rows);
    assert_eq!(releases.list(&project, 2).await.unwrap(), rows[..2]);
}

async fn a_release_is_untold_until_each_of_its_messages_is(harness: &dyn Harness) {
    let (releases, replies, pair) = (harness.releases(), harness.replies(), pair());
    let one = fresh(harness.messages().record(message(&pair)).await.unwrap());
    let two = fresh(harness.messages().record(message(&pair)).await.unwrap());
    let row = release(&pair.project_id, vec![one.id.clone(), two.id.clone()]);
    let silent = release(&pair.project_id, Vec::new());
    let token = releases.lock(&pair.project_id, harness.lease()).await.unwrap().unwrap();
    releases.record(&token, &row).await.unwrap();
    releases.record(&token, &silent).await.unwrap();
    assert!(!releases.untold().await.unwrap().contains(&silent));
    for message in [&one, &two] {
        replies.record(&reply(message, ReplyKind::Received)).await.unwrap();
        let untold = releases.untold().await.unwrap();
        assert_eq!(untold.iter().filter(|other| **other == row).count(), 1);
        replies.record(&reply(message, ReplyKind::Result)).await.unwrap();
    }
    assert!(!releases.untold().await.unwrap().contains(&row));
}
