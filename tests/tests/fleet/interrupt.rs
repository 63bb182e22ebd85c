//! A message that comes while its thread works: it stops, changes or waits for what is going on, and nothing is lost.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, Received, until};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HOME: &str = "src/pages/index.astro";
/// From a newer mail's acceptance to the end of the turn that it stops.
const STOP: Duration = Duration::from_millis(500);
/// Far less than a turn lingers here.
const SOON: Duration = Duration::from_secs(15);

/// A thread whose turn has made its edit, and lingers before it ends.
struct Busy {
    fleet: Fleet,
    first: Received,
    letter: Letter,
}

impl Busy {
    async fn start() -> Self {
        let fleet = Fleet::start(&Options::quick()).await;
        let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
        let letter = Letter::answering(&first, &format!("[linger 8] {}", replace("Rye 1", "Rye 2")));
        fleet.send(&letter).await;
        let file = fleet.worktree("demo", &first.thread()).join(HOME);
        let edited = async || std::fs::read_to_string(&file).is_ok_and(|t| t.contains("Rye 2")).then_some(());
        until("the edit", SOON, edited).await;
        Self { fleet, first, letter }
    }

    async fn say(&self, text: &str) -> Letter {
        let letter = Letter::answering(&self.first, text);
        self.fleet.send(&letter).await;
        letter
    }

    fn page(&self) -> String {
        self.fleet.workspace("demo").show(&self.first.thread().branch(), HOME)
    }

    /// The nth message of the conversation once it is answered.
    async fn answered(&self, nth: usize) -> Value {
        let answered = async || {
            let conversation = self.fleet.conversation(&self.first.thread()).await;
            let message = &conversation["messages"][nth];
            (message["progress"] == "answered").then(|| message.clone())
        };
        until(&format!("the answer to message {nth}"), SOON, answered).await
    }
}

#[tokio::test]
async fn an_amendment_stops_the_turn_at_once_and_one_answer_is_for_both() {
    let busy = Busy::start().await;
    let amendment = busy.say(&format!("Sorry, I meant: {}", replace("Rye 2", "Rye 3"))).await;
    let accepted = Instant::now();
    let stopped = busy.answered(1).await;
    let took = accepted.elapsed();
    assert_eq!(stopped["outcome"]["status"], "interrupted", "{stopped:#}");
    let result = busy.fleet.outbox.result_of(&amendment.id).await;
    assert!(result.text().contains("this is the answer to both"), "{}", result.text());
    assert!(busy.page().contains("Rye 3"), "the second edit stands on the first");
    assert!(busy.fleet.outbox.results_of(&busy.letter.id).is_empty(), "one answer is for both");
    let branch = busy.first.thread().branch();
    let subjects = busy.fleet.workspace("demo").subjects(&format!("origin/main..{branch}"));
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects[1].starts_with("WIP: "), "{subjects:?}");
    // The poll that sees it adds some milliseconds of its own.
    assert!(took < STOP * 3, "stopped after {took:?}");
    busy.fleet.finish().await;
}

#[tokio::test]
async fn something_else_instead_drops_what_was_done() {
    let busy = Busy::start().await;
    let instead = busy.say(&format!("Forget that. {}", replace("Rye 1", "Rye 9"))).await;
    let result = busy.fleet.outbox.result_of(&instead.id).await;
    assert!(result.text().contains("did this instead"), "{}", result.text());
    assert!(busy.page().contains("Rye 9"), "{}", busy.page());
    assert_eq!(busy.answered(1).await["outcome"]["status"], "cancelled");
    assert!(busy.fleet.outbox.results_of(&busy.letter.id).is_empty(), "one answer is for both");
    busy.fleet.finish().await;
}

#[tokio::test]
async fn what_was_stopped_is_gone_from_the_site_and_comes_back_with_continue() {
    let busy = Busy::start().await;
    let url =
        format!("{}/hermes/api/threads/{}/messages", busy.fleet.ready.http, busy.first.thread().as_str());
    let stop = json!({ "text": "Stop", "kind": "cancel" });
    let said = busy.fleet.http.post(url).bearer_auth(busy.fleet.operator_token()).json(&stop).send().await;
    assert_eq!(said.unwrap().status(), 202);
    let stopped = busy.fleet.outbox.result_of(&busy.letter.id).await;
    assert!(stopped.text().contains("reply \u{201c}continue\u{201d}"), "{}", stopped.text());
    assert!(busy.page().contains("Rye 1"));
    let file = busy.fleet.worktree("demo", &busy.first.thread()).join(HOME);
    assert!(std::fs::read_to_string(&file).unwrap().contains("Rye 1"), "the preview shows the last version");
    busy.answered(2).await;

    busy.say("continue").await;
    let back = async || std::fs::read_to_string(&file).is_ok_and(|t| t.contains("Rye 2")).then_some(());
    until("what was set aside", SOON, back).await;
    busy.fleet.finish().await;
}

#[tokio::test]
async fn another_piece_of_work_waits_for_its_turn() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
    let slow = Letter::answering(&first, &format!("[linger 3] {}", replace("Rye 1", "Rye 2")));
    fleet.send(&slow).await;
    let after = Letter::answering(&first, &format!("After that, {}", replace("Rye 2", "Rye 3")));
    fleet.send(&after).await;
    let results = [fleet.outbox.result_of(&slow.id).await, fleet.outbox.result_of(&after.id).await];
    for result in results {
        assert!(result.text().contains("I replaced"), "{}", result.text());
    }
    let page = fleet.workspace("demo").show(&first.thread().branch(), HOME);
    assert!(page.contains("Rye 3"));
    fleet.finish().await;
}
