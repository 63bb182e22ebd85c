//! A crash at each named boundary between two effects, and what comes of the message after the next start.

use crate::checks::{Answers, calm, commits, ends_well, killed, message_of, sound};
use bootstrap::fault;
use fleet_tests::{Fleet, Letter, Options, Received};
use std::collections::HashMap;

const CHANGE: &str = "replace \"We close at 6 on Fridays\" with \"We close at 4 on Fridays\"";
const BEFORE: &str = "We close at 6 on Fridays";
const AFTER: &str = "We close at 4 on Fridays";
const PAGE: &str = "src/pages/index.astro";
const UNDO: [(&str, &str); 2] = [("kind", "undo"), ("text", "Undo")];

macro_rules! points {
    ($($test:ident: $point:literal,)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                crash_at($point).await;
            }
        )*

        #[test]
        fn every_point_has_its_test() {
            assert_eq!([$($point),*], fault::POINTS);
        }
    };
}

points! {
    mail_stored: "mail.stored",
    mail_rung: "mail.rung",
    message_recorded: "message.recorded",
    work_sent: "work.sent",
    pool_intended: "pool.intended",
    received_recorded: "received.recorded",
    received_sent: "received.sent",
    claim_taken: "claim.taken",
    work_acked: "work.acked",
    claim_renewed: "claim.renewed",
    turn_begun: "turn.begun",
    snapshot_kept: "snapshot.kept",
    turn_ended: "turn.ended",
    outcome_prepared: "outcome.prepared",
    branch_moved: "branch.moved",
    spending_entered: "spending.entered",
    outcome_stored: "outcome.stored",
    outcome_rung: "outcome.rung",
    result_recorded: "result.recorded",
    result_sent: "result.sent",
    publish_pushed: "publish.pushed",
    release_checkout: "release.checkout",
    release_built: "release.built",
    release_uploaded: "release.uploaded",
    release_recorded: "release.recorded",
}

#[tokio::test]
async fn a_publish_that_is_prepared_and_not_pushed() {
    publish_dies("outcome.prepared").await;
}

#[tokio::test]
async fn an_undo_that_is_prepared_and_not_done() {
    let mut fleet = Fleet::start(&Options::quick()).await;
    let result = fleet.ask(&Letter::new(CHANGE)).await;
    fleet.kill().await;
    fleet.restart(&Options::quick().env(fault::VARIABLE, "outcome.prepared")).await;
    let url = format!("{}/hermes/api/threads/{}/messages", fleet.ready.http, result.thread().as_str());
    let undo = fleet.http.post(url).bearer_auth(fleet.operator_token()).json(&HashMap::from(UNDO));
    assert_eq!(undo.send().await.expect("an answer").status(), 202);
    killed(&mut fleet, "outcome.prepared").await;
    fleet.restart(&Options::quick()).await;
    calm(&fleet).await;
    let (workspace, branch) = (fleet.workspace("demo"), result.thread().branch());
    let subjects = workspace.subjects(&format!("origin/main..{branch}"));
    assert_eq!(subjects.iter().filter(|subject| subject.starts_with("Undo: ")).count(), 1, "{subjects:?}");
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    let page = workspace.show(&branch, PAGE);
    assert!(page.contains(BEFORE) && !page.contains(AFTER), "{page}");
    sound(&fleet);
    ends_well(fleet).await;
}

/// Only builds pass the point after one.
fn base(point: &str) -> Options {
    if point == "snapshot.kept" { Options::live() } else { Options::quick() }
}

async fn crash_at(point: &str) {
    if point.starts_with("publish.") || point.starts_with("release.") {
        publish_dies(point).await;
    } else {
        change_dies(point).await;
    }
}

async fn change_dies(point: &str) {
    let mut fleet = Fleet::start(&base(point).env(fault::VARIABLE, point)).await;
    let change = Letter::new(CHANGE);
    crash(&mut fleet, &change, point).await;
    is_changed_once(&fleet, &change);
    sound(&fleet);
    ends_well(fleet).await;
}

async fn publish_dies(point: &str) {
    let mut fleet = Fleet::start(&Options::quick()).await;
    let change = Letter::new(CHANGE);
    let result = fleet.ask(&change).await;
    // The first release is that of the site as it was created; it is not the one to die in.
    fleet.settled().await;
    fleet.kill().await;
    fleet.restart(&Options::quick().env(fault::VARIABLE, point)).await;
    let publish = Letter::answering(&result, "publish");
    crash(&mut fleet, &publish, point).await;
    is_live_once(&fleet, &publish).await;
    is_changed_once(&fleet, &change);
    sound(&fleet);
    ends_well(fleet).await;
}

/// Sends the letter, sees the product die at `point`, starts it again, and waits until the letter is answered.
async fn crash(fleet: &mut Fleet, letter: &Letter, point: &str) {
    let heard = fleet.post(&letter.from, &letter.to, &letter.raw()).await.is_ok();
    killed(fleet, point).await;
    if point.starts_with("mail.") {
        assert!(!heard, "{point} comes before the answer to DATA");
    }
    fleet.restart(&base(point)).await;
    if !heard {
        // As every mail client does.
        fleet.send(letter).await;
    }
    fleet.outbox.result_of(&letter.id).await;
    calm(fleet).await;
}

fn is_changed_once(fleet: &Fleet, change: &Letter) {
    let answers = Answers::of(fleet);
    let result: &Received = answers.once(change);
    let (workspace, branch) = (fleet.workspace("demo"), result.thread().branch());
    let made = commits(&workspace, &branch);
    assert_eq!(made.get(message_of(result)), Some(&1), "{made:?}");
    let page = workspace.show(&branch, PAGE);
    assert!(page.contains(AFTER) && !page.contains(BEFORE), "{page}");
}

async fn is_live_once(fleet: &Fleet, publish: &Letter) {
    let answers = Answers::of(fleet);
    let result = answers.once(publish);
    assert!(result.text().contains("live"), "{}", result.text());
    let made = commits(&fleet.origin("demo"), "main");
    assert_eq!(made.get(message_of(result)), Some(&1), "{made:?}");
    let page = fleet.live("demo", "/").await.text;
    assert!(page.contains(AFTER) && !page.contains(BEFORE), "{page}");
}
