//! Every page of the test sites is the same in a preview as at `/`.

use crate::stage::{Root, Stage, room_for};
use preview::Site;
use serde_json::Value;
use std::time::Duration;
use testkit::{Browser, Page};

/// Everything that a visitor can tell, as one value. Links and images are told apart from the address of the site.
const SEEN: &str = r"(async () => {
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
    // A fallback made of a font of the machine may be missing there.
    failedFonts: [...document.fonts].filter((font) => font.status === 'error' && !font.family.includes('fallback')).length,
    colours: [...document.querySelectorAll('body, h1, button, p')].map((e) => [style(e, 'color'), style(e, 'fontFamily')]),
    backgrounds: [...document.querySelectorAll('[class], [style]')].map((e) => style(e, 'backgroundImage')),
    islands: [...document.querySelectorAll('astro-island')].map((e) => e.hasAttribute('ssr')),
    code: [...document.querySelectorAll('code')].map((e) => e.textContent),
  };
})()";

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
        // A cold dev server may have complaints of its own.
        let expected = plain(&there.problems().into(), &origins);
        let problems = plain(&here.problems().into(), &origins);
        let new = |problem: &&Value| !expected.as_array().unwrap().contains(problem);
        let new: Vec<&Value> = problems.as_array().unwrap().iter().filter(new).collect();
        assert!(new.is_empty(), "console of {path}, in the preview only: {new:#?}");
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
    assert!(
        sample.as_str().unwrap().contains(r#"<a href="/x" style="background: url(/y.png)">"#),
        "{sample}"
    );
    pair.same("/about", "document.title === 'About'").await;
    pair.same("/blog/first", "document.title === 'First post'").await;
    pair.end().await;
}

#[tokio::test]
async fn islands_of_several_frameworks_and_a_client_router() {
    let _room = room_for(2).await;
    let pair = Pair::new("islands").await;
    let hydrated = "document.querySelectorAll('astro-island').length === 5 \
        && !document.querySelector('astro-island[ssr]') && document.querySelector('#only')";
    // While the router fades pages into each other, nothing can be clicked.
    let still =
        "!document.documentElement.hasAttribute('data-astro-transition') && !document.activeViewTransition";
    let (page, root) = pair.same("/", hydrated).await;
    for name in ["react", "preact", "svelte", "vue", "only"] {
        for page in [&page, &root] {
            page.click(&format!("#{name}")).await;
            page.until(&format!("document.querySelector('#{name}').innerText === '{name} 1'")).await;
        }
    }
    // The router changes pages without a load: this mark stays.
    page.eval("window.__mark = 1").await;
    for link in
        ["#second", "#react-link", "#preact-link", "#svelte-link", "#vue-link", "#only-link", "#slotted"]
    {
        page.click(link).await;
        page.until(&format!(
            "document.title === 'Second' && !document.querySelector('astro-island[ssr]') && {still}"
        ))
        .await;
        pair.stays_under_prefix(&page).await;
        page.click("#svelte").await;
        page.until("document.querySelector('#svelte').innerText === 'again 1'").await;
        page.click("#first").await;
        page.until(&format!("document.title === 'Islands' && {hydrated} && {still}")).await;
        pair.stays_under_prefix(&page).await;
    }
    assert_eq!(page.eval("window.__mark").await, 1, "the router loaded a page anew");
    let origins = pair.origins();
    pretty_equal("console", &plain(&page.problems().into(), &origins), &Value::Array(Vec::new()));
    page.eval("history.back()").await;
    page.until("document.title === 'Second'").await;
    pair.same("/second/", "document.title === 'Second' && !document.querySelector('astro-island[ssr]')")
        .await;
    pair.end().await;
}

#[tokio::test]
async fn a_base_of_its_own_with_languages_and_fonts() {
    let _room = room_for(2).await;
    let pair = Pair::new("docs").await;
    let ran = "document.body?.dataset.script === 'ran'";
    let (page, _) = pair.same("/docs/", ran).await;
    assert_eq!(page.eval("document.title").await, "Docs");
    assert_eq!(page.eval("document.fonts.check('16px ' + getComputedStyle(document.querySelector('h1')).fontFamily.split(',')[0])").await, true);
    for (link, title) in
        [("#guide", "Guide"), ("#german", "Anleitung"), ("#other", "Docs"), ("#old", "Guide")]
    {
        page.click(link).await;
        page.until(&format!("document.title === '{title}' && {ran}")).await;
        pair.stays_under_prefix(&page).await;
    }
    pair.same("/docs/de/", ran).await;
    pair.same("/docs/en/guide", ran).await;
    // The link in the mail leads to the root of the preview, where this site has nothing.
    page.goto(&pair.stage.url(&pair.site, "/")).await;
    page.until(&format!("document.title === 'Docs' && {ran}")).await;
    pair.end().await;
}

#[tokio::test]
async fn a_site_rendered_by_a_server() {
    let _room = room_for(2).await;
    let pair = Pair::new("server").await;
    let (page, root) =
        pair.same("/", "document.querySelector('#done') && document.querySelector('#island')").await;
    for (id, text) in [
        ("fetched", "fetched: 42"),
        ("requested", "requested: ?r=1"),
        ("posted", "posted: ping"),
        ("imported", "imported: widget and part"),
        ("xhr", "xhr: ?x=1"),
        ("event", "event: tick"),
    ] {
        assert_eq!(page.eval(&format!("document.querySelector('#{id}').textContent")).await, text);
    }
    for page in [&page, &root] {
        page.click("#island-link").await;
        page.until("document.title === 'Contact'").await;
        page.click("#send").await;
        page.until("document.querySelector('h1').textContent === 'Thanks, Ann'").await;
    }
    pair.stays_under_prefix(&page).await;
    page.click("#home").await;
    page.until("document.title === 'Server' && document.querySelector('#done')").await;
    page.click("#away").await;
    page.until("document.title === 'Thanks'").await;
    pair.stays_under_prefix(&page).await;
    pair.end().await;
}
