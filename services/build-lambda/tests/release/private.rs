//! Secrets stay where they belong: tokens with git, and nothing with site code.

use crate::world::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use build_lambda::SecretNames;
use build_lambda::github::{GitHub, GitHubAddress};
use embedded::FileSecrets;
use http::StatusCode;
use ports::code_host::{CommitState, CommitStatus};
use ports::releases::Ending;
use ports::{CodeHost, ErrorKind};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use testkit::GitServer;
use tokio::net::TcpListener;

const TOKEN: &str = "github_pat_of_this_test";

#[tokio::test]
async fn a_private_repository_is_opened_with_its_token() {
    let mut world = World::new().await;
    let first = world.push();
    let git = GitServer::start(world.dir.path(), TOKEN).await;
    world.project.repository = format!("{}/origin.git", git.endpoint());
    world.store.projects().update(&world.project).await.unwrap();
    let service = |world: &World| {
        world.with("builds-a", |config| config.askpass = env!("CARGO_BIN_EXE_git-askpass").into())
    };

    // Without the token it is said that it may not be read.
    let running = World::run(service(&world));
    world.tell(&running.service, &first, "d1").await;
    let row = world.next_release().await;
    assert!(matches!(&row.ending, Ending::Failed { says } if says.contains("cannot be read")), "{row:?}");
    running.stop().await;

    world.secret("repositories/demo", TOKEN.as_bytes());
    // An earlier commit that was published: the history is asked for, too.
    world.write("src/pages/index.astro", "<h1>Two</h1>");
    let second = world.push();
    let published = world.published(1, &first.new).await;
    let running = World::run(service(&world));
    world.tell(&running.service, &second, "d2").await;
    let row = world.next_release().await;
    assert_eq!((row.ending, row.answers), (Ending::Live, vec![published]));
    assert!(world.page("/").await.contains("Two"));
    running.stop().await;
    let lent = std::fs::read_dir(world.dir.path().join("builds-a/credentials")).unwrap();
    assert_eq!(lent.count(), 0, "no token is left on the disk");
}

#[tokio::test]
async fn a_wrong_token_is_told_and_not_shown() {
    let mut world = World::new().await;
    let pushed = world.push();
    let git = GitServer::start(world.dir.path(), TOKEN).await;
    world.project.repository = format!("{}/origin.git", git.endpoint());
    world.store.projects().update(&world.project).await.unwrap();
    world.secret("repositories/demo", b"a-token-that-was-revoked");
    let service = world.with("builds-a", |config| config.askpass = env!("CARGO_BIN_EXE_git-askpass").into());
    let running = World::run(service);
    world.tell(&running.service, &pushed, "d1").await;
    let row = world.next_release().await;
    let Ending::Failed { says } = &row.ending else { panic!("{row:?}") };
    assert!(says.contains("cannot be read") && !says.contains("revoked"), "{says}");
    running.stop().await;
}

#[tokio::test]
async fn a_build_sees_nothing_of_our_environment_and_no_token() {
    let world = World::new().await;
    world.secret("repositories/demo", TOKEN.as_bytes());
    // What the site's own code can read is what it publishes here.
    let config = "import fs from 'node:fs';\n\
        console.log(JSON.stringify(process.env));\n\
        const seen = { env: process.env, argv: process.argv };\n\
        fs.mkdirSync('public', { recursive: true });\n\
        fs.writeFileSync('public/seen.json', JSON.stringify(seen));\n\
        export default {};\n";
    world.write("astro.config.mjs", config);
    world.push();
    // This very process has what Lambda gives its function.
    let ours: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    assert!(ours.iter().any(|name| name == "CARGO_MANIFEST_DIR" || name == "NEXTEST" || name == "CARGO"));
    let running = world.start();
    assert_eq!(world.next_release().await.ending, Ending::Live);
    running.stop().await;
    let seen: Value = serde_json::from_str(&world.page("/seen.json").await).unwrap();
    let mut names: Vec<&str> = seen["env"].as_object().unwrap().keys().map(String::as_str).collect();
    // Set by Astro and Vite themselves.
    names.retain(|name| {
        !matches!(*name, "NODE_ENV" | "VITE_USER_NODE_ENV" | "BABEL_ENV" | "ROLLDOWN_OPTIONS_VALIDATION")
    });
    names.sort_unstable();
    let listed =
        ["ASTRO_TELEMETRY_DISABLED", "CI", "HOME", "LANG", "NODE_OPTIONS", "NO_COLOR", "PATH", "TMPDIR"];
    assert_eq!(names, listed);
    assert!(!seen.to_string().contains(TOKEN));
}

#[derive(Default)]
struct Api {
    asked: Mutex<Vec<(String, String, Value)>>,
}

/// Stands in for GitHub's API: notes what is asked.
async fn api(status: StatusCode) -> (String, Arc<Api>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = Arc::new(Api::default());
    let noted = api.clone();
    let app = Router::new().fallback(move |request: Request| {
        let noted = noted.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let bearer = parts.headers["authorization"].to_str().unwrap().to_owned();
            let what = format!("{} {}", parts.method, parts.uri.path());
            noted.asked.lock().unwrap().push((what, bearer, serde_json::from_slice(&body).unwrap()));
            (status, "{}")
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (format!("http://{address}/api/v3"), api)
}

#[tokio::test]
async fn github_is_shown_what_became_of_a_commit() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("repositories")).unwrap();
    std::fs::write(dir.path().join("repositories/demo"), format!("{TOKEN}\n")).unwrap();
    let github = |base: &str| {
        let address = GitHubAddress { host: "github.com".to_owned(), api: base.parse().unwrap() };
        GitHub::new(address, Arc::new(FileSecrets::new(dir.path())), SecretNames::default()).unwrap()
    };
    let (demo, commit, long) = ("demo".parse().unwrap(), "a".repeat(40), "é".repeat(200));
    let status = CommitStatus {
        project: &demo,
        repository: "https://github.com/ann/site.git",
        commit: &commit,
        state: CommitState::Failure,
        says: &long,
        link: "https://site.example",
    };
    let (base, asked) = api(StatusCode::CREATED).await;
    github(&base).status(&status).await.unwrap();
    // Neither another host's repository nor a project without a token is told of.
    let elsewhere = CommitStatus { repository: "https://gitlab.com/ann/site.git", ..status.clone() };
    github(&base).status(&elsewhere).await.unwrap();
    let other = "other".parse().unwrap();
    github(&base).status(&CommitStatus { project: &other, ..status.clone() }).await.unwrap();
    let asked = std::mem::take(&mut *asked.asked.lock().unwrap());
    let body = json!({
        "state": "failure", "description": "é".repeat(140), "target_url": "https://site.example",
        "context": "webordinary",
    });
    let what = format!("POST /api/v3/repos/ann/site/statuses/{commit}");
    assert_eq!(asked, [(what, format!("Bearer {TOKEN}"), body)]);

    for (answer, kind) in [(401, ErrorKind::Denied), (404, ErrorKind::NotFound), (502, ErrorKind::Transient)]
    {
        let (base, _) = api(StatusCode::from_u16(answer).unwrap()).await;
        let err = github(&base).status(&status).await.unwrap_err();
        assert_eq!(err.kind(), kind, "{err}");
        assert!(!err.to_string().contains(TOKEN), "{err}");
    }
    let err = github("http://127.0.0.1:1").status(&status).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Transient);
}
