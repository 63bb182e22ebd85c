//! "Publish": what is live, what is told, and what stays when it fails.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Git, Letter, Options, Received, until};
use std::fs;
use std::time::{Duration, Instant};

const HOME: &str = "src/pages/index.astro";
const AT_6: &str = "We close at 6 on Fridays";
const AT_4: &str = "We close at 4 on Fridays";

async fn reply(fleet: &Fleet, to: &Received, text: &str) -> Received {
    fleet.ask(&Letter::answering(to, text)).await
}

/// A clone of the demo's repository, as a developer has one.
fn developer(fleet: &Fleet) -> Git {
    Git::clone_of(fleet.origin("demo").path(), &fleet.place.beside().join("developer"))
}

fn push(clone: &Git, file: &str, content: &str) {
    fs::write(clone.path().join(file), content).unwrap();
    clone.run(&["add", "--all"]);
    clone.run(&["commit", "--quiet", "--message", "A developer's work"]);
    clone.run(&["push", "--quiet"]);
}

#[tokio::test]
async fn publish_goes_live_and_can_be_taken_back() {
    let fleet = Fleet::start(&Options::quick()).await;
    fleet.shows("demo", "/", AT_6).await;
    let edited = fleet.ask(&Letter::new(&replace(AT_6, AT_4))).await;
    let not_yet = reply(&fleet, &edited, "don't publish yet").await;
    assert!(!not_yet.text().contains("live."), "{}", not_yet.text());
    assert_eq!(fleet.origin("demo").subjects("main").len(), 1);
    assert!(fleet.live("demo", "/").await.text.contains(AT_6));

    let live = reply(&fleet, &not_yet, "please publish this").await;
    assert!(live.text().contains("It is live."), "{}", live.text());
    assert!(live.text().contains("http://demo.localhost:"), "{}", live.text());
    assert!(fleet.live("demo", "/").await.text.contains(AT_4), "live means live");
    let origin = fleet.origin("demo");
    assert!(origin.show("main", HOME).contains(AT_4));
    assert_eq!(origin.branches(), ["main"]);

    let again = reply(&fleet, &live, "publish").await;
    assert!(again.text().contains("nothing new to publish"), "{}", again.text());
    let asked = Instant::now();
    let back = reply(&fleet, &live, "take it back").await;
    assert!(back.text().contains("taken back"), "{}", back.text());
    assert!(fleet.live("demo", "/").await.text.contains(AT_6));
    assert!(
        asked.elapsed() < Duration::from_secs(15),
        "without a build it takes seconds: {:?}",
        asked.elapsed()
    );
    let lives = fleet.outbox.mails().iter().filter(|mail| mail.text().contains("It is live.")).count();
    assert_eq!(lives, 1, "it is told once");

    let once_more = reply(&fleet, &back, "publish\n\nBest regards\nThe Owner").await;
    assert!(once_more.text().contains("It is live."), "{}", once_more.text());
    assert!(fleet.live("demo", "/").await.text.contains(AT_4), "what was taken back is live again");
    fleet.finish().await;
}

#[tokio::test]
async fn the_operator_rolls_back_and_a_push_by_hand_goes_live() {
    let fleet = Fleet::start(&Options::quick()).await;
    fleet.shows("demo", "/", AT_6).await;
    let clone = developer(&fleet);
    let page = fs::read_to_string(clone.path().join(HOME)).unwrap();
    push(&clone, HOME, &page.replace("On the shelf today", "Fresh today"));
    fleet.shows("demo", "/", "Fresh today").await;
    let said = fleet.command(&["rollback"]).await.unwrap();
    assert!(said.contains("The release before"), "{said}");
    fleet.shows("demo", "/", "On the shelf today").await;
    assert!(fleet.outbox.mails().is_empty(), "nobody wrote, nobody is told");
    fleet.finish().await;
}

#[tokio::test]
async fn a_build_that_fails_leaves_production_as_it_was() {
    let fleet = Fleet::start(&Options::quick()).await;
    fleet.shows("demo", "/", AT_6).await;
    let edited = fleet.ask(&Letter::new(&replace(AT_6, AT_4))).await;
    let clone = developer(&fleet);
    push(
        &clone,
        "src/pages/broken.astro",
        "---\nimport Nothing from '../nowhere/Nothing.astro';\n---\n<Nothing />\n",
    );
    let failed = reply(&fleet, &edited, "publish").await;
    let says = failed.text();
    assert!(says.contains("Publishing did not work"), "{says}");
    assert!(says.contains("Nothing.astro"), "the mail says what failed: {says}");
    assert!(!says.contains(fleet.data().to_str().unwrap()), "paths of this machine are no news: {says}");
    assert!(fleet.live("demo", "/").await.text.contains(AT_6));
    // What is mended goes live, with the edit.
    clone.run(&["pull", "--quiet", "--no-edit"]);
    clone.run(&["rm", "--quiet", "src/pages/broken.astro"]);
    clone.run(&["commit", "--quiet", "--message", "Mend the build"]);
    clone.run(&["push", "--quiet"]);
    fleet.shows("demo", "/", AT_4).await;
    fleet.finish().await;
}

#[tokio::test]
async fn a_conflict_is_told_and_neither_side_is_lost() {
    let fleet = Fleet::start(&Options::quick()).await;
    let edited = fleet.ask(&Letter::new(&replace(AT_6, AT_4))).await;
    let clone = developer(&fleet);
    let page = fs::read_to_string(clone.path().join(HOME)).unwrap();
    push(&clone, HOME, &page.replace(AT_6, "We close at 8 on Fridays"));
    let conflict = reply(&fleet, &edited, "publish").await;
    let says = conflict.text();
    assert!(says.contains("not published") && says.contains(HOME), "{says}");
    let branch = edited.thread().branch();
    assert!(fleet.origin("demo").show("main", HOME).contains("We close at 8 on Fridays"));
    assert!(fleet.workspace("demo").show(&branch, HOME).contains(AT_4));
    fleet.shows("demo", "/", "We close at 8 on Fridays").await;

    // Somebody settles it: the thread goes on, and publishes.
    let settled = reply(&fleet, &conflict, &replace(AT_4, "We close at 8 on Fridays")).await;
    assert!(settled.text().contains(HOME), "{}", settled.text());
    let live = reply(&fleet, &settled, &replace("Country rye", "Village rye")).await;
    let live = reply(&fleet, &live, "publish").await;
    assert!(live.text().contains("It is live."), "{}", live.text());
    let page = fleet.live("demo", "/").await.text;
    assert!(page.contains("We close at 8 on Fridays") && page.contains("Village rye"));
    fleet.finish().await;
}

#[tokio::test]
async fn publishing_at_once_from_two_threads_loses_neither() {
    let fleet = Fleet::start(&Options::quick()).await;
    let (one, two) = (
        Letter::new(&replace("Country rye", "Village rye")),
        Letter::new(&replace("Two bakers, one oven, no hurry.", "Two bakers, no hurry.")),
    );
    let (one, two) = tokio::join!(fleet.ask(&one), fleet.ask(&two));
    let (one, two) = tokio::join!(reply(&fleet, &one, "publish"), reply(&fleet, &two, "publish"));
    for live in [&one, &two] {
        assert!(live.text().contains("It is live."), "{}", live.text());
    }
    let both = async || {
        let (home, about) = tokio::join!(fleet.live("demo", "/"), fleet.live("demo", "/about/"));
        (home.text.contains("Village rye") && about.text.contains("Two bakers, no hurry.")).then_some(())
    };
    until("both edits on the live site", Duration::from_secs(30), both).await;
    fleet.finish().await;
}
