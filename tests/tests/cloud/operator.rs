//! The operator's commands, from a machine that knows an address and a token of the fleet and nothing else of it.

use domain::names::{EDIT_SERVICE, EMAIL_DLQ, EMAIL_QUEUE};
use fleet_tests::letter::{OWNER, replace};
use fleet_tests::{Cloud, CloudOptions, Letter, until};
use ports::Queues;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

fn quick() -> CloudOptions {
    CloudOptions { env: vec![(EDIT_SERVICE, "WEBORDINARY_PREVIEWS".to_owned(), "off".to_owned())] }
}

#[tokio::test]
async fn the_commands_reach_a_hermes_elsewhere() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let status = cloud.command(&["status"]).await.unwrap();
    for words in [&cloud.app, &cloud.preview, &cloud.site, "webordinary-hermes-service: 1 of 1"] {
        assert!(status.contains(words), "{words} is missing: {status}");
    }
    assert!(!status.contains("mail  "), "there is no door of ours: {status}");
    let json = cloud.command(&["status", "--json"]).await.unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["queues"].is_object(), "{json}");
    let list = cloud.command(&["project", "list"]).await.unwrap();
    assert!(list.contains("edit@demo.localhost") && list.contains(OWNER), "{list}");
    let (_, health) = cloud.get(&format!("{}/health/ready", cloud.app)).await;
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["status"], "ready", "ECS and SES answered, too: {health}");
    projects_are_added(&cloud).await;
    dead_letters_are_handled(&cloud).await;

    let link = cloud.command(&["sign-in", "--address", OWNER]).await.unwrap();
    assert!(link.starts_with(&format!("{}/", cloud.app)), "{link}");
    let signed_in = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let signed_in = signed_in.post(&link).header("origin", &cloud.app).send().await.unwrap();
    assert_eq!(signed_in.status(), 303);
    assert!(signed_in.headers().contains_key("set-cookie"));
    cloud.end().await;
}

async fn projects_are_added(cloud: &Cloud) {
    let add = ["project", "add", "shop", "--owner", "Ann@Shop.example", "--repository"];
    let more = ["--mail-domain", "shop.example", "--site", "https://www.shop.example/"];
    let https = "https://git.invalid/shop.git";
    let path = cloud.command(&[&add[..], &["/srv/shop.git"], &more[..]].concat()).await.unwrap_err();
    assert!(path.contains("a repository that AWS can reach") && path.contains("/srv/shop.git"), "{path}");
    let short = cloud.command(&[&add[..], &[https]].concat()).await.unwrap_err();
    assert!(short.contains("--mail-domain is needed"), "{short}");
    let whole = [&add[..], &[https], &more[..], &["--editor", "reviewer:bob@shop.example"]].concat();
    let added = cloud.command(&whole).await.unwrap();
    assert!(added.contains("edit@shop.example"), "{added}");
    let twice = cloud.command(&whole).await.unwrap_err();
    assert!(twice.contains("There is a project shop already"), "{twice}");
    let project = cloud.store.projects().get(&"shop".parse().unwrap()).await.unwrap();
    assert_eq!((project.repository.as_str(), project.default_branch.as_str()), (https, "main"));
    assert_eq!((project.client_id.as_str(), project.site_url.as_str()), ("shop", "https://www.shop.example"));
    let people: Vec<&str> = project.editors.iter().map(|editor| editor.address.as_str()).collect();
    assert_eq!(people, ["ann@shop.example", "bob@shop.example"]);
}

async fn dead_letters_are_handled(cloud: &Cloud) {
    let listed = async |line: &str| {
        let there = async || cloud.command(&["dlq", "list"]).await.unwrap().contains(line).then_some(());
        until(&format!("{line:?} in the list of dead letters"), PATIENCE, there).await;
    };
    assert_eq!(cloud.command(&["dlq", "list"]).await.unwrap(), "There are no dead letters.");
    cloud.queues.send(EMAIL_QUEUE, "no JSON at all").await.unwrap();
    let one = format!("1  {EMAIL_DLQ}");
    listed(&one).await;
    let shown = cloud.command(&["dlq", "show", EMAIL_DLQ]).await.unwrap();
    assert!(shown.contains("no JSON at all"), "{shown}");
    let again = cloud.command(&["dlq", "replay", EMAIL_DLQ]).await.unwrap();
    assert_eq!(again, "1 dead letter was sent again.");
    // It makes no more sense than before.
    listed(&one).await;
    let dropped = cloud.command(&["dlq", "drop", EMAIL_DLQ]).await.unwrap();
    assert_eq!(dropped, "1 dead letter was dropped.");
    let refused = cloud.command(&["dlq", "drop", EMAIL_QUEUE]).await.unwrap_err();
    assert!(refused.contains("nothing here"), "only dead letters are dropped: {refused}");
}

