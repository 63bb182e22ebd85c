//! What the ready line says to try: the commands of a newcomer.

use fleet_tests::{Fleet, Options};
use std::fs;

#[tokio::test]
async fn the_commands_of_the_ready_line_work() {
    let fleet = Fleet::start(&Options::quick()).await;
    let said = fleet.log();
    for words in [
        "WebOrdinary is ready.",
        "mail 'replace",
        "mail --reply-to-last publish",
        "aws ecs update-service",
        &fleet.ready.sign_in,
    ] {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    fleet.shows("demo", "/", "We close at 6 on Fridays").await;
    let edit = "replace \"We close at 6 on Fridays\" with \"We close at 4 on Fridays\"";
    let answer = fleet.command(&["mail", edit]).await.unwrap();
    assert!(answer.contains("has arrived") && answer.contains("src/pages/index.astro"), "{answer}");
    let answer = fleet.command(&["mail", "--reply-to-last", "publish"]).await.unwrap();
    assert!(answer.contains("It is live."), "{answer}");
    assert!(fleet.live("demo", "/").await.text.contains("We close at 4 on Fridays"));

    let photo = fleet.place.beside().join("Oven.gif");
    let pixel = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    fs::write(&photo, pixel).unwrap();
    let attach = ["mail", "--attach", photo.to_str().unwrap(), "put the attached photo on the about page"];
    let answer = fleet.command(&attach).await.unwrap();
    assert!(answer.contains("src/assets/photos/oven-"), "{answer}");
    let refused = fleet.command(&["mail", "--from", "stranger@elsewhere.example", edit]).await.unwrap_err();
    assert!(refused.contains("refused") && refused.contains("550"), "{refused}");
    let status = fleet.command(&["status"]).await.unwrap();
    assert!(status.contains(&fleet.ready.http) && status.contains("demo"), "{status}");
    fleet.finish().await;
}

#[tokio::test]
async fn commands_say_when_nothing_runs() {
    let mut fleet = Fleet::start(&Options::quick()).await;
    let second = fleet.command(&[
        "up",
        "--http",
        "127.0.0.1:0",
        "--smtp",
        "127.0.0.1:0",
        "--site",
        "127.0.0.1:0",
        "--ecs",
        "127.0.0.1:0",
    ]);
    let says = second.await.unwrap_err();
    assert!(!says.is_empty() && says.lines().count() <= 3, "one product per data directory: {says}");
    assert!(fleet.data().join("ready.json").exists(), "the running one stays reachable: {says}");
    fleet.interrupt();
    fleet.exit(fleet_tests::fleet::GRACE).await;
    for words in [
        &["mail", "x"][..],
        &["status"],
        &["project", "list"],
        &["rollback"],
        &["sign-in"],
        &["pool", "status"],
        &["ecs-credentials"],
        &["dlq", "list"],
    ] {
        let says = fleet.command(words).await.unwrap_err();
        assert!(says.contains("nothing is running"), "{words:?}: {says}");
    }
    fleet.no_orphans().await;
}
