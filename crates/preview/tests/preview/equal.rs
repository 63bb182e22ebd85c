//! Every page of the test sites is the same in a preview as at `/`.

use crate::stage::{Root, Stage, room_for};
use preview::Site;
use serde_json::Value;
use std::time::Duration;
use testkit::{Browser, Page};

/// Everything that a visitor can tell, as one value. Links and images are told apart from the address of the site.
const SEEN: &str = r#"(async () => {
  await document.fonts.ready;
  const deadline = Date.now() + 10000;
  for (const image of document.images) { image.loading = 'eager'; image.scrollIntoView(); }
  while ([...document.images].some((image) => !image.complete) && Date.now() < deadline) await new Promise((r) => setTimeout(r, 20));
  const style = (e, name) => getComputedStyle(e)[name];
  return {
    title: document.title,
    text: document.body.innerText,
    images: [...document.images].map((image) => [image.alt, image.naturalWidth, image.naturalHeight]),
    fonts: [...document.fonts].filter((font) => font.status === 'loaded').map((font) => [font.family, font.weight]).sort(),
    failedFonts: [...document.fonts].filter((font) => font.status === 'error').length,
    colours: [...document.querySelectorAll('body, h1, button, p')].map((e) => [style(e, 'color'), style(e, 'fontFamily')]),
    backgrounds: [...document.querySelectorAll('[class], [style]')].map((e) => style(e, 'backgroundImage')),
    islands: [...document.querySelectorAll('astro-island')].map((e) => e.hasAttribute('ssr')),
    code: [...document.querySelectorAll('code')].map((e) => e.textContent),
  };
})()"#;

/// `text` as it would be at `/`.
fn plain(value: &Value, origins: &[String]) -> Value {
    match value {
        Value::String(text) => {
            let text = origins.iter().fold(text.clone(), |text, origin| text.replace(origin, ""));
            // Astro's checks of its own toolbar and of file positions differ by path.
            Value::String(text)
        }
        Value::Array(all) => all.iter().map(|value| plain(value, origins)).collect(),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), plain(value, origins))).collect(),
        other => other.clone(),
    }
}

struct Pair {
    stage: Stage,
    site: Site,
    root: Root,
    browser: Browser,
}

impl Pair {
    async fn new(name: &str) -> Self {
        let stage = Stage::new(2).await;
        let site = stage.add(name);
        stage.host.ensure(site.clone());
        let (root, browser, ready) = tokio::join!(
            stage.at_root(name),
            Browser::start(),
            stage.host.ready(&site.thread, Duration::from_secs(90))
        );
        ready.unwrap();
        Self { stage, site, root, browser }
    }

    fn origins(&self) -> Vec<String> {
        let prefix = self.site.thread.preview_path();
        let prefix = prefix.trim_end_matches('/');
        vec![
            format!("{}{prefix}", self.stage.origin),
            self.stage.origin.clone(),
            prefix.to_owned(),
            self.root.origin.clone(),
            self.site.root.display().to_string(),
        ]
    }

    /// Opens `path` in both ways, waits for `settled` in both, and compares.
    async fn same(&self, path: &str, settled: &str) -> (Page, Page) {
        let there = self.browser.page().await;
        // Twice: the dependency cache of a plain dev server is cold at first, and it reloads the page.
        there.goto(&format!("{}{path}", self.root.origin)).await;
        there.until(settled).await;
        there.forget();
        there.goto(&format!("{}{path}", self.root.origin)).await;
        there.until(settled).await;
        let here = self.browser.page().await;
        here.goto(&self.stage.url(&self.site, path)).await;
        here.until(settled).await;
        let origins = self.origins();
        let expected = plain(&there.eval(SEEN).await, &origins);
        let seen = plain(&here.eval(SEEN).await, &origins);
        pretty_equal(path, &seen, &expected);
        let expected = plain(&there.problems().into(), &origins);
        let problems = plain(&here.problems().into(), &origins);
        pretty_equal(&format!("console of {path}"), &problems, &expected);
        (here, there)
    }

    async fn stays_under_prefix(&self, page: &Page) {
        let path = page.eval("location.pathname").await;
        let prefix = self.site.thread.preview_path();
        assert!(path.as_str().unwrap().starts_with(&prefix), "{path} is not under the prefix");
    }

    async fn end(self) {
        self.root.end().await;
        self.stage.end().await;
    }
}

fn pretty_equal(what: &str, seen: &Value, expected: &Value) {
    assert!(seen == expected, "{what}\nin the preview: {seen:#}\nat the root: {expected:#}");
}

#[tokio::test]
async fn a_plain_site() {
    let _room = room_for(2).await;
    let pair = Pair::new("plain").await;
    let (page, _) = pair.same("/", "document.querySelector('#counted').textContent === 'script ran'").await;
    page.click("#about").await;
    page.until("document.title === 'About'").await;
    pair.stays_under_prefix(&page).await;
    page.click("#post").await;
    page.until("document.title === 'First post'").await;
    pair.stays_under_prefix(&page).await;
    let sample = page.eval("document.querySelector('pre').textContent").await;
    assert!(sample.as_str().unwrap().contains(r#"<a href="/x" style="background: url(/y.png)">"#), "{sample}");
    pair.same("/about", "document.title === 'About'").await;
    pair.same("/blog/first", "document.title === 'First post'").await;
    pair.end().await;
}
