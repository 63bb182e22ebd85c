//! Dev servers come and go: started on demand, restarted after death, ended for others; edits show at once.

use crate::stage::{Stage, room_for};
use http::{Method, StatusCode, header};
use preview::{Mode, PreviewError, Site};
use std::fs;
use std::process::Command;
use std::time::Duration;
use testkit::Browser;

const LIMIT: Duration = Duration::from_secs(90);
const NAVIGATION: [(&str, &str); 1] = [("accept", "text/html")];
const RAN: &str = "document.querySelector('#counted')?.textContent === 'script ran'";

fn replace(site: &Site, file: &str, from: &str, to: &str) {
    let path = site.root.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[tokio::test]
async fn a_waiting_page_turns_into_the_site_and_edits_show_at_once() {
    let _room = room_for(1).await;
    let stage = Stage::new(1).await;
    let site = stage.add("plain");
    let browser = Browser::start().await;
    let page = browser.page().await;
    let held = stage.url(&site, "/plain.css");
    // Nothing runs: who looks gets a page to wait on, everything else is held.
    page.goto(&stage.url(&site, "/")).await;
    page.until("document.title === 'Your preview is on its way'").await;
    let held = held.strip_prefix(&stage.origin).unwrap();
    let (held, ()) = tokio::join!(stage.get(held, &[]), page.until(RAN));
    assert_eq!(held.status(), StatusCode::OK);
    assert!(held.body().contains(".linked"));

    page.eval("window.__mark = 1").await;
    replace(&site, "src/styles/site.css", "rgb(20, 30, 40)", "rgb(9, 8, 7)");
    page.until("getComputedStyle(document.body).color === 'rgb(9, 8, 7)'").await;
    assert_eq!(page.eval("window.__mark").await, 1, "a style edit loaded the page anew");
    replace(&site, "src/pages/index.astro", "Hello from the plain site.", "Hello again.");
    page.until("document.querySelector('#greeting')?.textContent === 'Hello again.'").await;

    // A page left open does not wake a server that was ended, and comes back with it.
    stage.host.end(&site.thread).await;
    assert_eq!(stage.processes().len(), 0);
    stage.host.ensure(site.clone());
    stage.host.ready(&site.thread, LIMIT).await.unwrap();
    page.until("window.__mark === undefined").await;
    page.until(RAN).await;
    stage.end().await;
}

#[tokio::test]
async fn a_site_that_cannot_start_says_why_until_it_can() {
    let _room = room_for(1).await;
    let stage = Stage::new(1).await;
    let site = stage.add("plain");
    replace(&site, "astro.config.mjs", "defineConfig({})", "defineConfig({ trailingSlash: 'sometimes' })");
    let browser = Browser::start().await;
    let page = browser.page().await;
    page.goto(&stage.url(&site, "/")).await;
    page.until("document.title === 'The preview could not start'").await;
    page.until("document.querySelector('#output').textContent.includes('trailingSlash')").await;
    let error = stage.host.ready(&site.thread, LIMIT).await.unwrap_err();
    let PreviewError::Failed { output, .. } = error else { panic!("{error:?}") };
    assert!(output.iter().any(|line| line.contains("trailingSlash")), "{output:?}");

    replace(&site, "astro.config.mjs", "trailingSlash: 'sometimes'", "");
    page.click("#again").await;
    page.until(RAN).await;
    stage.end().await;
}

#[tokio::test]
async fn a_dead_dev_server_is_started_again_by_the_next_request() {
    let _room = room_for(1).await;
    let stage = Stage::new(1).await;
    let site = stage.add("plain");
    stage.host.ensure(site.clone());
    stage.host.ready(&site.thread, LIMIT).await.unwrap();
    let before = stage.processes();
    assert_eq!(before.len(), 1);
    assert!(Command::new("kill").args(["-9", &before[0]]).status().unwrap().success());
    let gone = || stage.processes().is_empty();
    while !gone() {
        tokio::task::yield_now().await;
    }
    let path = format!("{}about", site.thread.preview_path());
    // Held, not refused: the page's own requests survive it.
    let answer = stage.get(&path, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.body().contains("About this site"));
    let middle = stage.processes();
    assert_ne!(before, middle);

    stage.host.restart(&site.thread).await;
    stage.host.ready(&site.thread, LIMIT).await.unwrap();
    assert_ne!(middle, stage.processes());
    stage.end().await;
}

/// TLS ends before this proxy; Astro refuses a form whose Origin is not its own.
async fn sends_a_form(stage: &Stage, site: &Site, host: &str, prefix: &str) {
    stage.host.ensure(site.clone());
    stage.host.ready(&site.thread, LIMIT).await.unwrap();
    let origin = format!("https://{host}");
    let form = "application/x-www-form-urlencoded";
    let headers = [("host", host), ("origin", &origin), ("content-type", form)];
    let answer = stage.send(Method::POST, &format!("{prefix}contact"), &headers, "name=Zoe").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.body());
    assert_eq!(answer.headers()[header::LOCATION], format!("{prefix}thanks"));
    assert_eq!(answer.headers()[header::SET_COOKIE], format!("name=Zoe; Path={prefix}"));
    let page = stage.get(prefix, &[("host", host), ("accept", "text/html")]).await;
    assert!(page.body().contains("The server asked itself: 42"), "{}", page.body());
    assert!(page.body().contains(&format!(r#"href="{prefix}contact""#)));
    assert_eq!(page.body().contains("shim.js"), prefix != "/");
    let foreign = [("host", host), ("origin", "https://evil.example"), ("content-type", form)];
    let refused = stage.send(Method::POST, &format!("{prefix}contact"), &foreign, "name=Zoe").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn forms_work_behind_tls() {
    let _room = room_for(1).await;
    let stage = Stage::with(|config| "https://edit.example.com".clone_into(&mut config.preview_origin)).await;
    let site = stage.add("server");
    sends_a_form(&stage, &site, "edit.example.com", &site.thread.preview_path()).await;
    stage.end().await;
}

#[tokio::test]
async fn a_preview_on_a_host_of_its_own_needs_no_rewriting() {
    let _room = room_for(1).await;
    let stage = Stage::with(|config| {
        config.mode = Mode::SubDomain { suffix: "preview.example.com".to_owned() };
        "https://edit.example.com".clone_into(&mut config.preview_origin);
    })
    .await;
    let site = stage.add("server");
    let host = format!("t-{}.preview.example.com", site.thread.as_str());
    sends_a_form(&stage, &site, &host, "/").await;
    stage.end().await;
}

#[tokio::test]
async fn the_least_recently_used_server_makes_room() {
    let _room = room_for(2).await;
    let stage = Stage::new(1).await;
    let (one, two) = (stage.add("plain"), stage.add("docs"));
    stage.host.ensure(one.clone());
    stage.host.ready(&one.thread, LIMIT).await.unwrap();
    stage.host.ensure(two.clone());
    stage.host.ready(&two.thread, LIMIT).await.unwrap();
    assert_eq!(stage.host.ready(&one.thread, LIMIT).await, Err(PreviewError::NotRunning));
    assert_eq!(stage.processes().len(), 1);

    let waiting = stage.get(&one.thread.preview_path(), &NAVIGATION).await;
    assert_eq!(waiting.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(waiting.headers().contains_key(header::RETRY_AFTER));
    stage.host.ready(&one.thread, LIMIT).await.unwrap();
    assert_eq!(stage.host.ready(&two.thread, LIMIT).await, Err(PreviewError::NotRunning));
    assert!(stage.host.last_activity(&one.thread) > stage.host.last_activity(&two.thread));
    stage.end().await;
}
