//! Calls of AWS: none for those who sleep, and failing ones lose nothing.

use domain::names::EDIT_SERVICE;
use fleet_tests::cloud::tenants::asleep;
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, CloudOptions, Letter, until};
use std::time::Duration;
use testkit::faulty_proxy::Fault;

/// How long calls are counted: Hermes sweeps every 2 s here.
const WINDOW: Duration = Duration::from_secs(8);

fn quick() -> CloudOptions {
    let previews = (EDIT_SERVICE, "WEBORDINARY_PREVIEWS".to_owned(), "off".to_owned());
    CloudOptions { env: vec![previews] }
}

#[tokio::test]
async fn tenants_who_sleep_cost_no_call() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let calls = async || {
        let before = cloud.aws.seen();
        tokio::time::sleep(WINDOW).await;
        cloud.aws.seen() - before
    };
    let few = calls().await;
    for n in 0..40 {
        asleep(&cloud.store, &format!("tenant{n}")).await;
    }
    let many = calls().await;
    // A sweep more or less may fall into the window; forty tenants at one call each would show as a multiple.
    assert!(few > 0 && many <= few + few / 2 + 4, "{few} calls with one tenant, {many} with 41");
    cloud.end().await;
}

#[tokio::test]
async fn calls_that_fail_lose_nothing_and_double_nothing() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let mut first = None;
    for (old, new, fault) in [
        ("We close at 6 on Fridays", "We close at 5", Fault::Throttle),
        ("We close at 5", "We close at 4", Fault::Cut),
        ("We close at 4", "We close at 3", Fault::LoseAnswer),
    ] {
        let words = replace(old, new);
        let letter = first.as_ref().map_or_else(|| Letter::new(&words), |to| Letter::answering(to, &words));
        cloud.aws.fail_next(6, fault);
        cloud.inbox.arrives(&letter).await;
        let result = cloud.result_of(&letter).await;
        assert!(result.text().contains("I replaced"), "{fault:?}: {}", result.text());
        assert_eq!(cloud.inbox.results_of(&letter.id).len(), 1, "{fault:?}: results");
        first.get_or_insert(result);
    }
    let calm = async || cloud.store.messages().waiting_pairs().await.unwrap().is_empty().then_some(());
    until("nothing to wait", Duration::from_mins(1), calm).await;
    cloud.end().await;
}
