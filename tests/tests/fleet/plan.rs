//! Large work is laid before the owner first; questions come to them, and their answers go on with the work.

use fleet_tests::letter::replace;
use fleet_tests::web::Page;
use fleet_tests::{Fleet, Letter, Options, Received, until};
use std::time::Duration;

const ABOUT: &str = "src/pages/about.astro";

/// A thread that was asked to remove a page.
async fn planned(fleet: &Fleet) -> Received {
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let plan = fleet.ask(&Letter::answering(&first, "Please delete page about")).await;
    assert!(plan.text().contains("here is the plan first"), "{}", plan.text());
    assert!(plan.text().contains("I would remove the page"), "{}", plan.text());
    assert!(has_about(fleet, &first), "nothing is removed without a yes");
    first
}

fn has_about(fleet: &Fleet, thread: &Received) -> bool {
    let branch = thread.thread().branch();
    fleet.workspace("demo").run(&["ls-tree", "-r", "--name-only", &branch]).contains(ABOUT)
}

#[tokio::test]
async fn a_page_is_removed_after_a_yes_only() {
    let fleet = Fleet::start(&Options::quick()).await;
    let thread = planned(&fleet).await;
    let unsure = fleet.ask(&Letter::answering(&thread, "Hmm, perhaps")).await;
    assert!(unsure.text().contains("not sure whether that is a yes"), "{}", unsure.text());
    assert!(has_about(&fleet, &thread));
    let done = fleet.ask(&Letter::answering(&thread, "Yes")).await;
    assert!(done.text().contains(ABOUT), "{}", done.text());
    assert!(!has_about(&fleet, &thread));
    let again = fleet.ask(&Letter::answering(&thread, &replace("Village rye", "Dark rye"))).await;
    assert!(again.text().contains("I replaced"), "{}", again.text());
    fleet.finish().await;
}

#[tokio::test]
async fn a_link_shows_the_plan_and_only_a_button_decides_once() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let plan = fleet.ask(&Letter::answering(&first, "Please delete page about")).await;
    let link = plan.text().split_whitespace().find(|word| word.contains("/plans/")).unwrap().to_owned();
    let look = async || Page::of(fleet.http.get(&link).send().await.unwrap()).await;
    for _ in 0..2 {
        let shown = look().await;
        assert!(shown.status == 200 && shown.text.contains("I would remove the page"), "{}", shown.text);
    }
    let decide = |origin: &str| {
        let form = fleet.http.post(&link).header("origin", origin).form(&[("kind", "approve")]);
        form.send()
    };
    assert_eq!(decide("http://127.0.0.1:1").await.unwrap().status(), 403, "another site cannot decide");
    assert!(has_about(&fleet, &first));
    assert_eq!(decide(&fleet.ready.http).await.unwrap().status(), 200);
    let gone = async || (!has_about(&fleet, &first)).then_some(());
    until("the page to go", Duration::from_secs(30), gone).await;
    assert_eq!(decide(&fleet.ready.http).await.unwrap().status(), 410, "a plan is decided once");
    assert_eq!(look().await.status, 410);
    fleet.finish().await;
}

#[tokio::test]
async fn work_that_goes_beyond_its_plan_waits_for_another_yes() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let asked = Letter::answering(&first, "[plans src/pages/index.astro] Please delete page about");
    let plan = fleet.ask(&asked).await;
    assert!(!plan.text().contains("FILES"), "{}", plan.text());
    let held = fleet.ask(&Letter::answering(&plan, "yes")).await;
    assert!(held.text().contains("touches more than the plan said"), "{}", held.text());
    assert!(held.text().contains(ABOUT) && has_about(&fleet, &first), "{}", held.text());
    let unclear = fleet.ask(&Letter::answering(&held, "Hmm")).await;
    assert!(unclear.text().contains("not sure whether that is a yes"), "{}", unclear.text());
    assert!(has_about(&fleet, &first));
    let done = fleet.ask(&Letter::answering(&unclear, "yes")).await;
    assert!(done.text().contains("All of it is in the site now"), "{}", done.text());
    assert!(!has_about(&fleet, &first));
    fleet.finish().await;
}

#[tokio::test]
async fn a_no_leaves_everything_and_the_conversation_goes_on() {
    let fleet = Fleet::start(&Options::quick()).await;
    let thread = planned(&fleet).await;
    let left = fleet.ask(&Letter::answering(&thread, "No")).await;
    assert!(left.text().contains("I leave it as it is"), "{}", left.text());
    let late = fleet.ask(&Letter::answering(&thread, "yes")).await;
    assert!(!late.text().contains(ABOUT), "a plan is decided once: {}", late.text());
    assert!(has_about(&fleet, &thread));
    fleet.finish().await;
}

#[tokio::test]
async fn a_wide_request_is_planned_before_anything_is_tried() {
    let fleet = Fleet::start(&Options::quick()).await;
    let plan = fleet.ask(&Letter::new("Please redesign the whole site")).await;
    assert!(plan.text().contains("here is the plan first"), "{}", plan.text());
    assert!(plan.text().contains("look at every page"), "{}", plan.text());
    fleet.finish().await;
}

#[tokio::test]
async fn a_question_waits_without_a_process_and_its_answer_goes_on() {
    let fleet = Fleet::start(&Options::quick().arg("--idle").arg("1")).await;
    let asked = fleet.ask(&Letter::new("Ask me \"Which rye?\" \"dark\" or \"light\"")).await;
    assert!(asked.text().contains("Which rye?") && asked.text().contains("- dark"), "{}", asked.text());
    fleet.settled().await;
    let answer = Letter::answering(&asked, &replace("Country rye", "Dark rye"));
    let done = fleet.ask(&answer).await;
    assert!(done.text().contains("I replaced"), "{}", done.text());
    fleet.finish().await;
}
