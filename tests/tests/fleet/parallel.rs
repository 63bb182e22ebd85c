//! Several threads of one owner at the same time: each in a worktree of its own.

use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options};

#[tokio::test]
async fn threads_at_the_same_time_do_not_see_each_other() {
    let fleet = Fleet::start(&Options::quick()).await;
    let home = "src/pages/index.astro";
    let wishes = [
        (replace("Country rye", "Village rye"), home, "Village rye"),
        (replace("On the shelf today", "Baked today"), home, "Baked today"),
        (
            replace("Two bakers, one oven, no hurry.", "Two bakers, no hurry."),
            "src/pages/about.astro",
            "Two bakers, no hurry.",
        ),
        (
            "add a page titled Jobs saying We look for a baker.".to_owned(),
            "src/pages/jobs.astro",
            "We look for a baker.",
        ),
    ];
    let letters: Vec<Letter> = wishes.iter().map(|(text, ..)| Letter::new(text)).collect();
    let (a, b, c, d) = tokio::join!(
        fleet.ask(&letters[0]),
        fleet.ask(&letters[1]),
        fleet.ask(&letters[2]),
        fleet.ask(&letters[3])
    );
    let workspace = fleet.workspace("demo");
    for (result, (text, file, new)) in [a, b, c, d].iter().zip(&wishes) {
        let branch = result.thread().branch();
        let changed = workspace.changed(&format!("origin/main..{branch}"));
        assert!(changed.contains(&(*file).to_owned()), "{text}: {changed:?}");
        let diff = workspace.run(&["diff", &format!("origin/main..{branch}")]);
        assert!(diff.contains(new), "{text}: {diff}");
        for (_, _, other) in wishes.iter().filter(|(other, ..)| other != text) {
            assert!(!diff.contains(other), "{text}: {diff}");
        }
        assert_eq!(workspace.subjects(&format!("origin/main..{branch}")).len(), 1, "{text}");
    }
    let threads = workspace.branches().into_iter().filter(|name| name.starts_with("thread-")).count();
    assert_eq!(threads, wishes.len());
    fleet.finish().await;
}