#[tokio::test]
async fn the_pool_is_held_and_a_release_brought_back() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    let paused = cloud.command(&["pool", "pause"]).await.unwrap();
    assert!(paused.contains("paused"), "{paused}");
    let letter = Letter::new(&replace("We close at 6 on Fridays", "We close at 4 on Fridays"));
    cloud.inbox.arrives(&letter).await;
    let waits = async || {
        cloud.command(&["pool", "status"]).await.unwrap().contains("1 without a container").then_some(())
    };
    until("the work to wait", PATIENCE, waits).await;
    // Longer than Hermes' sweep.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(cloud.desired(EDIT_SERVICE).await, 0, "a paused pool is held at 0");
    let held = cloud.command(&["pool", "floor", "1"]).await.unwrap();
    assert!(held.contains("0 of 0 running") && held.contains("1, also without work"), "{held}");
    let going = cloud.command(&["pool", "resume"]).await.unwrap();
    assert!(going.contains("of 1 running") && !going.contains("paused"), "at once: {going}");
    let result = cloud.result_of(&letter).await;
    assert!(cloud.command(&["pool", "floor", "0"]).await.unwrap().contains("none"));

    let nothing = cloud.command(&["rollback"]).await.unwrap_err();
    assert!(nothing.contains("no earlier version"), "{nothing}");
    let live = cloud.ask(&Letter::answering(&result, "publish")).await;
    assert!(live.text().contains("It is live"), "{}", live.text());
    let edit = Letter::answering(&live, &replace("We close at 4 on Fridays", "We close at 3 on Fridays"));
    let second = cloud.ask(&edit).await;
    let live = cloud.ask(&Letter::answering(&second, "publish")).await;
    assert!(live.text().contains("It is live"), "{}", live.text());
    let back = cloud.command(&["rollback"]).await.unwrap();
    assert!(back.contains("is live again"), "{back}");
    let (_, page) = cloud.get(&format!("{}/", cloud.site)).await;
    assert!(page.contains("We close at 4 on Fridays"), "{page}");
    let status = cloud.command(&["status"]).await.unwrap();
    assert!(status.contains("brought back by a rollback"), "{status}");
    cloud.end().await;
}

#[tokio::test]
async fn the_token_and_what_needs_this_machine_stay_here() {
    let cloud = Cloud::start(&quick()).await;
    cloud.open().await;
    for words in [&["mail", "x"][..], &["up"], &[], &["ecs-credentials"]] {
        let says = cloud.command(words).await.unwrap_err();
        assert!(says.contains("Leave out --hermes") && says.lines().count() == 1, "{words:?}: {says}");
    }
    let token = ("WEBORDINARY_OPERATOR_TOKEN", "another-token-of-another-hermes");
    for (env, words, says) in [
        (&[][..], &["--hermes", &cloud.app, "status"][..], "set WEBORDINARY_OPERATOR_TOKEN"),
        (&[token], &["--hermes", &cloud.app, "status"], "does not know this token"),
        (&[token], &["status", "--hermes", "http://app.example.com"], "travel in the clear"),
        (&[token], &["--hermes", "http://127.0.0.1:9", "status"], "does not answer"),
        (&[token], &["--hermes", cloud.endpoint(), "status"], "not how Hermes says no"),
        (&[("WEBORDINARY_HERMES", "http://10.0.0.7")], &["pool", "status"], "travel in the clear"),
        (&[], &["status"], "nothing is running"),
    ] {
        let refused = cloud.command_with(env, words).await.unwrap_err();
        assert!(refused.contains(says), "{words:?}: {refused}");
        assert!(!refused.contains(token.1), "the token is not said: {refused}");
    }
    cloud.end().await;
}
