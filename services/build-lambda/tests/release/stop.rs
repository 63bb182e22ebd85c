//! Builds that do not end by themselves.

use crate::world::World;
use ports::releases::Ending;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// A page that is never done; says in its home, the only other place that it may write to, that its build has begun.
const ENDLESS: &str = "---\nimport fs from 'node:fs';\nfs.writeFileSync(process.env.HOME + '/begun', '');\n\
                       await new Promise((done) => setTimeout(done, 600000));\n---\n<h1>Never</h1>";

async fn wait_for(marker: &Path) {
    let there = async {
        while !marker.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), there).await.unwrap();
}

/// Processes whose command line or directory mentions `dir`.
fn processes_about(dir: &Path) -> Vec<String> {
    let about = |process: &Path| {
        let words = fs::read(process.join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        let cwd = fs::read_link(process.join("cwd")).unwrap_or_default();
        (words.contains(dir.to_str().unwrap()) || cwd.starts_with(dir)).then_some(words)
    };
    fs::read_dir("/proc").unwrap().filter_map(|entry| about(&entry.unwrap().path())).collect()
}

#[tokio::test]
async fn a_stop_ends_the_build_and_leaves_the_order_for_the_next_start() {
    let world = World::new().await;
    world.write("src/pages/slow.astro", ENDLESS);
    world.push();
    let running = world.start();
    wait_for(&world.dir.path().join("builds-a/builds/demo/home/begun")).await;
    assert!(!processes_about(world.dir.path()).is_empty());
    let began = Instant::now();
    running.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(world.store.releases().open_orders().await.unwrap().len(), 1);
    assert!(world.rows().await.is_empty());
    // The supervisor ends the tree when its lifeline breaks; it may take a moment.
    let gone = async {
        while !processes_about(world.dir.path()).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();

    fs::remove_file(world.work().join("src/pages/slow.astro")).unwrap();
    let mended = world.push();
    let running = world.start();
    let row = world.next_release().await;
    assert_eq!((row.commit, row.ending), (mended.new, Ending::Live));
    world.quiet().await;
    running.stop().await;
}

#[tokio::test]
async fn a_build_has_a_time_limit() {
    let world = World::new().await;
    world.write("src/pages/slow.astro", ENDLESS);
    world.push();
    let limited = world.with("builds-a", |config| config.build_max = Duration::from_secs(2));
    let running = World::run(limited);
    let row = world.next_release().await;
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("within 2 seconds")), "{row:?}");
    assert!(processes_about(world.dir.path()).is_empty());
    running.stop().await;
}
