//! Who lost the right to act does nothing more, and who died in the middle is finished for.

use domain::names::{EDIT_SERVICE, site_prefix};
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, CloudOptions, Git, Letter, until};
use ports::Blobs;
use std::time::Duration;

/// Pages beside the demo site's own: enough for an upload to be interrupted.
const PAGES: usize = 400;

fn edit(name: &str, value: &str) -> (&'static str, String, String) {
    (EDIT_SERVICE, name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_container_that_slept_through_its_claim_is_refused_when_it_wakes() {
    let env = vec![edit("WEBORDINARY_PREVIEWS", "off"), edit("WEBORDINARY_LEASE", "6")];
    let cloud = Cloud::start(&CloudOptions { env }).await;
    cloud.open().await;
    let first = cloud.ask(&Letter::new(&replace("We close at 6 on Fridays", "topmost"))).await;
    let slow = Letter::answering(&first, &format!("[slow 2] {}", replace("topmost", "topmost once")));
    cloud.inbox.arrives(&slow).await;
    // The turn is under way: the conversation says so.
    let begun = async || {
        let status = cloud.operator(reqwest::Method::GET, "status", None).await;
        status["threadsAwake"].to_string().contains("active").then_some(())
    };
    until("the turn to begin", Duration::from_secs(20), begun).await;
    cloud.ecs.freeze(EDIT_SERVICE);
    let frozen = cloud.ecs.running(EDIT_SERVICE);
    cloud.scale(EDIT_SERVICE, 2).await;
    cloud.result_of(&slow).await;
    cloud.ecs.thaw(EDIT_SERVICE);
    // The sleeper wakes in the middle of its turn, finds its claim taken, and ends.
    let gone = async || {
        let running = cloud.ecs.running(EDIT_SERVICE);
        frozen.iter().all(|id| !running.contains(id)).then_some(())
    };
    until("the sleeper to end", Duration::from_mins(1), gone).await;
    let last = cloud.ask(&Letter::answering(&first, &replace("topmost once", "topmost twice"))).await;
    assert!(last.text().contains("I replaced"), "{}", last.text());
    assert_eq!(cloud.inbox.results_of(&slow.id).len(), 1);
    let branch = first.thread().branch();
    let workspace = cloud.workspace("demo", "owner");
    assert_eq!(workspace.show(&branch, "src/pages/index.astro").matches("once").count(), 0);
    let subjects = workspace.subjects(&format!("origin/main..{branch}"));
    assert_eq!(subjects.len(), 3, "one commit per instruction: {subjects:?}");
    cloud.end().await;
}

#[tokio::test]
async fn a_build_function_that_is_killed_while_it_uploads_is_finished_for() {
    let cloud = Cloud::start(&CloudOptions { env: vec![edit("WEBORDINARY_PREVIEWS", "off")] }).await;
    with_many_files(&cloud);
    cloud.open().await;
    let result = cloud.ask(&Letter::new(&replace("We close at 6 on Fridays", "We close at 4"))).await;
    let publish = Letter::answering(&result, "publish");
    cloud.inbox.arrives(&publish).await;
    let shown = async || public(&*cloud.blobs).await;
    let some = async || Some(shown().await).filter(|count| *count > 0);
    let seen = until("the upload to begin", Duration::from_mins(1), some).await;
    cloud.lambda.crash();
    assert!(seen < PAGES, "the upload was over");
    // The schedule finds what the dead run left.
    let live = async || {
        cloud.lambda.tick();
        cloud.inbox.results_of(&publish.id).into_iter().next()
    };
    let live = until("the release", Duration::from_mins(2), live).await;
    assert!(live.text().contains("It is live"), "{}", live.text());
    assert!(shown().await > PAGES);
    let (_, page) = cloud.get(&format!("{}/", cloud.site)).await;
    assert!(page.contains("We close at 4"));
    assert_eq!(cloud.inbox.results_of(&publish.id).len(), 1);
    cloud.end().await;
}

/// How many files of the demo project the public could see.
async fn public(blobs: &dyn Blobs) -> usize {
    let prefix = site_prefix(&"demo".parse().unwrap());
    blobs.list(&prefix, None, 2 * PAGES).await.unwrap().len()
}

fn with_many_files(cloud: &Cloud) {
    let work = cloud.dir().join("by-hand");
    let tree = Git::clone_of(cloud.origin.path(), &work);
    let dir = work.join("public/notes");
    std::fs::create_dir_all(&dir).unwrap();
    for n in 0..PAGES {
        std::fs::write(dir.join(format!("{n}.txt")), format!("Note {n}\n")).unwrap();
    }
    tree.run(&["add", "--all"]);
    tree.run(&["commit", "--quiet", "--message", "Add notes"]);
    tree.run(&["push", "--quiet", "origin", "main"]);
}
