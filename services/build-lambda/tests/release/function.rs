//! Orders carried out by a function that lives for minutes only.

use crate::blobs::Write;
use crate::edges::Runs;
use crate::events::{call, function};
use crate::world::World;
use build_lambda::event::Orders;
use build_lambda::{Function, disk::Disk};
use ports::code_host::CommitState;
use ports::releases::Ending;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const LEFT: Duration = Duration::from_mins(5);

fn event(orders: &Orders) -> Value {
    serde_json::from_str(&orders.to_event()).unwrap()
}

fn with(world: &World, change: impl FnOnce(&mut build_lambda::BuildConfig)) -> (Function, Arc<Runs>) {
    let runs = Arc::new(Runs::default());
    let service = world.with("builds-a", change);
    (Function::new(&service, runs.clone(), Duration::from_secs(1)), runs)
}

#[tokio::test]
async fn a_push_goes_live_the_caches_are_told_and_then_everybody() {
    let world = World::new().await;
    let pushed = world.push();
    let (function, runs) = function(&world);
    world.order(&pushed.new, "d1").await;
    assert_eq!(call(&function, event(&Orders::of(world.id())), LEFT).await, json!({ "done": "nothing" }));
    let row = world.next_release().await;
    assert_eq!((&row.commit, &row.ending), (&pushed.new, &Ending::Live));
    assert!(world.page("/").await.contains("One"));
    let told: Vec<_> = world.code_host.take().into_iter().map(|(commit, state, _)| (commit, state)).collect();
    assert_eq!(
        told,
        [(pushed.new.clone(), CommitState::Pending), (pushed.new.clone(), CommitState::Success)]
    );

    let writes = world.blobs.take();
    let at = |wanted: &dyn Fn(&Write) -> bool| writes.iter().rposition(wanted).unwrap();
    let shown = at(&|write| matches!(write, Write::Copy(key) if key.starts_with("sites/demo/")));
    let told = at(&|write| matches!(write, Write::Invalidated(_)));
    let settled = at(&|write| matches!(write, Write::Other(key) if key == "releases/demo/production.json"));
    assert!(shown < told && told < settled, "{writes:?}");
    let Write::Invalidated(reference) = &writes[told] else { unreachable!() };
    assert!(reference.starts_with(row.id.as_str()), "{reference}");

    // The same order again is nothing new for anybody.
    assert_eq!(call(&function, event(&Orders::of(world.id())), LEFT).await, json!({ "done": "nothing" }));
    assert!(world.blobs.take().is_empty() && world.code_host.take().is_empty());
    assert_eq!(runs.next(), None);
}

#[tokio::test]
async fn a_rollback_tells_the_caches_too() {
    let world = World::new().await;
    let (function, _) = function(&world);
    for page in ["One", "Two"] {
        world.write("src/pages/index.astro", &format!("<h1>{page}</h1>"));
        let pushed = world.push();
        world.order(&pushed.new, page).await;
        call(&function, event(&Orders::of(world.id())), LEFT).await;
        assert_eq!(world.next_release().await.ending, Ending::Live);
    }
    world.blobs.take();
    world.code_host.take();
    let service = world.service("builds-b", Duration::from_secs(20));
    assert!(service.order_rollback(world.id(), None, "r1").await.unwrap());
    call(&function, event(&Orders::of(world.id())), LEFT).await;
    let row = world.next_release().await;
    assert!(row.restores.is_some() && world.page("/").await.contains("One"));
    let writes = world.blobs.take();
    let invalidated: Vec<_> = writes.iter().filter(|w| matches!(w, Write::Invalidated(_))).collect();
    assert_eq!(invalidated.len(), 1, "{writes:?}");
    assert!(world.code_host.take().is_empty(), "a rollback is no commit's news");
}

