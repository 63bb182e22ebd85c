//! Taking a release back.

use crate::world::World;
use domain::message::Kind;
use ports::releases::Ending;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_release_before_comes_back_without_a_build() {
    let world = World::new().await;
    world.push();
    let running = world.start();
    let first = world.next_release().await;
    world.write("src/pages/index.astro", "<h1>Two</h1>");
    world.write("src/pages/extra.astro", "<h1>Extra</h1>");
    let second = world.push();
    world.tell(&running.service, &second, "d1").await;
    world.next_release().await;
    assert!(world.page("/").await.contains("Two"));

    let message = world.message(1, Kind::Rollback).await.id;
    let began = Instant::now();
    assert!(running.service.order_rollback(world.id(), Some(message.clone()), "r1").await.unwrap());
    let back = world.next_release().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!((&back.restores, &back.commit), (&Some(first.id), &first.commit));
    assert_eq!((back.answers, back.ending), (vec![message], Ending::Live));
    assert!(world.page("/").await.contains("One"));
    assert_eq!(world.get("/extra/").await.status(), 404);
    world.quiet().await;
    assert_eq!(*world.packages.asked.lock().unwrap(), 2);
    assert!(!running.service.order_rollback(world.id(), None, "r1").await.unwrap());

    // There is nothing before the first.
    running.service.order_rollback(world.id(), None, "r2").await.unwrap();
    let row = world.next_release().await;
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("no earlier version")), "{row:?}");
    assert!(world.page("/").await.contains("One"));

    // The sweep at a start leaves the head alone that was taken back; a new push goes live as ever.
    running.stop().await;
    let running = world.start();
    world.write("src/pages/index.astro", "<h1>Three</h1>");
    let third = world.push();
    world.tell(&running.service, &third, "d2").await;
    let row = world.next_release().await;
    assert_eq!((row.commit, row.ending), (third.new, Ending::Live));
    world.quiet().await;
    assert!(world.page("/").await.contains("Three"));
    assert_eq!(*world.packages.asked.lock().unwrap(), 3);
    assert_eq!(world.rows().await.len(), 5);
    running.stop().await;
}

#[tokio::test]
async fn a_head_that_was_taken_back_stays_away() {
    let world = World::new().await;
    world.push();
    let running = world.start();
    world.next_release().await;
    world.write("src/pages/index.astro", "<h1>Two</h1>");
    let second = world.push();
    world.tell(&running.service, &second, "d1").await;
    world.next_release().await;
    running.service.order_rollback(world.id(), None, "r1").await.unwrap();
    world.next_release().await;
    world.quiet().await;
    // Another delivery of the same push.
    world.tell(&running.service, &second, "d2").await;
    world.quiet().await;
    assert!(world.page("/").await.contains("One"));
    // Somebody asks for it once more.
    let asked = world.published(1, &second.new).await;
    world.tell(&running.service, &second, "d3").await;
    let row = world.next_release().await;
    assert_eq!((row.answers, row.commit), (vec![asked], second.new));
    assert!(world.page("/").await.contains("Two"));
    running.stop().await;
}
