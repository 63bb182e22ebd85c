//! The public site over the embedded store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use bytes::Bytes;
use domain::ProjectId;
use embedded::Embedded;
use http::{Method, Request, Response};
use ports::Blobs;
use ports::clock::SystemClock;
use publish::manifest::media_type;
use publish::site;
use std::sync::Arc;

struct Site {
    _dir: tempfile::TempDir,
    blobs: Arc<dyn Blobs>,
    project: ProjectId,
}

impl Site {
    async fn new(files: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Embedded::open(dir.path(), Arc::new(SystemClock)).await.unwrap().blobs();
        for file in files {
            let text = Bytes::from(format!("this is {file}"));
            blobs.put(&format!("sites/demo/{file}"), &media_type(file), text).await.unwrap();
        }
        blobs.put("sites/other/secret.txt", "text/plain", Bytes::from("secret")).await.unwrap();
        Self { _dir: dir, blobs, project: "demo".parse().unwrap() }
    }

    async fn ask(&self, request: http::request::Builder) -> Response<Bytes> {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        site::answer(self.blobs.as_ref(), &self.project, &parts).await
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.ask(Request::get(path)).await;
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"), "{path}");
        (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
    }

    async fn location(&self, path: &str) -> Option<String> {
        let response = self.ask(Request::get(path)).await;
        header(&response, "location").map(str::to_owned)
    }
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|v| v.to_str().unwrap())
}

#[tokio::test]
async fn clean_addresses() {
    let site = Site::new(&["index.html", "about/index.html", "flat.html", "a b/ü.txt", "404.html"]).await;
    for (path, file) in [
        ("/", "index.html"),
        ("/?utm=1", "index.html"),
        ("/index.html", "index.html"),
        ("/about/", "about/index.html"),
        ("/flat", "flat.html"),
        ("/flat.html", "flat.html"),
        ("/a%20b/%C3%BC.txt", "a b/ü.txt"),
    ] {
        assert_eq!(site.get(path).await, (200, format!("this is {file}")), "{path}");
    }
    assert_eq!(site.location("/about?x=1").await.as_deref(), Some("/about/?x=1"));
    assert_eq!(site.location("/flat/").await.as_deref(), Some("/flat"));
    assert_eq!(site.get("/nothing").await, (404, "this is 404.html".to_owned()));
}

#[tokio::test]
async fn nothing_outside_of_the_site_is_named() {
    let site = Site::new(&["index.html"]).await;
    for path in [
        "/../other/secret.txt",
        "/%2e%2e/other/secret.txt",
        "/..%2fother%2fsecret.txt",
        "/a/../../other/secret.txt",
        "//other/secret.txt",
        "/%00",
        &format!("/{}", "x".repeat(5000)),
    ] {
        assert_eq!(site.get(path).await.0, 404, "{path}");
    }
    assert_eq!(site.location("//evil.example/about").await, None);
}

#[tokio::test]
async fn a_copy_that_is_known_is_not_sent_again() {
    let site = Site::new(&["index.html", "_astro/x.css"]).await;
    let first = site.ask(Request::get("/")).await;
    assert_eq!(header(&first, "content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header(&first, "cache-control"), Some("no-cache"));
    let tag = header(&first, "etag").unwrap().to_owned();
    let again = site.ask(Request::get("/").header("if-none-match", &tag)).await;
    assert_eq!((again.status().as_u16(), again.body().len()), (304, 0));
    assert_eq!(header(&again, "etag"), Some(tag.as_str()));
    let other = site.ask(Request::get("/").header("if-none-match", "\"x\"")).await;
    assert_eq!(other.status().as_u16(), 200);
    let hashed = site.ask(Request::get("/_astro/x.css")).await;
    assert!(header(&hashed, "cache-control").unwrap().contains("immutable"));
}

#[tokio::test]
async fn only_get_and_head() {
    let site = Site::new(&["index.html"]).await;
    let head = site.ask(Request::head("/")).await;
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    assert_eq!(header(&head, "content-length"), Some("18"));
    let post = site.ask(Request::builder().method(Method::POST).uri("/")).await;
    assert_eq!((post.status().as_u16(), header(&post, "allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn a_site_that_was_never_published_says_so() {
    let site = Site::new(&[]).await;
    let (status, words) = site.get("/").await;
    assert_eq!(status, 404);
    assert!(words.contains("Nothing may have been published"), "{words}");
}