#[tokio::test]
async fn a_build_that_does_not_fit_ends_in_words_and_production_stays() {
    let world = World::new().await;
    world.push();
    let (function, runs) = function(&world);
    world.order("a", "d1").await;
    call(&function, event(&Orders::of(world.id())), LEFT).await;
    world.next_release().await;
    let before = world.public().await;
    world.write("src/pages/slow.astro", "---\nawait new Promise((done) => setTimeout(done, 600000));\n---\n");
    let slow = world.push();
    world.order(&slow.new, "d2").await;
    world.code_host.take();

    let began = Instant::now();
    let reply = call(&function, event(&Orders::of(world.id())), Duration::from_secs(5)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(reply, json!({ "done": "nothing" }));
    let row = world.next_release().await;
    assert!(
        matches!(&row.ending, Ending::Failed { says } if says.contains("not done within 3 seconds")),
        "{row:?}"
    );
    assert_eq!(row.commit, slow.new);
    assert_eq!(world.public().await, before);
    assert!(world.store.releases().open_orders().await.unwrap().is_empty());
    let told = world.code_host.take();
    assert_eq!(told.last().map(|(_, state, _)| *state), Some(CommitState::Failure), "{told:?}");
    assert_eq!(runs.next(), None);
}

#[tokio::test]
async fn an_upload_that_does_not_fit_is_undone() {
    let world = World::new().await;
    world.push();
    let (function, _) = function(&world);
    world.order("a", "d1").await;
    call(&function, event(&Orders::of(world.id())), LEFT).await;
    world.next_release().await;
    let before = world.public().await;
    world.write("src/pages/index.astro", "<h1>Two</h1>");
    world.write("src/pages/extra.astro", "<h1>Extra</h1>");
    let second = world.push();
    world.order(&second.new, "d2").await;

    // The second copy hangs until the time is over; those that bring the old site back do not.
    world.blobs.take();
    world.blobs.copies_left.store(1, Ordering::SeqCst);
    call(&function, event(&Orders::of(world.id())), Duration::from_secs(20)).await;
    let writes = world.blobs.take();
    let extra = Write::Copy("sites/demo/extra/index.html".to_owned());
    let index = Write::Copy("sites/demo/index.html".to_owned());
    assert!(writes.contains(&extra) || writes.contains(&index), "it had begun: {writes:?}");
    let row = world.next_release().await;
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("not done within")), "{row:?}");
    assert_eq!(world.public().await, before);
}

#[tokio::test]
async fn an_order_that_would_be_cut_off_goes_to_the_next_run() {
    let world = World::new().await;
    let pushed = world.push();
    let (function, runs) = with(&world, |config| config.build_max = LEFT);
    world.order(&pushed.new, "d1").await;
    world.order(&pushed.new, "d2").await;
    assert_eq!(call(&function, event(&Orders::of(world.id())), LEFT).await, json!({ "done": "goes-on" }));
    assert_eq!(world.store.releases().open_orders().await.unwrap().len(), 1);
    let next = runs.next().unwrap();
    assert_eq!(next, Orders { hops: 1, ..Orders::of(world.id()) });
    assert_eq!(call(&function, event(&next), LEFT).await, json!({ "done": "nothing" }));
    assert!(world.store.releases().open_orders().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_project_that_another_is_at_is_asked_for_later_and_then_left_to_it() {
    let world = World::new().await;
    let (function, runs) = function(&world);
    world.order("b", "d1").await;
    let releases = world.store.releases();
    let token = releases.lock(world.id(), Duration::from_mins(1)).await.unwrap().unwrap();
    assert_eq!(call(&function, event(&Orders::of(world.id())), LEFT).await, json!({ "done": "goes-on" }));
    assert_eq!(runs.next(), Some(Orders { hops: 1, ..Orders::of(world.id()) }));
    let often = Orders { hops: 6, ..Orders::of(world.id()) };
    assert_eq!(call(&function, event(&often), LEFT).await, json!({ "done": "left" }));
    assert_eq!(runs.next(), None);
    releases.unlock(world.id(), &token).await.unwrap();
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_by_other_runs_and_told_at_last() {
    let world = World::new().await;
    let pushed = world.push();
    let (function, runs) = function(&world);
    world.order(&pushed.new, "d1").await;
    // Not even a directory can be made there.
    std::fs::write(world.dir.path().join("builds-a"), "in the way").unwrap();
    assert_eq!(call(&function, event(&Orders::of(world.id())), LEFT).await, json!({ "done": "goes-on" }));
    let next = runs.next().unwrap();
    assert_eq!((next.tries, next.hops), (1, 1));
    // A chain of runs is not endless.
    let last_hop = Orders { hops: 12, ..next.clone() };
    assert_eq!(call(&function, event(&last_hop), LEFT).await, json!({ "done": "left" }));
    let last_try = Orders { tries: 7, hops: 7, ..next };
    assert_eq!(call(&function, event(&last_try), LEFT).await, json!({ "done": "nothing" }));
    let row = world.next_release().await;
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("after 8 tries")), "{row:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_in_words() {
    let world = World::new().await;
    let pushed = world.push();
    let cache = world.dir.path().join("cache");
    std::fs::create_dir_all(&cache).unwrap();
    let (function, _) = with(&world, |config| {
        config.disk = Some(Disk { needed: u64::MAX, caches: vec![cache.clone()] });
    });
    world.order(&pushed.new, "d1").await;
    call(&function, event(&Orders::of(world.id())), LEFT).await;
    let row = world.next_release().await;
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("MB of disk left")), "{row:?}");
    assert!(!Path::new(&cache).exists());
}

#[tokio::test]
async fn a_code_host_that_is_gone_fails_no_release() {
    let world = World::new().await;
    let pushed = world.push();
    let (function, _) = function(&world);
    world.code_host.gone.store(true, Ordering::SeqCst);
    world.order(&pushed.new, "d1").await;
    call(&function, event(&Orders::of(world.id())), LEFT).await;
    assert_eq!(world.next_release().await.ending, Ending::Live);
}
