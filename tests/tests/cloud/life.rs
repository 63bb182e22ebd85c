//! Containers come and go: idle ones let go and the count falls, dead ones are replaced, tenants never meet.

use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, CloudOptions, Letter, until};
use std::time::Duration;

/// A death is noticed by the lease's end, and the work goes on elsewhere.
const RECOVERY: Duration = Duration::from_mins(1);

fn edit(name: &str, value: &str) -> (&'static str, String, String) {
    (EDIT_SERVICE, name.to_owned(), value.to_owned())
}

/// Without previews: no dev server is started.
fn quick() -> CloudOptions {
    CloudOptions { env: vec![edit("WEBORDINARY_PREVIEWS", "off"), edit("WEBORDINARY_LEASE", "6")] }
}

#[tokio::test]
async fn an_idle_container_lets_go_and_the_count_falls_to_nothing() {
    let mut options = quick();
    options.env.push(edit("WEBORDINARY_IDLE", "2"));
    let cloud = Cloud::start(&options).await;
    cloud.open().await;
    let first = cloud.ask(&Letter::new(&replace("We close at 6 on Fridays", "We close at 4"))).await;
    let asleep = async || (cloud.desired(EDIT_SERVICE).await == 0).then_some(());
    until("the count to fall", Duration::from_secs(30), asleep).await;
    until("the container to end", Duration::from_secs(30), async || {
        cloud.ecs.running(EDIT_SERVICE).is_empty().then_some(())
    })
    .await;
    // The next container knows the conversation: repository and transcript outlived the first one's disk.
    let second = cloud.ask(&Letter::answering(&first, &replace("We close at 4", "We close at 3"))).await;
    assert!(second.text().contains("I replaced"), "{}", second.text());
    assert_eq!(second.thread(), first.thread());
    cloud.end().await;
}

#[tokio::test]
async fn killed_tasks_lose_nothing_and_do_nothing_twice() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let first = cloud.ask(&Letter::new(&replace("We close at 6 on Fridays", "topmost"))).await;
    let letters: Vec<Letter> = (0..3)
        .map(|n| {
            Letter::answering(&first, &format!("[slow 2] {}", replace("topmost", &format!("topmost m{n}"))))
        })
        .collect();
    for letter in &letters {
        cloud.inbox.arrives(letter).await;
    }
    let began = std::time::Instant::now();
    tokio::time::sleep(Duration::from_secs(2)).await;
    cloud.ecs.kill(EDIT_SERVICE);
    cloud.ecs.kill(HERMES_SERVICE);
    for letter in &letters {
        cloud.result_of(letter).await;
    }
    assert!(began.elapsed() < RECOVERY, "recovered after {:?}", began.elapsed());
    for letter in &letters {
        assert_eq!(cloud.inbox.results_of(&letter.id).len(), 1, "results of {}", letter.text);
    }
    let branch = first.thread().branch();
    let page = cloud.workspace("demo", "owner").show(&branch, "src/pages/index.astro");
    for n in 0..3 {
        assert_eq!(page.matches(&format!("m{n}")).count(), 1, "m{n} in {page}");
    }
    cloud.end().await;
}

#[tokio::test]
async fn two_tenants_have_containers_queues_and_files_of_their_own() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let other = cloud.another_repository("stamps");
    cloud.register("stamps", &other, "amelia@stamps.localhost").await;
    let ours = Letter::new(&replace("We close at 6 on Fridays", "We close at 4"));
    let theirs = Letter::new(&replace("We close at 6 on Fridays", "We close at 9"))
        .from("amelia@stamps.localhost")
        .to("edit@stamps.localhost");
    let (ours, theirs) = tokio::join!(cloud.ask(&ours), cloud.ask(&theirs));
    assert_ne!(ours.thread(), theirs.thread());
    assert_eq!(cloud.ecs.running(EDIT_SERVICE).len(), 2, "one task per tenant");
    let page = |name, thread: domain::ThreadId| {
        cloud.workspace(name, "owner").show(&thread.branch(), "src/pages/index.astro")
    };
    let (one, two) = (page("demo", ours.thread()), page("stamps", theirs.thread()));
    assert!(one.contains("We close at 4") && !one.contains("We close at 9"));
    assert!(two.contains("We close at 9") && !two.contains("We close at 4"));
    // A colleague of one cannot write to the other, and is told so once; who is not proven is told nothing.
    let stranger = Letter::new("delete page about").from("amelia@stamps.localhost");
    cloud.inbox.arrives(&stranger).await;
    let again = Letter::new("delete page index").from("amelia@stamps.localhost");
    cloud.inbox.arrives(&again).await;
    let forged = Letter::new(&replace("We close at 4", "forged"));
    let verdicts = serde_json::json!({ "dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL" });
    cloud.inbox.arrives_with(&forged, &verdicts).await;
    let last = cloud.ask(&Letter::answering(&ours, &replace("We close at 4", "We close at 3"))).await;
    assert!(last.text().contains("I replaced"), "{}", last.text());
    let answers = |letter: &Letter| cloud.inbox.answers_to(&letter.id);
    let refusals = [answers(&stranger), answers(&again)].concat();
    assert_eq!(refusals.len(), 1, "told once, whichever of the two came first");
    assert!(refusals[0].mail.text().contains("Ask its owner to add you"), "{}", refusals[0].mail.text());
    assert!(answers(&forged).is_empty(), "{} was answered", forged.text);
    cloud.end().await;
}

#[tokio::test]
async fn the_documented_commands_start_and_stop_the_services() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let count = async |service: &str, count: usize| {
        let there = async || (cloud.ecs.running(service).len() == count).then_some(());
        until(&format!("{count} of {service}"), Duration::from_secs(30), there).await;
    };
    cloud.scale(EDIT_SERVICE, 2).await;
    count(EDIT_SERVICE, 2).await;
    // Hermes keeps the operator's count as the floor, also when the work is done.
    let letter = Letter::new(&replace("We close at 6 on Fridays", "We close at 4"));
    cloud.ask(&letter).await;
    assert_eq!(cloud.desired(EDIT_SERVICE).await, 2);
    cloud.scale(HERMES_SERVICE, 0).await;
    count(HERMES_SERVICE, 0).await;
    let waiting = Letter::new(&replace("We close at 4", "We close at 3"));
    cloud.inbox.arrives(&waiting).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(cloud.inbox.answers_to(&waiting.id).is_empty(), "nothing is answered while Hermes is at 0");
    cloud.scale(HERMES_SERVICE, 1).await;
    count(HERMES_SERVICE, 1).await;
    cloud.result_of(&waiting).await;
    cloud.scale(EDIT_SERVICE, 0).await;
    let falls = async || (cloud.ecs.running(EDIT_SERVICE).len() == 1).then_some(());
    until("all but the one with a claim to end", Duration::from_secs(30), falls).await;
    cloud.end().await;
}
