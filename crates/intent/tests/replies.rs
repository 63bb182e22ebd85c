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
