//! Taking changes back in words.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options};

const HOME: &str = "src/pages/index.astro";

#[tokio::test]
async fn changes_are_taken_back_and_brought_back_in_words() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
    for (old, new) in [("Rye 1", "Rye 2"), ("Rye 2", "Rye 3")] {
        fleet.ask(&Letter::answering(&first, &replace(old, new))).await;
    }
    let page = || fleet.workspace("demo").show(&first.thread().branch(), HOME);
    let back = fleet.ask(&Letter::answering(&first, "Undo the last two, please")).await;
    assert!(back.text().contains("Rye 3") && back.text().contains("I took this back"), "{}", back.text());
    assert!(page().contains("Rye 1"));
    fleet.ask(&Letter::answering(&first, "undo the undo")).await;
    assert!(page().contains("Rye 3"));
    let yesterday = fleet.ask(&Letter::answering(&first, "Go back to yesterday's version")).await;
    assert!(page().contains("Country rye"), "{}", yesterday.text());
    let branch = first.thread().branch();
    let commits = fleet.workspace("demo").subjects(&format!("origin/main..{branch}"));
    assert_eq!(commits.len(), 6, "one commit for each message: {commits:?}");
    fleet.finish().await;
}
