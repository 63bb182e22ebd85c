//! A thread's life: messages in their order, failures of the model, sleep and waking, undo.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, processes, until};
use serde_json::json;
use std::time::Duration;

const HOME: &str = "src/pages/index.astro";

/// Text that a slow turn is given first, so that what follows comes in its middle.
fn slow(text: &str) -> String {
    format!("[slow 2] {text}")
}

#[tokio::test]
async fn messages_of_one_thread_are_carried_out_in_their_order() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Rye 1"))).await;
    let texts = [slow(&replace("Rye 1", "Rye 2")), replace("Rye 2", "Rye 3"), replace("Rye 3", "Rye 4")];
    let letters = texts.map(|text| Letter::answering(&first, &text));
    for letter in &letters {
        fleet.send(letter).await;
    }
    for letter in &letters {
        let result = fleet.outbox.result_of(&letter.id).await;
        assert!(result.text().contains(HOME), "{}: {}", letter.text, result.text());
    }
    let (workspace, branch) = (fleet.workspace("demo"), first.thread().branch());
    assert!(workspace.show(&branch, HOME).contains("Rye 4"));
    assert_eq!(workspace.subjects(&format!("origin/main..{branch}")).len(), 4);
    fleet.finish().await;
}

#[tokio::test]
async fn a_model_that_refuses_is_told_and_the_next_message_works() {
    let fleet = Fleet::start(&Options::quick()).await;
    let letter = Letter::new(&format!("[fail 400] {}", replace("Country rye", "Village rye")));
    let failed = fleet.ask(&letter).await;
    assert!(failed.text().contains("did not work"), "{}", failed.text());
    for secret in ["127.0.0.1", "rehearsal was told", fleet.data().to_str().unwrap()] {
        assert!(!failed.text().contains(secret), "{secret}: {}", failed.text());
    }
    let worked = fleet.ask(&Letter::answering(&failed, &replace("Country rye", "Village rye"))).await;
    assert!(worked.text().contains(HOME), "{}", worked.text());
    assert_eq!(worked.thread(), fleet_thread(&fleet), "the same conversation goes on");
    fleet.finish().await;
}

/// The only thread there is.
fn fleet_thread(fleet: &Fleet) -> domain::ThreadId {
    let branches = fleet.workspace("demo").branches();
    let threads: Vec<&str> = branches.iter().filter_map(|name| name.strip_prefix("thread-")).collect();
    assert_eq!(threads.len(), 1, "{threads:?}");
    threads[0].parse().unwrap()
}

#[tokio::test]
async fn a_sleeping_thread_wakes_for_the_next_mail() {
    let fleet = Fleet::start(&Options::quick().arg("--idle").arg("1")).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let asleep = async || {
        let status = fleet.status().await;
        let gone =
            status["claims"] == json!([]) && status["fleet"]["webordinary-edit-service"]["running"] == 0;
        (gone && processes::with(&fleet.data(), "stream-json").is_empty()).then_some(())
    };
    until("the container's sleep", Duration::from_mins(1), asleep).await;
    let second = fleet.ask(&Letter::answering(&first, &replace("Village rye", "Dark rye"))).await;
    assert_eq!(second.thread(), first.thread());
    let branch = first.thread().branch();
    assert!(fleet.workspace("demo").show(&branch, HOME).contains("Dark rye"));
    assert_eq!(fleet.workspace("demo").subjects(&format!("origin/main..{branch}")).len(), 2);
    fleet.finish().await;
}

#[tokio::test]
async fn what_was_published_can_be_undone_on_its_thread() {
    let fleet = Fleet::start(&Options::quick()).await;
    let edited = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let live = fleet.ask(&Letter::answering(&edited, "publish")).await;
    assert!(live.text().contains("It is live."), "{}", live.text());
    let say = |kind: &str, text: &str| {
        let url = format!("{}/hermes/api/threads/{}/messages", fleet.ready.http, edited.thread().as_str());
        let body = json!({ "text": text, "kind": kind });
        fleet.http.post(url).bearer_auth(fleet.operator_token()).json(&body).send()
    };
    let answered = async |nth: usize| {
        let conversation = fleet.conversation(&edited.thread()).await;
        let message = &conversation["messages"][nth];
        (message["progress"] == "answered" && message["replies"] != json!([])).then(|| message.clone())
    };
    assert_eq!(say("undo", "Undo").await.unwrap().status(), 202);
    let undone = until("the undo", Duration::from_mins(1), async || answered(2).await).await;
    assert_eq!(undone["outcome"]["status"], "done", "{undone:#}");
    assert!(fleet.workspace("demo").show(&edited.thread().branch(), HOME).contains("Country rye"));
    assert!(fleet.live("demo", "/").await.text.contains("Village rye"), "undo asks before it publishes");
    assert_eq!(say("publish", "Publish").await.unwrap().status(), 202);
    fleet.shows("demo", "/", "Country rye").await;
    until("the publish", Duration::from_mins(1), async || answered(3).await).await;
    fleet.finish().await;
}
