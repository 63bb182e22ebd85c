//! What is asked of AWS while all tenants sleep, with none, some and many of them.

use crate::{options, say_lines};
use fleet_tests::Cloud;
use fleet_tests::cloud::Ledger;
use fleet_tests::cloud::tenants::asleep;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use std::time::Duration;

const TENANTS: [u32; 3] = [0, 10, 1_000];
const AT_ONCE: usize = 12;
/// From Hermes' start: the sweeps (every 30 s), the long polls (20 s) and the metrics (60 s) fall well into the window.
const BEFORE: Duration = Duration::from_secs(10);
const WINDOW: Duration = Duration::from_mins(1);

/// Counts for a minute, in three fleets at the same time.
pub(crate) async fn measure() {
    let fleets = join_all(TENANTS.map(async |count| {
        let cloud = Cloud::start(&options("http://127.0.0.1:1", &[("WEBORDINARY_SWEEP", "30")], &[])).await;
        let seeds = (0..count).map(|n| {
            let store = &cloud.store;
            async move { asleep(store, &format!("tenant{n}")).await }
        });
        stream::iter(seeds).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
        (count, cloud)
    }));
    let counted = join_all(fleets.await.into_iter().map(async |(count, cloud)| {
        cloud.open().await;
        tokio::time::sleep(BEFORE).await;
        cloud.aws.exchanges();
        tokio::time::sleep(WINDOW).await;
        let lines = Ledger::default().count(&cloud.aws.exchanges());
        cloud.end().await;
        (count, lines)
    }));
    for (count, lines) in counted.await {
        say_lines(&format!("{count} asleep"), &lines, WINDOW.as_secs_f64() / 3600.0);
    }
}
