//! A service that breaks off in the middle of showing a release.

use crate::world::World;
use ports::releases::Ending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[tokio::test]
async fn a_half_upload_is_finished_by_the_next_run() {
    let lease = Duration::from_secs(2);
    let world = World::new().await;
    world.push();
    let running = World::run(world.service("builds-a", lease));
    world.next_release().await;
    world.quiet().await;
    let before = world.public().await;

    world.write("src/pages/index.astro", "<h1>Two</h1>");
    world.write("src/pages/extra.astro", "<h1>Extra</h1>");
    let second = world.push();
    world.blobs.copies_left.store(1, Ordering::SeqCst);
    world.tell(&running.service, &second, "d1").await;
    while world.public().await == before {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.break_off().await;
    assert_eq!(world.rows().await.len(), 1);

    world.blobs.copies_left.store(usize::MAX, Ordering::SeqCst);
    let running = World::run(world.service("builds-a", lease));
    let row = world.next_release().await;
    assert_eq!((row.commit, row.ending), (second.new, Ending::Live));
    assert!(world.page("/").await.contains("Two") && world.page("/extra/").await.contains("Extra"));
    world.quiet().await;
    assert_eq!(world.rows().await.len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn a_half_upload_is_undone_when_the_next_build_fails() {
    let lease = Duration::from_secs(2);
    let world = World::new().await;
    world.push();
    let running = World::run(world.service("builds-a", lease));
    world.next_release().await;
    world.quiet().await;
    let before = world.public().await;

    world.write("src/pages/index.astro", "<h1>Two</h1>");
    world.write("src/pages/extra.astro", "<h1>Extra</h1>");
    let second = world.push();
    world.blobs.copies_left.store(1, Ordering::SeqCst);
    world.tell(&running.service, &second, "d1").await;
    while world.public().await == before {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.break_off().await;

    world.write("src/pages/bad.astro", "<div {");
    world.push();
    world.blobs.copies_left.store(usize::MAX, Ordering::SeqCst);
    let running = World::run(world.service("builds-a", lease));
    let row = world.next_release().await;
    assert!(matches!(row.ending, Ending::Failed { .. }), "{row:?}");
    assert_eq!(world.public().await, before);
    running.stop().await;
}

static BROKE: AtomicBool = AtomicBool::new(false);

fn break_once_after_recording(point: &'static str) {
    assert!(point != "release.recorded" || BROKE.swap(true, Ordering::SeqCst), "as the test wants it");
}

#[tokio::test]
async fn a_rollback_that_was_recorded_is_not_done_again() {
    let lease = Duration::from_secs(1);
    let world = World::new().await;
    world.push();
    let running = World::run(world.service("builds-a", lease));
    world.next_release().await;
    for number in ["Two", "Three"] {
        world.write("src/pages/index.astro", &format!("<h1>{number}</h1>"));
        let pushed = world.push();
        world.tell(&running.service, &pushed, number).await;
        world.next_release().await;
    }
    world.quiet().await;
    running.stop().await;

    let running = World::run(world.faulty("builds-a", lease, break_once_after_recording));
    running.service.order_rollback(world.id(), None, "r1").await.unwrap();
    let row = world.next_release().await;
    assert_eq!(row.ending, Ending::Live);
    world.quiet().await;
    assert!(BROKE.load(Ordering::SeqCst));
    assert!(world.page("/").await.contains("Two"), "one step back, not two");
    assert_eq!(world.rows().await.len(), 4);
    running.stop().await;
}
