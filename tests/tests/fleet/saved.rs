//! A preview link never dies: while its thread sleeps, the last saved version is there.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, processes, until};
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use testkit::Browser;

const HITS: usize = 1_000;
const MINUTE: Duration = Duration::from_mins(1);
/// What pages of a saved version load.
const SAVED: &str = "__webordinary/saved.js";

#[tokio::test]
async fn a_sleeping_link_shows_the_saved_version_and_wakes_once_for_a_thousand() {
    let fleet = Fleet::start(&Options::live().arg("--idle").arg("2")).await;
    let answer = fleet.ask(&Letter::new(&replace("We close at 6", "We close at 5"))).await;
    let link = answer.preview();
    fleet.asleep().await;
    let nothing_kept = async || dev_servers(&fleet).is_empty().then_some(());
    until("the end of its dev server", MINUTE, nothing_kept).await;

    it_turns_live_by_itself(&link).await;
    fleet.asleep().await;

    let hit = async || {
        let began = Instant::now();
        let page = fleet.preview_page(&link).await;
        (page, began.elapsed())
    };
    let (first, took) = hit().await;
    assert!(first.status == 200 && first.text.contains("We close at 5"), "{} {}", first.status, first.text);
    assert!(took < Duration::from_secs(1), "the saved version took {took:?}");
    let pages = join_all((0..HITS).map(|_| hit())).await;
    let other: Vec<_> = pages.iter().filter(|(page, _)| page.status != 200).collect();
    assert!(other.is_empty(), "{} of {HITS}: {:?}", other.len(), other[0]);
    assert!(pages.iter().all(|(page, _)| page.text.contains("We close at 5")));

    let live = async || (!fleet.preview_page(&link).await.text.contains(SAVED)).then_some(());
    until("the live preview", MINUTE, live).await;
    assert_eq!(dev_servers(&fleet).len(), 1, "{:#?}", dev_servers(&fleet));
    assert_eq!(fleet.status().await["claims"].as_array().unwrap().len(), 1);
    fleet.finish().await;
}

async fn it_turns_live_by_itself(link: &str) {
    let browser = Browser::start().await;
    let page = browser.page().await;
    page.goto(link).await;
    page.until("document.body.innerText.includes('Last saved version')").await;
    page.until("getComputedStyle(document.querySelector('.hero')).display === 'grid'").await;
    page.until("[...document.images].every((image) => image.complete && image.naturalWidth > 0)").await;
    if let Ok(file) = std::env::var("SAVED_SCREENSHOT") {
        std::fs::write(file, page.screenshot().await).unwrap();
    }
    page.until("!document.body.innerText.includes('Last saved version')").await;
    page.until("document.body.innerText.includes('We close at 5')").await;
    assert!(page.problems().is_empty(), "{:#?}", page.problems());
}

fn dev_servers(fleet: &Fleet) -> Vec<processes::Running> {
    let node = processes::with(&fleet.data(), "preview.mjs");
    // The launcher's own stages name the program, too.
    let is_node =
        |command: &str| command.split(' ').next().is_some_and(|program| program.ends_with("/bin/node"));
    node.into_iter().filter(|process| is_node(&process.command)).collect()
}
