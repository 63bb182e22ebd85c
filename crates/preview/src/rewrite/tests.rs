//! What rewriting changes, and what it leaves alone.

use super::*;

fn prefix() -> Arc<Prefix> {
    Arc::new(Prefix::new("/session/abcdefghijkl/", "http://127.0.0.1:8080"))
}

/// A part of a page, written with `P` for the prefix.
fn part(html: &str) -> String {
    let out = rewrite(html.as_bytes(), &prefix(), Document::Part).unwrap();
    String::from_utf8(out.to_vec()).unwrap().replace("/session/abcdefghijkl/", "P/")
}

fn page(html: &str) -> String {
    let out = rewrite(html.as_bytes(), &prefix(), Document::Page).unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn addresses_in_attributes_move() {
    for (html, expected) in [
        (r#"<a href="/x?a=1&amp;b">x</a>"#, r#"<a href="P/x?a=1&amp;b">x</a>"#),
        (r"<a href=/x>x</a>", r#"<a href="P/x">x</a>"#),
        ("<a href='/x'>x</a>", r#"<a href="P/x">x</a>"#),
        (r#"<img src="/a" srcset="/a 1x, /b 2x">"#, r#"<img src="P/a" srcset="P/a 1x, P/b 2x">"#),
        (
            r#"<link rel="preload" imagesrcset="/a 1x" href="/b">"#,
            r#"<link rel="preload" imagesrcset="P/a 1x" href="P/b">"#,
        ),
        (
            r#"<form action="/go"><button formaction="/b">"#,
            r#"<form action="P/go"><button formaction="P/b">"#,
        ),
        (r#"<video poster="/p" src="/v">"#, r#"<video poster="P/p" src="P/v">"#),
        (r#"<object data="/o"></object>"#, r#"<object data="P/o"></object>"#),
        (r#"<svg><use xlink:href="/s#a"/></svg>"#, r#"<svg><use xlink:href="P/s#a" /></svg>"#),
        (r#"<p style="background: url(/t)">"#, r#"<p style="background: url(P/t)">"#),
        (r#"<base href="/">"#, r#"<base href="P/">"#),
        (
            r#"<meta http-equiv="refresh" content="0;url=/en/">"#,
            r#"<meta http-equiv="refresh" content="0;url=P/en/">"#,
        ),
        (
            r#"<meta name="referrer" content="no-referrer">"#,
            r#"<meta name="referrer" content="same-origin">"#,
        ),
        (
            r#"<script src="/docs//session/abcdefghijkl//src/a"></script>"#,
            r#"<script src="P/src/a"></script>"#,
        ),
    ] {
        assert_eq!(part(html), expected);
    }
}

#[test]
fn text_samples_and_other_attributes_stay() {
    for html in [
        r#"<pre><code>&lt;a href="/x"&gt; url(/y)</code></pre>"#,
        r#"<p>href="/x" and url(/y)</p>"#,
        r#"<p title="/x" alt="/y" data-vite-dev-id="/work/src/a.css" content="/z">"#,
        r#"<script>const a = '<a href="/x">'; b = "url(/y)";</script>"#,
        r#"<textarea><a href="/x"></textarea>"#,
        r#"<!-- <a href="/x"> -->"#,
        r#"<meta property="og:image" content="/x.png">"#,
        r#"<a href="https://example.org/x">x</a>"#,
    ] {
        assert_eq!(part(html), html);
    }
}

#[test]
fn styles_and_maps_move_as_a_whole() {
    assert_eq!(part("<style>a { b: url('/x') }</style>"), "<style>a { b: url('P/x') }</style>");
    assert_eq!(
        part(r#"<script type="importmap">{"imports":{"a":"/a.js","/b/":"/c/"}}</script>"#),
        r#"<script type="importmap">{"imports":{"P/b/":"P/c/","a":"P/a.js"}}</script>"#
    );
    assert_eq!(
        part(r#"<script type="speculationrules">{"prefetch":[{"urls":["/a","b"]}]}</script>"#),
        r#"<script type="speculationrules">{"prefetch":[{"urls":["P/a","b"]}]}</script>"#
    );
    assert_eq!(
        part(r#"<script type="importmap">not json</script>"#),
        r#"<script type="importmap">not json</script>"#
    );
}

#[test]
fn what_a_framework_rendered_stays_and_what_was_put_into_it_moves() {
    let html = concat!(
        r#"<astro-island component-url="/src/A.jsx" renderer-url="/@id/r" before-hydration-url="/@id/b" props="{&quot;a&quot;:[0,&quot;/x&quot;]}">"#,
        r#"<a href="/in">in</a><astro-slot><a href="/slotted">s</a>"#,
        r#"<astro-island component-url="/src/B.jsx"><img src="/inner"></astro-island></astro-slot>"#,
        r#"</astro-island><a href="/after">after</a>"#
    );
    let expected = concat!(
        r#"<astro-island component-url="P/src/A.jsx" renderer-url="P/@id/r" before-hydration-url="P/@id/b" props="{&quot;a&quot;:[0,&quot;/x&quot;]}">"#,
        r#"<a href="/in">in</a><astro-slot><a href="P/slotted">s</a>"#,
        r#"<astro-island component-url="P/src/B.jsx"><img src="/inner"></astro-island></astro-slot>"#,
        r#"</astro-island><a href="P/after">after</a>"#
    );
    assert_eq!(part(html), expected);
}

#[test]
fn the_script_comes_first_and_once() {
    let shim = crate::shim::tag(&prefix());
    assert_eq!(
        page("<!doctype html><html><head><title>a</title></head><body>"),
        format!("<!doctype html><html><head>{shim}<title>a</title></head><body>")
    );
    assert_eq!(
        page("<!doctype html><title>a</title><p>b"),
        format!("<!doctype html>{shim}<title>a</title><p>b")
    );
    assert_eq!(page("<html><body>a"), format!("<html>{shim}<body>a"));
    assert_eq!(part("<p>a</p><p>b</p>"), "<p>a</p><p>b</p>");
    assert!(part("<head></head>").contains("shim.js"));
}

#[test]
fn pieces_of_any_size_give_the_same() {
    let html = r#"<!doctype html><html><head><style>a { b: url(/x) }</style></head><body><p>ü url(/t)</p><a href="/é?x">x</a></body></html>"#;
    let whole = page(html);
    for size in 1..html.len() {
        let mut rewriter = Rewriter::new(&prefix(), Document::Page, "utf-8").unwrap();
        let mut out = Vec::new();
        for piece in html.as_bytes().chunks(size) {
            out.extend_from_slice(&rewriter.push(piece).unwrap());
        }
        out.extend_from_slice(&rewriter.finish().unwrap());
        assert_eq!(String::from_utf8(out).unwrap(), whole, "pieces of {size} bytes");
    }
}

#[test]
fn other_charsets_keep_their_bytes() {
    let mut rewriter = Rewriter::new(&prefix(), Document::Part, "iso-8859-1").unwrap();
    let mut out = rewriter.push(b"<a href=\"/\xe9\">\xfc</a>").unwrap().to_vec();
    out.extend_from_slice(&rewriter.finish().unwrap());
    assert!(out.ends_with(b">\xfc</a>"), "{out:?}");
    assert!(Rewriter::new(&prefix(), Document::Part, "utf-16").is_none());
}
