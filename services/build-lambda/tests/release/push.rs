//! Pushes: what goes live, in which order, and what does not.

use crate::blobs::Write;
use crate::world::{World, git, push};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::message::Kind;
use ports::releases::Ending;
use publish::{Built, Content, Entry, Manifest, Snapshots};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test]
async fn a_push_goes_live_and_the_next_one_uploads_only_what_changed() {
    let world = World::new().await;
    world.write("src/pages/old.astro", "<h1>Old</h1>");
    let first = world.push();
    // Nobody tells the service: its sweep finds the push.
    let running = world.start();
    let row = world.next_release().await;
    assert_eq!((row.commit.as_str(), &row.ending), (first.new.as_str(), &Ending::Live));
    assert!(world.page("/").await.contains("One"));
    let before: Vec<String> = world.public().await.into_iter().map(|(path, _)| path).collect();
    world.blobs.take();

    world.write("src/pages/index.astro", "<h1>Two</h1>\n<style>h1 { color: blue }</style>");
    world.write("public/new.txt", "new");
    std::fs::remove_file(world.work().join("src/pages/old.astro")).unwrap();
    let second = world.push();
    let published = world.published(1, &second.new).await;
    world.tell(&running.service, &second, "d1").await;
    world.tell(&running.service, &second, "d1").await;
    let row = world.next_release().await;
    assert_eq!(row.answers, [published]);
    assert!(world.page("/").await.contains("Two"));
    assert_eq!(world.get("/old/").await.status(), 404);

    let writes = world.blobs.take();
    let objects = writes.iter().filter(|w| matches!(w, Write::Object(_))).count();
    let shown: Vec<&str> = writes
        .iter()
        .filter_map(|w| match w {
            Write::Copy(key) | Write::Remove(key) => key.strip_prefix("sites/demo/"),
            _ => None,
        })
        .collect();
    let kept: Vec<&String> = before.iter().filter(|p| p.starts_with("_astro/")).collect();
    assert_eq!(shown.last(), Some(&"old/index.html"), "{shown:?}");
    assert_eq!(shown[shown.len() - 2], "index.html", "{shown:?}");
    assert!(shown.contains(&"new.txt") && !shown.contains(&"about/index.html"), "{shown:?}");
    assert_eq!(objects, shown.len() - 1, "{writes:?}");
    for path in kept {
        assert_eq!(world.get(&format!("/{path}")).await.status(), 200, "{path} is kept for one more release");
    }

    world.quiet().await;
    assert_eq!(*world.packages.asked.lock().unwrap(), 2, "a doubled webhook builds once");
    assert_eq!(world.rows().await.len(), 2);
    running.stop().await;
    assert!(!world.dir.path().join("builds-a/builds/demo").exists());
}

#[tokio::test]
async fn a_build_that_fails_leaves_the_site_as_it_was() {
    let world = World::new().await;
    world.push();
    let running = world.start();
    world.next_release().await;
    let before = world.public().await;

    world.write("src/pages/bad.astro", "<ul>{[1].map(x => }</ul><div");
    let broken = world.push();
    let published = world.published(1, &broken.new).await;
    world.tell(&running.service, &broken, "d1").await;
    let row = world.next_release().await;
    let Ending::Failed { says } = &row.ending else { panic!("{row:?}") };
    assert!(says.contains("src/pages/bad.astro"), "{says}");
    assert!(!says.contains(world.dir.path().to_str().unwrap()), "{says}");
    assert_eq!((row.answers, row.commit), (vec![published], broken.new));
    assert_eq!(world.public().await, before);

    // The same head again is not built again by the sweep, but a mended one is.
    running.stop().await;
    std::fs::remove_file(world.work().join("src/pages/bad.astro")).unwrap();
    world.write("src/pages/good.astro", "<h1>Good</h1>");
    let mended = world.push();
    let running = world.start();
    let row = world.next_release().await;
    assert_eq!((row.commit, row.ending), (mended.new, Ending::Live));
    assert!(world.page("/good/").await.contains("Good"));
    world.quiet().await;
    running.stop().await;
}

#[tokio::test]
async fn a_commit_that_is_no_longer_head_is_not_deployed() {
    let world = World::new().await;
    let first = world.push();
    let work = world.work();
    *world.packages.meanwhile.lock().unwrap() = Some(Box::new(move || {
        std::fs::write(work.join("src/pages/index.astro"), "<h1>Newer</h1>").unwrap();
        push(&work);
    }));
    let running = world.start();
    let early = world.published(1, &first.new).await;
    let row = world.next_release().await;
    world.quiet().await;
    assert_ne!(row.commit, first.new);
    assert_eq!(row.answers, [early], "the newer commit contains the publish");
    assert!(world.page("/").await.contains("Newer"));
    assert_eq!(world.rows().await.len(), 1);
    let pages: Vec<Write> = world.blobs.take();
    let index = Write::Copy("sites/demo/index.html".to_owned());
    assert_eq!(pages.iter().filter(|w| **w == index).count(), 1, "only the newer one was shown");
    running.stop().await;
}

