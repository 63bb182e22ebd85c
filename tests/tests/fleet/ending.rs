//! Ctrl-C: a first one drains, a second one ends at once; no child survives either, and no instruction is lost.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, processes, until};
use std::time::Duration;

/// Sends an instruction that is slow, and waits until Claude Code works on it.
async fn in_the_middle(fleet: &Fleet) -> Letter {
    let letter = Letter::new(&format!("[slow 8] {}", replace("Country rye", "Village rye")));
    fleet.send(&letter).await;
    fleet.outbox.receipt_of(&letter.id).await;
    let works = async || {
        let conversation = fleet.status().await;
        let busy = !conversation["waitingPairs"].as_array().is_none_or(Vec::is_empty);
        let claude = !processes::with(&fleet.data(), "stream-json").is_empty();
        (busy && claude).then_some(())
    };
    until("Claude Code at work", Duration::from_secs(30), works).await;
    letter
}

async fn carried_out_once(fleet: Fleet, letter: &Letter) {
    let result = fleet.outbox.result_of(&letter.id).await;
    assert!(result.text().contains("src/pages/index.astro"), "{}", result.text());
    fleet.settled().await;
    assert_eq!(fleet.outbox.results_of(&letter.id).len(), 1);
    assert_eq!(fleet.outbox.answers_to(&letter.id).len(), 2);
    let branch = result.thread().branch();
    let subjects = fleet.workspace("demo").subjects(&format!("origin/main..{branch}"));
    assert_eq!(subjects.iter().filter(|subject| !subject.starts_with("WIP")).count(), 1, "{subjects:?}");
    fleet.finish().await;
}

#[tokio::test]
async fn ctrl_c_in_the_middle_of_a_turn_loses_nothing() {
    let mut fleet = Fleet::start(&Options::quick()).await;
    let letter = in_the_middle(&fleet).await;
    fleet.interrupt();
    let status = fleet.exit(Duration::from_secs(10)).await;
    assert!(status.success(), "{status}: {}", fleet.log());
    fleet.no_orphans().await;
    assert!(fleet.outbox.results_of(&letter.id).is_empty());
    fleet.restart(&Options::quick()).await;
    carried_out_once(fleet, &letter).await;
}

#[tokio::test]
async fn a_second_ctrl_c_ends_at_once() {
    let mut fleet = Fleet::start(&Options::quick()).await;
    let letter = in_the_middle(&fleet).await;
    fleet.interrupt();
    // Two signals at once would be one: the first is heard when the product says that it is not ready any more.
    while fleet.data().join("ready.json").exists() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    fleet.interrupt();
    let status = fleet.exit(Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(130), "aborted, not drained: {}", fleet.log());
    fleet.no_orphans().await;
    fleet.restart(&Options::quick()).await;
    carried_out_once(fleet, &letter).await;
}
