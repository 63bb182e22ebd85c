//! What a fleet promises.

use super::Harness;
use super::sample::{refused, unique};
use crate::error::ErrorKind;
use crate::fleet::{Count, Fleet, Protection};
use std::time::Duration;

/// Tries at a count that takes time to come true, and the wait between two.
const TRIES: u32 = 600;
const BETWEEN: Duration = Duration::from_millis(20);

/// A fleet comes to have what is desired.
pub async fn fleet_contract(harness: &dyn Harness) {
    tasks_come_and_go_as_desired(harness).await;
    what_it_does_not_know_is_not_found(harness).await;
}

async fn tasks_come_and_go_as_desired(harness: &dyn Harness) {
    let (fleet, service) = harness.fleet();
    assert_eq!(fleet.count(&service).await.unwrap(), Count::default());
    for desired in [2, 3, 1, 0] {
        fleet.set_desired(&service, desired).await.unwrap();
        assert_eq!(fleet.count(&service).await.unwrap().desired, desired);
        comes_to(fleet.as_ref(), &service, desired).await;
    }
}

async fn comes_to(fleet: &dyn Fleet, service: &str, running: u32) {
    for _ in 0..TRIES {
        if fleet.count(service).await.unwrap().running == running {
            return;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    panic!("{service} did not come to {running} tasks: {:?}", fleet.count(service).await);
}

async fn what_it_does_not_know_is_not_found(harness: &dyn Harness) {
    let (fleet, service) = harness.fleet();
    let other = format!("contract-{}", unique());
    refused(fleet.count(&other).await, ErrorKind::NotFound);
    refused(fleet.set_desired(&other, 1).await, ErrorKind::NotFound);
    refused(fleet.protect(&other, "task", Protection::On).await, ErrorKind::NotFound);
    refused(fleet.protect(&service, &unique(), Protection::On).await, ErrorKind::NotFound);
}
