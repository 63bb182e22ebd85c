//! Several projects: each with its own people, mail, repository and site.

use fleet_tests::fleet::Fleet;
use fleet_tests::letter::replace;
use fleet_tests::{Git, Letter, Options, Received};
use smtp::SendError;
use std::fs;
use std::path::{Path, PathBuf};

const ANN: &str = "ann@bikes.example";

/// A site without dependencies of its own but the demo's, in a repository that is not bare.
fn other_site(fleet: &Fleet) -> PathBuf {
    let dir = fleet.place.beside().join("bikes");
    let clone = Git::clone_of(fleet.origin("demo").path(), &dir);
    let page = "---\n---\n<html lang=\"en\"><head><title>Bikes</title></head><body><h1>We mend bikes</h1></body></html>\n";
    fs::remove_dir_all(dir.join("src")).unwrap();
    fs::create_dir_all(dir.join("src/pages")).unwrap();
    fs::write(dir.join("src/pages/index.astro"), page).unwrap();
    clone.run(&["add", "--all"]);
    clone.run(&["commit", "--quiet", "--message", "Bikes"]);
    dir
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn refused(fleet: &Fleet, letter: &Letter) {
    match fleet.post(&letter.from, &letter.to, &letter.raw()).await {
        Err(SendError::Permanent(says)) => assert!(says.starts_with("550"), "{says}"),
        other => panic!("{:?} was not refused: {other:?}", letter.to),
    }
}

#[tokio::test]
async fn a_second_project_lives_beside_the_first() {
    let fleet = Fleet::start(&Options::quick()).await;
    let source = other_site(&fleet);
    let add = ["project", "add", "bikes", "--repository", path(&source), "--owner", ANN];
    let said = fleet.command(&add).await.unwrap();
    assert!(said.contains("edit@bikes.localhost"), "{said}");
    let twice = fleet.command(&add).await.unwrap_err();
    assert!(twice.contains("there is a project bikes already"), "{twice}");
    let list = fleet.command(&["project", "list"]).await.unwrap();
    assert!(list.contains("demo") && list.contains("bikes") && list.contains(ANN), "{list}");
    fleet.shows("bikes", "/", "We mend bikes").await;
    fleet.shows("demo", "/", "Country rye").await;
    assert_eq!(fleet.live("nowhere", "/").await.status, 404);

    let bikes =
        Letter::new(&replace("We mend bikes", "We mend all bikes")).from(ANN).to("edit@bikes.localhost");
    let demo = Letter::new(&replace("Country rye", "Village rye"));
    let (bikes, demo) = tokio::join!(fleet.ask(&bikes), fleet.ask(&demo));
    assert!(bikes.text().contains("src/pages/index.astro"), "{}", bikes.text());
    each_its_own(&fleet, &bikes, &demo).await;
    let live = fleet.ask(&Letter::answering(&bikes, "publish")).await;
    assert!(live.text().contains("http://bikes.localhost:"), "{}", live.text());
    assert!(fleet.live("bikes", "/").await.text.contains("We mend all bikes"));
    assert!(fleet.live("demo", "/").await.text.contains("Country rye"));
    let own = Git::at(&source);
    assert!(own.show("HEAD", "src/pages/index.astro").contains("We mend bikes"), "the source is only copied");
    fleet.finish().await;
}

async fn each_its_own(fleet: &Fleet, bikes: &Received, demo: &Received) {
    refused(fleet, &Letter::new("make it red").from(ANN)).await;
    refused(fleet, &Letter::new("make it red").to("edit@bikes.localhost")).await;
    refused(fleet, &Letter::answering(demo, "publish").from(ANN)).await;
    // A reply address of another project's thread, in another's hands, begins a thread of its own.
    let stray =
        Letter { to: "edit@bikes.localhost".into(), ..Letter::answering(demo, "is this yours?") }.from(ANN);
    let stray = fleet.ask(&stray).await;
    assert_ne!(stray.thread(), demo.thread());
    let link = fleet.command(&["sign-in", "--project", "bikes", "--address", ANN]).await.unwrap();
    let answer = fleet.http.post(link.trim()).header("origin", &fleet.ready.http).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    for (thread, status) in [(bikes.thread(), 200), (demo.thread(), 404)] {
        let url = format!("{}/threads/{}", fleet.ready.http, thread.as_str());
        let page = fleet.http.get(url).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(page.status(), status);
    }
    let (demo_repository, bikes_repository) = (fleet.workspace("demo"), fleet.workspace("bikes"));
    assert!(demo_repository.branches().iter().all(|name| !name.contains(bikes.thread().as_str())));
    assert!(bikes_repository.branches().iter().all(|name| !name.contains(demo.thread().as_str())));
}

#[tokio::test]
async fn roles_reach_as_far_as_they_say() {
    let fleet = Fleet::start(&Options::quick()).await;
    let source = fleet.place.beside().join("bikes.git");
    Git::at(fleet.place.beside()).run(&[
        "clone",
        "--quiet",
        "--bare",
        path(&other_site(&fleet)),
        path(&source),
    ]);
    let add = ["project", "add", "bikes", "--repository", path(&source), "--owner", ANN];
    let people = ["--editor", "editor:ed@bikes.example", "--editor", "reviewer:rita@bikes.example"];
    fleet.command(&[&add[..], &people[..]].concat()).await.unwrap();
    let to_bikes = |text: &str, from: &str| Letter::new(text).from(from).to("edit@bikes.localhost");
    refused(&fleet, &to_bikes("make it red", "rita@bikes.example")).await;
    refused(&fleet, &to_bikes("publish", "ed@bikes.example")).await;
    let edited =
        fleet.ask(&to_bikes(&replace("We mend bikes", "We mend all bikes"), "ed@bikes.example")).await;
    refused(&fleet, &Letter::answering(&edited, "publish")).await;
    // The owner goes on in the editor's thread.
    let live = fleet.ask(&Letter::answering(&edited, "publish").from(ANN)).await;
    assert!(live.text().contains("It is live."), "{}", live.text());
    assert_eq!(live.mail.to, [ANN]);
    assert!(fleet.live("bikes", "/").await.text.contains("We mend all bikes"));
    fleet.finish().await;
}