#[tokio::test]
async fn whoever_comes_late_is_answered_without_a_build() {
    let world = World::new().await;
    let first = world.push();
    let running = world.start();
    let built = world.next_release().await;
    world.quiet().await;
    running.stop().await;

    let late = world.published(1, &first.new).await;
    world.message(2, Kind::Instruct).await;
    let running = world.start();
    let row = world.next_release().await;
    world.quiet().await;
    assert_eq!((row.answers, row.ending, row.manifest), (vec![late], Ending::Live, built.manifest));
    assert_eq!(*world.packages.asked.lock().unwrap(), 1);
    running.stop().await;
}

#[tokio::test]
async fn two_services_on_one_store_build_one_at_a_time() {
    let world = World::new().await;
    let first = world.push();
    let (one, two) = (world.start(), World::run(world.service("builds-b", Duration::from_secs(20))));
    world.tell(&one.service, &first, "d1").await;
    world.tell(&two.service, &first, "d2").await;
    let row = world.next_release().await;
    world.quiet().await;
    assert_eq!(row.ending, Ending::Live);
    assert_eq!(world.rows().await.len(), 1);
    assert_eq!(*world.packages.asked.lock().unwrap(), 1, "the second one found it done");
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_publish_that_was_taken_out_of_the_branch_is_not_called_live() {
    let world = World::new().await;
    world.push();
    let running = world.start();
    world.next_release().await;
    world.quiet().await;
    running.stop().await;

    let lost = world.published(1, &"c".repeat(40)).await;
    let running = world.start();
    let row = world.next_release().await;
    assert_eq!(row.answers, [lost]);
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("not live")), "{row:?}");
    world.quiet().await;
    assert_eq!(*world.packages.asked.lock().unwrap(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_site_with_a_base_lives_below_it() {
    let world = World::new().await;
    // The base that counts is the one that the site's own integrations leave.
    let config = "const own = { name: 'own', hooks: {\n\
        'astro:config:setup': ({ updateConfig }) => { updateConfig({ base: '/docs' }); } } };\n\
        export default { base: '/other', outDir: './public_html', integrations: [own] };\n";
    world.write("astro.config.mjs", config);
    world.write("src/pages/404.astro", "<h1>Lost</h1>");
    let style = format!("<h1>One</h1>\n<style>h1 {{ color: red; --long: '{}' }}</style>", "x".repeat(9000));
    world.write("src/pages/index.astro", &style);
    world.push();
    let running = world.start();
    let row = world.next_release().await;
    assert_eq!(row.ending, Ending::Live);

    let page = world.page("/docs/").await;
    assert!(page.contains("One"), "{page}");
    let sheet = page.split('"').find(|word| word.starts_with("/docs/_astro/")).unwrap();
    assert!(sheet.contains(".css"), "{sheet}");
    for path in [sheet, "/docs/about/", "/docs/robots.txt"] {
        assert_eq!(world.get(path).await.status(), 200, "{path}");
    }
    assert_eq!(world.get("/docs").await.headers()["location"], "/docs/");
    assert!(world.page("/").await.contains("content=\"0; url=/docs/\""));
    for path in ["/nothing", "/docs/nothing", "/about/", "/other/"] {
        let missing = world.get(path).await;
        assert_eq!(missing.status(), 404, "{path}");
        assert!(String::from_utf8_lossy(missing.body()).contains("Lost"), "{path}");
    }
    world.quiet().await;

    // Without it the site is at the root again, and nothing is left where it was but what pages may still load.
    world.write("astro.config.mjs", "export default {};\n");
    let back = world.push();
    world.tell(&running.service, &back, "d1").await;
    assert_eq!(world.next_release().await.ending, Ending::Live);
    assert!(world.page("/").await.contains("One"));
    assert_eq!(world.get("/docs/").await.status(), 404);
    assert_eq!(world.get(sheet).await.status(), 200);
    running.stop().await;
}

#[tokio::test]
async fn a_tree_that_a_preview_was_built_from_goes_live_without_another_build() {
    let world = World::new().await;
    world.push();
    let tree = git(&world.work(), &["rev-parse", "HEAD^{tree}"]);
    let page = Bytes::from("<h1>As the preview showed it</h1>");
    let entry = Entry {
        sha256: HEXLOWER.encode(&Sha256::digest(&page)),
        bytes: page.len() as u64,
        media_type: "text/html; charset=utf-8".to_owned(),
    };
    let mut built = Built { manifest: Manifest::default(), contents: BTreeMap::new() };
    built.manifest.files.insert("index.html".to_owned(), entry);
    built.contents.insert("index.html".to_owned(), Content::Bytes(page));
    Snapshots::new(world.blobs.clone(), world.id().clone()).keep(tree.trim(), &built).await.unwrap();

    let running = world.start();
    assert_eq!(world.next_release().await.ending, Ending::Live);
    assert_eq!(world.page("/").await, "<h1>As the preview showed it</h1>");
    assert_eq!(*world.packages.asked.lock().unwrap(), 0, "nothing was built");
    // Another tree is built.
    world.write("src/pages/index.astro", "<h1>Two</h1>");
    let second = world.push();
    world.tell(&running.service, &second, "d1").await;
    world.next_release().await;
    assert!(world.page("/").await.contains("Two"));
    assert_eq!(*world.packages.asked.lock().unwrap(), 1);
    running.stop().await;
}
