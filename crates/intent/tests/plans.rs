//! Which wishes want a plan first, phrase by phrase.

use intent::wants_plan;

#[test]
fn destructive_and_wide_wishes_want_a_plan() {
    let table = include_str!("plans.tsv");
    let cases: Vec<(&str, &str)> =
        table.lines().map(|line| line.split_once('\t').expect("two columns")).collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    let wrong: Vec<_> = cases.iter().filter(|(want, text)| wants_plan(text) != (*want == "plan")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_longest_wishes_are_read_in_little_time() {
    for part in [
        "delete ",
        "the ",
        "delete all the ",
        "\"",
        "„a“ ",
        "page. ",
        "redesign ",
        "please ",
        "new design link ",
    ] {
        let text = part.repeat(200 * 1024 / part.len());
        let began = std::time::Instant::now();
        let _ = wants_plan(&text);
        assert!(began.elapsed().as_secs() < 10, "{part:?}: {:?}", began.elapsed());
    }
}
