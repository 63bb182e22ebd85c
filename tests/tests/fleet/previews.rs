//! The preview as its owner sees it: in a real browser, while it starts, while it changes, after a restart.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, Received, until};
use reqwest::header;
use std::time::Duration;
use testkit::{Browser, Page};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, http};

const ON_ITS_WAY: &str = "Your preview is on its way";
/// What pages of a saved version load.
const SAVED: &str = "__webordinary/saved.js";

#[tokio::test]
async fn an_owner_watches_the_site_change() {
    let mut fleet = Fleet::start(&Options::live()).await;
    let first =
        fleet.ask(&Letter::new(&replace("We close at 6 on Fridays", "We close at 4 on Fridays"))).await;
    strangers_see_nothing(&fleet, &first).await;
    let browser = Browser::start().await;
    let page = browser.page().await;
    page.goto(&first.preview()).await;
    the_site_is_whole(&page, &first).await;
    an_address_made_by_a_script_finds_back(&fleet, &first).await;

    let second = Letter::answering(&first, &replace("We close at 4 on Fridays", "We close at 3 on Fridays"));
    fleet.send(&second).await;
    page.until("document.body.innerText.includes('We close at 3 on Fridays')").await;
    fleet.outbox.result_of(&second.id).await;
    let shown = fleet.preview_page(&first.preview()).await;
    assert!(shown.status == 200 && shown.text.contains("We close at 3 on Fridays"), "{}", shown.text);

    // The same address again, for the link in the mail must live on.
    let port = fleet.ready.http.rsplit(':').next().unwrap().to_owned();
    fleet.interrupt();
    assert!(fleet.exit(fleet_tests::fleet::GRACE).await.success());
    fleet.no_orphans().await;
    fleet.restart(&Options::live().arg("--http").arg(&format!("127.0.0.1:{port}"))).await;
    an_old_link_wakes_its_thread(&fleet, &first, &page).await;
    fleet.finish().await;
}

async fn strangers_see_nothing(fleet: &Fleet, first: &Received) {
    let guessed = fleet.preview_page(&format!("{}/session/aaaaaaaaaaaa/", fleet.ready.preview)).await;
    assert_eq!(guessed.status, 404);
    let app_host = first.preview().replace("127.0.0.1", "localhost");
    let there = fleet.preview_page(&app_host).await;
    assert!(
        there.status == 404 && !there.text.contains("Fridays"),
        "site code has no place on the app's host"
    );
    let elsewhere = fleet.http.get(first.preview()).header(header::HOST, "evil.example");
    assert_eq!(elsewhere.send().await.unwrap().status(), 421);
    let served = async || {
        let page = fleet.preview_page(&first.preview()).await;
        match page.status {
            200 => Some(page.text),
            503 if page.text.contains(ON_ITS_WAY) => None,
            status => panic!("{status}: {}", page.text),
        }
    };
    let text = until("the preview", Duration::from_mins(1), served).await;
    assert!(text.contains("We close at 4 on Fridays"), "{text}");
    let mut socket = first.preview().replace("http:", "ws:").into_client_request().unwrap();
    let headers = socket.headers_mut();
    headers.insert("origin", http::HeaderValue::from_static("https://evil.example"));
    headers.insert("sec-websocket-protocol", http::HeaderValue::from_static("vite-hmr"));
    match connect_async(socket).await {
        Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("a foreign page got a WebSocket: {other:?}"),
    }
}

/// `fetch('/x')` leaves the prefix: the Referer tells where it belongs.
async fn an_address_made_by_a_script_finds_back(fleet: &Fleet, first: &Received) {
    let astray = format!("{}/favicon.svg?v=1", fleet.ready.preview);
    let from =
        async |referer: &str| fleet.http.get(&astray).header(header::REFERER, referer).send().await.unwrap();
    let own = from(&format!("{}about/", first.preview())).await;
    let back = format!("/session/{}/favicon.svg?v=1", first.thread().as_str());
    assert_eq!(
        (own.status().as_u16(), own.headers()[header::LOCATION].to_str().unwrap()),
        (307, back.as_str())
    );
    let foreign = from(&format!("http://evil.example/session/{}/", first.thread().as_str())).await;
    assert_eq!(foreign.status(), 404);
}

/// Page, styles, images and links, all under the prefix.
async fn the_site_is_whole(page: &Page, first: &Received) {
    page.until("document.body.innerText.includes('We close at 4 on Fridays')").await;
    page.until("[...document.images].every((image) => image.complete && image.naturalWidth > 0)").await;
    assert_ne!(page.eval("document.images.length").await, 0);
    page.until("getComputedStyle(document.querySelector('.hero')).display === 'grid'").await;
    let prefix = format!("/session/{}/", first.thread().as_str());
    page.click("nav a[href*='about']").await;
    page.until(&format!("location.pathname === '{prefix}about/' && document.readyState === 'complete'"))
        .await;
    page.until("document.body.innerText.includes('Two bakers, one oven, no hurry.')").await;
    page.click("nav a:first-child").await;
    page.until(&format!("location.pathname === '{prefix}' && document.readyState === 'complete'")).await;
    let outside: Vec<String> = page
        .requests()
        .into_iter()
        .filter(|url| url.starts_with("http") && !url.starts_with(&first.preview()))
        .collect();
    assert!(outside.is_empty(), "outside of the prefix: {outside:?}");
    assert!(page.problems().is_empty(), "{:#?}", page.problems());
}

/// A page comes from the last saved version, and turns into the live site by itself; so does everything on it.
async fn an_old_link_wakes_its_thread(fleet: &Fleet, first: &Received, page: &Page) {
    let saved = fleet.preview_page(&first.preview()).await;
    assert!(saved.status == 200 && saved.text.contains("We close at 3 on Fridays"), "{}", saved.text);
    assert!(saved.text.contains(SAVED), "{}", saved.text);
    page.goto(&first.preview()).await;
    page.until("document.body.innerText.includes('We close at 3 on Fridays')").await;
    page.until("document.querySelector('script[src*=\"@vite/client\"]')").await;
    let live = fleet.preview_page(&first.preview()).await;
    assert!(live.status == 200 && !live.text.contains(SAVED), "{}", live.text);
    let asset = fleet.http.get(format!("{}favicon.svg", first.preview())).send().await.unwrap();
    assert!(asset.status() == 200 && asset.text().await.unwrap().contains("<svg"));
}

/// Without a saved version a page gets something to wait on, and everything else is held.
#[tokio::test]
async fn a_preview_without_a_saved_version_is_waited_for() {
    let fleet = Fleet::start(&Options::live().arg("--idle").arg("1")).await;
    let answer = fleet.ask(&Letter::new("Hello there")).await;
    fleet.asleep().await;
    let waiting = fleet.preview_page(&answer.preview()).await;
    assert!(
        waiting.status == 503 && waiting.text.contains(ON_ITS_WAY),
        "{} {}",
        waiting.status,
        waiting.text
    );
    let asset = fleet.http.get(format!("{}favicon.svg", answer.preview())).send().await.unwrap();
    assert!(asset.status() == 200 && asset.text().await.unwrap().contains("<svg"));
    fleet.finish().await;
}
