//! The chat in a real browser, as its owner uses it.

use fleet_tests::{Fleet, Options};
use testkit::Browser;

const WRITE: &str = "(() => { const box = document.querySelector('#text'); box.value = TEXT; \
    box.form.requestSubmit(box.form.querySelector('.send')); return true; })()";

fn write(text: &str) -> String {
    WRITE.replace("TEXT", &serde_json::json!(text).to_string())
}

fn shows(text: &str) -> String {
    format!("document.querySelector('#conversation')?.innerText.includes({})", serde_json::json!(text))
}

#[tokio::test]
async fn an_owner_signs_in_says_something_and_publishes_it() {
    let fleet = Fleet::start(&Options::quick()).await;
    let browser = Browser::start().await;
    let page = browser.page().await;
    page.goto(&fleet.ready.sign_in).await;
    page.click("form button").await;
    page.until("document.querySelector('#text')").await;
    page.eval(&write("replace \"Country rye\" with \"Village rye\"")).await;
    page.until("location.pathname.startsWith('/threads/')").await;
    page.eval("window.__mark = 1").await;
    page.until(&shows("src/pages/index.astro")).await;
    let preview = page.eval("document.querySelector('#preview').src").await;
    let thread = page.eval("location.pathname.split('/')[2]").await;
    assert_eq!(preview, format!("{}/session/{}/", fleet.ready.preview, thread.as_str().unwrap()));

    page.eval(&write("replace \"Village rye\" with \"Dark rye\"")).await;
    page.until(&shows("“Dark rye”")).await;
    page.click("[popovertarget='ask-publish']").await;
    page.until("document.querySelector('#ask-publish')?.matches(':popover-open')").await;
    page.click("#ask-publish button.primary").await;
    page.until(&shows("It is live.")).await;
    assert!(fleet.live("demo", "/").await.text.contains("Dark rye"));
    assert_eq!(page.eval("window.__mark").await, 1, "all of it came without loading the page anew");
    // The preview is off in this fleet, and says so in its frame: that is not the chat's problem.
    let problems: Vec<String> =
        page.problems().into_iter().filter(|problem| !problem.contains("/session/")).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    fleet.finish().await;
}
