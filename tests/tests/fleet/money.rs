//! What messages cost: receipts, caps, and what goes on when nothing may be spent any more.

use bootstrap::fault;
use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, until};
use rehearsal::Rehearsal;
use serde_json::Value;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// About what one replacement costs here, in millionths of a dollar.
const TURN: u64 = 140_000;
/// How long a product may take to come to its end, where it was told to.
const PATIENCE: Duration = Duration::from_mins(1);
const HOME: &str = "src/pages/index.astro";

/// A fleet that takes the rehearsal for a real model, and so counts money. Four calls of about $0.035 are one instruction.
async fn metered(stop: &CancellationToken, options: Options) -> Fleet {
    let model = Rehearsal::start(stop.clone()).await.unwrap();
    let options = options.env("ANTHROPIC_API_KEY", "key").env("ANTHROPIC_BASE_URL", &model.base_url());
    Fleet::start(&options).await
}

/// The accounts of this month.
async fn month(fleet: &Fleet) -> Vec<(u64, u64)> {
    let said = fleet.command(&["spend", "--json"]).await.unwrap();
    let accounts: Vec<Value> = serde_json::from_str(&said).unwrap();
    let of_month = accounts.iter().filter(|account| account["span"] == "month");
    of_month.map(|a| (a["billed"].as_u64().unwrap(), a["unbilled"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn every_answer_has_its_receipt_and_a_failed_turn_is_not_billed() {
    let stop = CancellationToken::new();
    let fleet = metered(&stop, Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
    assert!(first.text().contains("Cost: $0."), "{}", first.text());
    for words in [" tokens in ", "This month so far: $0."] {
        assert!(first.text().contains(words), "{words} is missing: {}", first.text());
        assert!(first.mail.html.as_deref().unwrap().contains(words), "{words} is missing in HTML");
    }
    let [project, user] = month(&fleet).await[..] else { panic!("a project and a person") };
    assert_eq!(project, user);
    assert!(project.0 > 10_000 && project.1 == 0, "{project:?}");

    let failed = fleet.ask(&Letter::answering(&first, "[fail 400] replace \"Rye 1\" with \"Rye 2\"")).await;
    assert!(failed.text().contains("did not work"), "{}", failed.text());
    assert_eq!(month(&fleet).await, [project, user], "a refused call costs nothing");

    let undone = fleet.ask(&Letter::answering(&first, "undo")).await;
    assert!(undone.text().contains("Cost: nothing"), "{}", undone.text());
    let table = fleet.command(&["spend", "--project", "demo"]).await.unwrap();
    assert!(table.contains("project demo") && !table.contains("user"), "{table}");
    fleet.finish().await;
    stop.cancel();
}

#[tokio::test]
async fn a_turn_that_fails_after_it_has_cost_something_is_marked_and_its_cost_is_seen() {
    let stop = CancellationToken::new();
    let fleet = metered(&stop, Options::quick()).await;
    let failed = fleet.ask(&Letter::new("[then-fail 400] replace \"Country rye\" with \"Rye 1\"")).await;
    assert!(failed.text().contains("Not billed, because it did not work."), "{}", failed.text());
    for (billed, unbilled) in month(&fleet).await {
        assert!(billed == 0 && unbilled > 0, "{billed} billed, {unbilled} not");
    }
    fleet.finish().await;
    stop.cancel();
}

#[tokio::test]
async fn a_cap_that_is_reached_in_the_middle_ends_the_turn_and_nothing_is_lost() {
    let stop = CancellationToken::new();
    let fleet = metered(&stop, Options::quick().arg("--cap-message").arg("0.065")).await;
    let letter = Letter::new(&replace("Country rye", "Rye 1"));
    let stopped = fleet.ask(&letter).await;
    for words in
        ["I stopped in the middle of this", "what one message may cost ($0.07)", "set aside", "Cost: $0."]
    {
        assert!(stopped.text().contains(words), "{words} is missing: {}", stopped.text());
    }
    let caps = ["project", "caps", "demo", "--message", "2"];
    let said = fleet.command(&caps).await.unwrap();
    assert!(said.contains("a message          $2.00"), "{said}");
    let went_on = fleet.ask(&Letter::answering(&stopped, "continue")).await;
    assert!(went_on.text().contains("I went on with"), "{}", went_on.text());
    let page = fleet.workspace("demo").show(&went_on.thread().branch(), HOME);
    assert!(page.contains("Rye 1"), "what was set aside is back");
    fleet.finish().await;
    stop.cancel();
}

#[tokio::test]
async fn beyond_a_day_s_cap_nothing_is_begun_and_publishing_goes_on() {
    let stop = CancellationToken::new();
    let fleet = metered(&stop, Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
    let (spent, _) = month(&fleet).await[0];
    // What is spent is 90 % of it.
    let cap = format!("0.{:06}", spent * 10 / 9);
    fleet.command(&["project", "caps", "demo", "--day", &cap]).await.unwrap();

    let second = fleet.ask(&Letter::answering(&first, "What is on the home page?")).await;
    let hint = "% of the site\u{2019}s allowance for today";
    assert!(second.text().contains(hint), "{}", second.text());
    // Now four fifths are passed once more.
    let wider = format!("0.{:06}", spent * 27 / 10);
    fleet.command(&["project", "caps", "demo", "--day", &wider]).await.unwrap();
    let third = fleet.ask(&Letter::answering(&first, &replace("Rye 1", "Rye 2"))).await;
    assert!(!third.text().contains(hint), "it is said once a day: {}", third.text());
    let (spent, _) = month(&fleet).await[0];
    assert!(spent >= wider[2..].parse::<u64>().unwrap() * 4 / 5, "{spent} of {wider}: nothing is shown");

    fleet.command(&["project", "caps", "demo", "--day", &cap]).await.unwrap();
    let before = month(&fleet).await;
    let refused = fleet.ask(&Letter::answering(&first, &replace("Rye 2", "Rye 3"))).await;
    for words in
        ["I have not begun with this", "(at midnight UTC)", "whoever runs this service", "Cost: nothing"]
    {
        assert!(refused.text().contains(words), "{words} is missing: {}", refused.text());
    }
    assert_eq!(month(&fleet).await, before, "the agent was not started");
    let published = fleet.ask(&Letter::answering(&first, "publish")).await;
    assert!(published.text().contains("It is live"), "{}", published.text());

    fleet.command(&["project", "caps", "demo", "--day", "default"]).await.unwrap();
    let went_on = fleet.ask(&Letter::answering(&first, "continue")).await;
    assert!(went_on.text().contains("I went on with"), "{}", went_on.text());
    let page = fleet.workspace("demo").show(&first.thread().branch(), HOME);
    assert!(page.contains("Rye 3"), "what was refused is done in the end");
    fleet.finish().await;
    stop.cancel();
}

#[tokio::test]
async fn the_short_question_about_a_message_is_on_its_receipt_and_the_book_agrees_with_all_receipts() {
    let stop = CancellationToken::new();
    let fleet = metered(&stop, Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
    let slow = Letter::answering(&first, &format!("[linger 4] {}", replace("Rye 1", "Rye 2")));
    fleet.send(&slow).await;
    let file = fleet.worktree("demo", &first.thread()).join(HOME);
    let edited = async || std::fs::read_to_string(&file).is_ok_and(|t| t.contains("Rye 2")).then_some(());
    until("the edit", Duration::from_secs(15), edited).await;
    // No rule says what this means to the work that goes on: the small model is asked.
    let unclear = Letter::answering(&first, &replace("Rye 2", "Rye 3"));
    fleet.send(&unclear).await;
    fleet.outbox.result_of(&slow.id).await;
    fleet.outbox.result_of(&unclear.id).await;
    let conversation = fleet.conversation(&first.thread()).await;
    let receipts: Vec<(u64, u64)> = conversation["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["outcome"]["receipt"])
        .map(|receipt| (receipt["turn"].as_u64().unwrap(), receipt["message"].as_u64().unwrap()))
        .collect();
    assert_eq!(receipts.len(), 3);
    assert_eq!(receipts[1].0, receipts[1].1);
    assert!(receipts[2].0 < receipts[2].1, "the question is not on it: {receipts:?}");
    let all: u64 = receipts.iter().map(|(_, message)| message).sum();
    assert_eq!(month(&fleet).await, [(all, 0), (all, 0)]);
    fleet.finish().await;
    stop.cancel();
}

/// Dies at `point` of the first turn, and does the work anew after the next start; what is billed and not billed then.
async fn after_a_crash_at(point: &str) -> (u64, u64) {
    let stop = CancellationToken::new();
    let mut fleet = metered(&stop, Options::quick().env(fault::VARIABLE, point)).await;
    let letter = Letter::new(&replace("Country rye", "Rye 1"));
    fleet.send(&letter).await;
    fleet.exit(PATIENCE).await;
    let model = Rehearsal::start(stop.clone()).await.unwrap();
    let again = Options::quick().env("ANTHROPIC_API_KEY", "key").env("ANTHROPIC_BASE_URL", &model.base_url());
    fleet.restart(&again).await;
    fleet.outbox.result_of(&letter.id).await;
    let [project, user] = month(&fleet).await[..] else { panic!("a project and a person") };
    assert_eq!(project, user);
    fleet.finish().await;
    stop.cancel();
    project
}

#[tokio::test]
async fn a_crash_between_the_model_and_the_book_counts_nothing_twice() {
    let (billed, unbilled) = after_a_crash_at("turn.ended").await;
    assert!((TURN / 2..TURN * 3 / 2).contains(&billed), "{billed}");
    assert_eq!(unbilled, 0, "what was not written down yet is not known");
}

#[tokio::test]
async fn a_crash_between_the_book_and_the_answer_counts_nothing_twice() {
    let (billed, unbilled) = after_a_crash_at("spending.entered").await;
    assert!((TURN / 2..TURN * 3 / 2).contains(&billed), "{billed}");
    assert_eq!(unbilled, 0, "the prepared outcome was told, and the turn not done again");
}
