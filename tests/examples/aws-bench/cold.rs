//! Mails that arrive while no container runs.

use crate::{options, say};
use domain::names::EDIT_SERVICE;
use fleet_tests::{Cloud, Letter, until};
use serde_json::json;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The rehearsal says that it is one, and edits nothing.
const ASK: &str = "Please make it nicer.";
/// The first clones the repository and installs the site's packages; the others find both.
const ROUNDS: u32 = 4;
/// Hermes does not ask for a container twice within this time. One that sleeps after a second is only found in benches.
const APART: Duration = Duration::from_secs(9);

/// Says when each mail arrived; whoever runs the model knows when it was asked.
pub(crate) async fn measure(model: &str) {
    let cloud =
        Cloud::start(&options(model, &[("WEBORDINARY_SWEEP", "30")], &[("WEBORDINARY_IDLE", "1")])).await;
    cloud.open().await;
    let mut first = None;
    for round in 0..ROUNDS {
        let asleep = async || cloud.ecs.running(EDIT_SERVICE).is_empty().then_some(());
        until("no container", Duration::from_mins(1), asleep).await;
        let letter = first.as_ref().map_or_else(|| Letter::new(ASK), |to| Letter::answering(to, ASK));
        let began = Instant::now();
        let at = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs_f64();
        say(&json!({ "what": "arrived", "round": round, "at": at }));
        let result = cloud.ask(&letter).await;
        first.get_or_insert(result);
        tokio::time::sleep(APART.saturating_sub(began.elapsed())).await;
    }
    cloud.end().await;
}
