//! What the register of containers promises.

use super::Harness;
use super::sample::container;
use crate::containers::ContainerRow;

/// A container is there while it says so.
pub async fn containers_contract(harness: &dyn Harness) {
    a_container_is_there_until_it_leaves(harness).await;
    a_container_that_falls_silent_is_gone(harness).await;
}

fn row(address: &str) -> ContainerRow {
    ContainerRow { id: container(), address: address.to_owned() }
}

async fn a_container_is_there_until_it_leaves(harness: &dyn Harness) {
    let (containers, one, two) = (harness.containers(), row("10.0.0.1:4321"), row("10.0.0.2:4321"));
    assert_eq!(containers.get(&one.id).await.unwrap(), None);
    for row in [&one, &two] {
        containers.register(row, harness.lease()).await.unwrap();
    }
    assert_eq!(containers.get(&one.id).await.unwrap().as_ref(), Some(&one));
    let listed = containers.list().await.unwrap();
    assert!(listed.contains(&one) && listed.contains(&two));
    let moved = ContainerRow { address: "10.0.0.3:4321".to_owned(), ..one.clone() };
    containers.register(&moved, harness.lease()).await.unwrap();
    assert_eq!(containers.get(&one.id).await.unwrap(), Some(moved));
    containers.leave(&one.id).await.unwrap();
    containers.leave(&one.id).await.unwrap();
    assert_eq!(containers.get(&one.id).await.unwrap(), None);
    assert!(containers.list().await.unwrap().contains(&two));
}

async fn a_container_that_falls_silent_is_gone(harness: &dyn Harness) {
    let (containers, silent) = (harness.containers(), row("10.0.0.4:4321"));
    containers.register(&silent, harness.lease()).await.unwrap();
    harness.pass(harness.lease()).await;
    assert_eq!(containers.get(&silent.id).await.unwrap(), None);
    assert!(!containers.list().await.unwrap().contains(&silent));
}
