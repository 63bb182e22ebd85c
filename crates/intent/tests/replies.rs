//! Replies to a plan: a table that the rules are written for, and one that they were never tuned on.

use intent::{PlanReply, reply_to_plan, reply_to_plan_by};

/// How a table was read.
#[derive(Debug, Default)]
struct Score {
    all: usize,
    right: usize,
    /// Approved, or approved without the change, what was not.
    wrong_approvals: Vec<String>,
    wrong: Vec<String>,
}

/// Reads a table of language, reply, text and, where they are checked, the words of the change.
fn score(table: &str) -> Score {
    let mut score = Score::default();
    for line in table.lines() {
        let mut columns = line.split('\t').map(|column| column.replace("\\n", "\n"));
        let mut column = || columns.next().unwrap_or_default();
        let (language, want, text, change) = (column(), column(), column(), column());
        let (found, words) = match reply_to_plan(&text) {
            PlanReply::Yes => ("Yes", String::new()),
            PlanReply::YesBut(words) => ("YesBut", words),
            PlanReply::No => ("No", String::new()),
            PlanReply::NoBut(words) => ("NoBut", words),
            PlanReply::Unclear => ("Unclear", String::new()),
        };
        score.all += 1;
        let says = format!("{language} {text}: {found} {words:?}, not {want} {change:?}");
        let approves = |reply: &str| reply.starts_with("Yes");
        if (approves(found) && !approves(&want)) || (found == "Yes" && want == "YesBut") {
            score.wrong_approvals.push(says.clone());
        }
        if found == want && (change.is_empty() || words == change) {
            score.right += 1;
        } else {
            score.wrong.push(says);
        }
    }
    score
}

#[test]
fn what_was_never_tuned_on_is_never_approved_wrongly() {
    let score = score(include_str!("replies/held-out.tsv"));
    println!("held out: {} of {} right, {:#?}", score.right, score.all, score.wrong);
    assert!(score.all >= 60, "{}", score.all);
    assert!(score.wrong_approvals.is_empty(), "{:#?}", score.wrong_approvals);
    assert!(score.right * 100 >= score.all * 85, "{} of {}", score.right, score.all);
}

#[test]
fn what_the_rules_are_written_for_is_read_rightly() {
    let score = score(include_str!("replies/tuned.tsv"));
    println!("tuned: {} of {} right", score.right, score.all);
    assert!(score.all >= 120, "{}", score.all);
    assert!(score.wrong.is_empty(), "{:#?}", score.wrong);
}

#[test]
fn the_authors_name_changes_nothing() {
    assert_eq!(reply_to_plan("yes, thanks. Ann"), PlanReply::Unclear);
    assert_eq!(reply_to_plan_by("yes, thanks. Ann", "Ann Example"), PlanReply::Yes);
    assert_eq!(reply_to_plan_by("No\nAnn Example", "Ann Example"), PlanReply::No);
    let kept = PlanReply::YesBut("keep the footer.".to_owned());
    assert_eq!(reply_to_plan_by("Yes, but keep the footer. Ann", "Ann Example"), kept);
    assert_eq!(reply_to_plan_by("Yes", "Yes Man"), PlanReply::Yes);
}

#[test]
fn the_longest_replies_are_read_in_little_time() {
    for part in ["yes ", "no, ", "yes but keep ", "👍", "> a\n", "Thanks\n", "if ", "a, ", "-", "\n"] {
        let text = part.repeat(200 * 1024 / part.len());
        let began = std::time::Instant::now();
        let _ = reply_to_plan_by(&format!("no, {text}"), "Ann");
        assert!(began.elapsed().as_secs() < 5, "{part:?}: {:?}", began.elapsed());
    }
}

#[test]
fn a_yes_that_is_turned_round_is_never_an_approval() {
    let mut count = 0;
    let mut approved = Vec::new();
    for answer in include_str!("replies/tuned.tsv").lines() {
        let (language, answer) = answer.split_once('\t').expect("columns");
        let Some(yes) = answer.strip_prefix("Yes\t").filter(|yes| !yes.contains("\\n")) else { continue };
        let yes = yes.trim_end_matches(['.', '!', ' ']);
        for frame in include_str!("replies/turned.tsv").lines() {
            let (of, frame) = frame.split_once('\t').expect("columns");
            if of == language {
                count += 1;
                let text = frame.replace("{}", yes);
                let reply = reply_to_plan(&text);
                if matches!(reply, PlanReply::Yes | PlanReply::YesBut(_)) {
                    approved.push(format!("{text}: {reply:?}"));
                }
            }
        }
    }
    assert!(count > 800, "{count}");
    assert!(approved.is_empty(), "{approved:#?}");
}
