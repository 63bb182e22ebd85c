//! Repositories that only a token opens.

use domain::names::EDIT_SERVICE;
use fleet_tests::letter::{OWNER, replace};
use fleet_tests::{Cloud, CloudOptions, Letter};
use testkit::GitServer;

const TOKEN: &str = "github_pat_of_this_test";

#[tokio::test]
async fn a_private_repository_is_worked_on_and_published_with_the_token_of_its_secret() {
    let quick = (EDIT_SERVICE, "WEBORDINARY_PREVIEWS".to_owned(), "off".to_owned());
    let cloud = Cloud::start(&CloudOptions { env: vec![quick] }).await;
    cloud.open().await;
    let git = GitServer::start(&cloud.dir().join("repositories"), TOKEN).await;
    let address = |name: &str| format!("{}/{name}.git", git.endpoint());

    // Without a token nothing can be done, and the owner hears of it.
    cloud.register_at("demo", &address("demo"), OWNER).await;
    let refused = cloud.ask(&Letter::new(&replace("We close at 6 on Fridays", "We close at 5"))).await;
    assert!(!refused.text().contains("I replaced"), "{}", refused.text());

    let origin = cloud.another_repository("stamps");
    let name = "webordinary/stamps/repository";
    cloud.cli(&["secretsmanager", "create-secret", "--name", name, "--secret-string", TOKEN]).await;
    cloud.register_at("stamps", &address("stamps"), OWNER).await;
    let letter =
        Letter::new(&replace("We close at 6 on Fridays", "We close at 4")).to("edit@stamps.localhost");
    let result = cloud.ask(&letter).await;
    assert!(result.text().contains("I replaced"), "{}", result.text());
    let live = cloud.ask(&Letter::answering(&result, "publish")).await;
    assert!(live.text().contains("It is live"), "{}", live.text());
    assert!(origin.show("main", "src/pages/index.astro").contains("We close at 4"));

    let mut left = Vec::new();
    for log in files_below(cloud.dir()) {
        let text = std::fs::read(&log).unwrap_or_default();
        if text.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()) {
            left.push(log);
        }
    }
    assert!(left.is_empty(), "the token is in {left:?}");
    cloud.end().await;
}

/// Every file of the fleet's directory but packages: logs, repositories, worktrees, transcripts.
fn files_below(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && entry.file_name() != "node_modules" {
            files.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}
