//! How many mails Hermes takes in: each is read, judged, recorded, rung for, and its author told that it has arrived.

use crate::{options, say};
use domain::names::HERMES_SERVICE;
use fleet_tests::cloud::{Cloud, Way};
use fleet_tests::letter::{OWNER, replace};
use fleet_tests::{Letter, until};
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::time::{Duration, Instant};

/// Mails that are measured, and those that are taken in before them.
const MEASURED: usize = 200;
const FIRST: usize = 20;
/// Others: a Hermes that has ended may have left a long poll behind, which takes ten of them away for a minute.
const MORE: usize = 20;
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_mins(2);

/// Lets mails arrive while Hermes is at 0, then wakes it. No container works meanwhile.
pub(crate) async fn measure() {
    let hermes = [("WEBORDINARY_SWEEP", "3600"), ("WEBORDINARY_MAX_CONTAINERS", "0")];
    let cloud = Cloud::start_by(Way::Direct, &options("http://127.0.0.1:1", &hermes, &[])).await;
    cloud.open().await;
    cloud.scale(HERMES_SERVICE, 0).await;
    let ended = async || cloud.ecs.running(HERMES_SERVICE).is_empty().then_some(());
    until("Hermes to end", PATIENCE, ended).await;
    let letters = (0..FIRST + MEASURED + MORE)
        .map(|n| Letter::new(&replace("We close at 6", &format!("We close at {n}"))));
    let arrivals = letters.map(|letter| {
        let inbox = &cloud.inbox;
        async move { inbox.arrives(&letter.from(OWNER)).await }
    });
    stream::iter(arrivals).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;

    cloud.scale(HERMES_SERVICE, 1).await;
    let told = async |count| {
        until("mails to be taken in", PATIENCE, async || (cloud.inbox.sent() >= count).then_some(())).await;
        cloud.inbox.sent()
    };
    let before = told(FIRST).await;
    let began = Instant::now();
    let pid = cloud.ecs.processes(HERMES_SERVICE);
    say(&json!({ "what": "intake begins", "pid": pid.first().expect("a Hermes") }));
    let after = told(before + MEASURED).await;
    let seconds = began.elapsed().as_secs_f64();
    say(&json!({ "what": "intake ends", "mails": after - before, "seconds": seconds }));
    // Whoever reads these lines looks at the process now.
    tokio::time::sleep(Duration::from_millis(300)).await;
    cloud.end().await;
}
