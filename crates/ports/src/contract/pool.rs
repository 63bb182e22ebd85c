//! What the pool's record promises. There is one record in a store, so the suite begins from what it finds.

use super::Harness;
use super::sample::{refused, together, unique};
use crate::error::ErrorKind;
use crate::pool::PoolRow;

/// One scales at a time, and no write is lost.
pub async fn pool_contract(harness: &dyn Harness) {
    what_is_written_is_read(harness).await;
    one_of_many_writers_wins(harness).await;
    one_leads_until_its_lease_lapses(harness).await;
    leading_again_keeps_the_right_and_gives_the_record(harness).await;
    who_resigns_frees_the_right_and_nobody_elses(harness).await;
}

async fn what_is_written_is_read(harness: &dyn Harness) {
    let pool = harness.pool();
    let found = pool.read().await.unwrap();
    let new = PoolRow { intent: found.intent + 3, before: found.intent, floor: 2, paused: !found.paused };
    pool.write(&found, &new).await.unwrap();
    assert_eq!(pool.read().await.unwrap(), new);
    let again = PoolRow { floor: 7, ..new.clone() };
    refused(pool.write(&found, &again).await, ErrorKind::Conflict);
    assert_eq!(pool.read().await.unwrap(), new);
    pool.write(&new, &found).await.unwrap();
}

async fn one_of_many_writers_wins(harness: &dyn Harness) {
    let pool = harness.pool();
    let found = pool.read().await.unwrap();
    let writes = (1..=8).map(|n| {
        let (pool, found) = (harness.pool(), found.clone());
        let new = PoolRow { floor: found.floor + n, ..found.clone() };
        async move { pool.write(&found, &new).await.is_ok().then_some(new) }
    });
    let won: Vec<PoolRow> = together(writes).await.into_iter().flatten().collect();
    assert_eq!(won, [pool.read().await.unwrap()]);
}

async fn one_leads_until_its_lease_lapses(harness: &dyn Harness) {
    let (pool, lease) = (harness.pool(), harness.lease());
    let tries = (0..8).map(|_| {
        let (pool, by) = (harness.pool(), unique());
        async move { pool.lead(&by, lease).await.unwrap().map(|_| by) }
    });
    let leaders: Vec<String> = together(tries).await.into_iter().flatten().collect();
    assert_eq!(leaders.len(), 1, "{leaders:?}");
    assert_eq!(pool.lead(&unique(), lease).await.unwrap(), None);
    harness.pass(lease).await;
    let next = unique();
    assert!(pool.lead(&next, lease).await.unwrap().is_some());
    assert_eq!(pool.lead(&leaders[0], lease).await.unwrap(), None);
    pool.resign(&next).await.unwrap();
}

async fn leading_again_keeps_the_right_and_gives_the_record(harness: &dyn Harness) {
    let (pool, lease, by) = (harness.pool(), harness.lease(), unique());
    let found = pool.lead(&by, lease).await.unwrap().unwrap();
    assert_eq!(found, pool.read().await.unwrap());
    for _ in 0..3 {
        harness.pass(lease / 2).await;
        assert!(pool.lead(&by, lease).await.unwrap().is_some());
        assert_eq!(pool.lead(&unique(), lease).await.unwrap(), None);
    }
    let new = PoolRow { floor: found.floor + 1, ..found.clone() };
    pool.write(&found, &new).await.unwrap();
    assert_eq!(pool.lead(&unique(), lease).await.unwrap(), None, "writing does not end the lease");
    assert_eq!(pool.lead(&by, lease).await.unwrap(), Some(new));
    pool.resign(&by).await.unwrap();
}

async fn who_resigns_frees_the_right_and_nobody_elses(harness: &dyn Harness) {
    let (pool, lease) = (harness.pool(), harness.lease());
    let (one, two) = (unique(), unique());
    assert!(pool.lead(&one, lease).await.unwrap().is_some());
    pool.resign(&two).await.unwrap();
    assert_eq!(pool.lead(&two, lease).await.unwrap(), None);
    pool.resign(&one).await.unwrap();
    pool.resign(&one).await.unwrap();
    assert!(pool.lead(&two, lease).await.unwrap().is_some());
    pool.resign(&two).await.unwrap();
}
