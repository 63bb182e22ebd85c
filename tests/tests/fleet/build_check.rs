//! A turn ends in a site that builds, or says that it does not.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Git, Letter, Options};

const HOME: &str = "src/pages/index.astro";

#[tokio::test]
async fn what_does_not_build_is_mended_or_set_aside_and_said() {
    let fleet = Fleet::start(&Options::live()).await;
    // A brace begins code that never ends.
    let mended = fleet.ask(&Letter::new(&replace("We close at 6", "{We close at 5"))).await;
    let branch = mended.thread().branch();
    let page = || fleet.workspace("demo").show(&branch, HOME);
    assert!(page().contains("We close at 5") && !page().contains("{We close"), "{}", page());
    assert!(!mended.text().contains("does not build"), "it is no matter of the owner's: {}", mended.text());
    assert!(mended.text().contains("The site builds."), "as the site's own tool said: {}", mended.text());
    let subjects = fleet.workspace("demo").subjects(&format!("origin/main..{branch}"));
    assert_eq!(subjects.len(), 1, "{subjects:?}");

    let stubborn = format!("[stubborn] {}", replace("We close at 5", "{We close"));
    let failed = fleet.ask(&Letter::answering(&mended, &stubborn)).await;
    let said = failed.text();
    assert!(said.contains("does not build") && said.contains("index.astro"), "{said}");
    assert!(said.contains("set aside") && said.contains("continue"), "{said}");
    assert!(page().contains("We close at 5") && !page().contains("{We close"), "the last good version stays");
    assert_eq!(fleet.workspace("demo").subjects(&format!("origin/main..{branch}")).len(), 1);

    a_site_that_was_broken_before_is_worked_on(&fleet).await;
    fleet.finish().await;
}

/// Somebody else broke the site: what the owner asks for is done all the same.
async fn a_site_that_was_broken_before_is_worked_on(fleet: &Fleet) {
    let clone = Git::clone_of(fleet.origin("demo").path(), &fleet.data().join("clone"));
    std::fs::write(clone.path().join("src/pages/broken.astro"), "<p>{</p>\n").unwrap();
    clone.run(&["add", "-A"]);
    clone.run(&["commit", "--quiet", "-m", "Break it"]);
    clone.run(&["push", "--quiet", "origin", "HEAD"]);
    let answer = fleet.ask(&Letter::new(&replace("Country rye", "Rye bread"))).await;
    assert!(answer.text().contains("did not before this change"), "{}", answer.text());
    assert!(fleet.workspace("demo").show(&answer.thread().branch(), HOME).contains("Rye bread"));
}
