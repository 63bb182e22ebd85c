//! The way of one instruction.

use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, CloudOptions, Letter, until};
use std::time::Duration;
use testkit::Browser;

#[tokio::test]
async fn a_mail_wakes_the_fleet_and_changes_the_site() {
    let cloud = Cloud::start(&CloudOptions::default()).await;
    cloud.open().await;
    assert!(cloud.ecs.running(EDIT_SERVICE).is_empty());

    let letter = Letter::new(&replace("We close at 6 on Fridays", "We close at 4 on Fridays"));
    let result = cloud.ask(&letter).await;
    assert!(result.text().contains("I replaced"), "{}", result.text());
    assert_eq!(cloud.inbox.answers_to(&letter.id).len(), 2, "received, and the result");
    assert_eq!(cloud.ecs.running(EDIT_SERVICE).len(), 1);

    let page = async || {
        let (status, page) = cloud.get(&result.preview()).await;
        (status == 200 && page.contains("We close at 4 on Fridays")).then_some(())
    };
    until("the preview", Duration::from_mins(1), page).await;
    let browser = Browser::start().await;
    let page = browser.page().await;
    page.goto(&result.preview()).await;
    page.until("document.body.innerText.includes('We close at 4 on Fridays')").await;

    let again = Letter::answering(&result, &replace("We close at 4 on Fridays", "We close at 3 on Fridays"));
    let second = cloud.ask(&again).await;
    // By itself: the dev server's WebSocket reaches the browser through Hermes.
    page.until("document.body.innerText.includes('We close at 3 on Fridays')").await;
    assert_eq!(second.thread(), result.thread());
    assert_eq!(cloud.ecs.running(HERMES_SERVICE).len(), 1);
    cloud.end().await;
}

#[tokio::test]
async fn publish_goes_live_by_the_build_function_and_take_it_back_brings_it_back() {
    let quick = (EDIT_SERVICE, "WEBORDINARY_PREVIEWS".to_owned(), "off".to_owned());
    let cloud = Cloud::start(&CloudOptions { env: vec![quick] }).await;
    cloud.open().await;
    let published = async |old: &str, new: &str| {
        let result = cloud.ask(&Letter::new(&replace(old, new))).await;
        let live = cloud.ask(&Letter::answering(&result, "publish")).await;
        assert!(live.text().contains("It is live"), "{}", live.text());
        let (status, page) = cloud.get(&format!("{}/", cloud.site)).await;
        assert!(status == 200 && page.contains(new), "{status}: {new} is not on the live page");
        live
    };
    published("We close at 6 on Fridays", "We close at 4 on Fridays").await;
    let live = published("We close at 4 on Fridays", "We close at 3 on Fridays").await;
    let back = cloud.ask(&Letter::answering(&live, "take it back")).await;
    let (_, page) = cloud.get(&format!("{}/", cloud.site)).await;
    assert!(page.contains("We close at 4 on Fridays"), "{}", back.text());
    cloud.end().await;
}
