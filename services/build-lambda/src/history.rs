//! What a project's releases say together: what is live, what was before it, and what a push calls for. Pure.

use domain::Timestamp;
use ports::releases::{Ending, ReleaseRow};

/// Releases that are looked at, newest first.
pub const LOOK_BACK: usize = 500;

/// What a push calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// Nothing: it is live, and everybody was told.
    Nothing,
    /// It is live (or was taken back on purpose), but somebody has not been told; this is what they see.
    Tell(&'a ReleaseRow),
    /// A build.
    Build,
}

/// The newest attempt to build: its commit is the last head that this service knew. A rollback knows none.
pub fn newest_build(rows: &[ReleaseRow]) -> Option<&ReleaseRow> {
    rows.iter().find(|row| row.restores.is_none())
}

/// What the public was shown, newest first; releases in a row that show the same site are one.
pub fn shown(rows: &[ReleaseRow]) -> Vec<&ReleaseRow> {
    let mut shown: Vec<&ReleaseRow> = rows.iter().filter(|row| row.ending == Ending::Live).collect();
    shown.dedup_by(|a, b| a.manifest == b.manifest);
    shown
}

/// What a rollback brings back: the site before the live one. A site that was taken back is not brought back, so
/// a second rollback goes further into the past.
pub fn before(rows: &[ReleaseRow]) -> Option<&ReleaseRow> {
    let mut past: Vec<&ReleaseRow> = Vec::new();
    for row in rows.iter().rev().filter(|row| row.ending == Ending::Live) {
        let back_to =
            row.restores.as_ref().and_then(|_| past.iter().rposition(|p| p.manifest == row.manifest));
        match back_to {
            Some(at) => past.truncate(at + 1),
            None if past.last().is_some_and(|top| top.manifest == row.manifest) => {}
            None => past.push(row),
        }
    }
    past.pop();
    past.pop()
}

/// What a push of `head` calls for. `waiting` are the times at which publishes that `head` contains, and that have
/// no answer, were received.
pub fn call<'a>(rows: &'a [ReleaseRow], head: &str, waiting: &[Timestamp]) -> Call<'a> {
    let known = newest_build(rows).filter(|row| row.commit == head && row.ending == Ending::Live);
    let (Some(_), Some(live)) = (known, shown(rows).first().copied()) else { return Call::Build };
    let again = live.restores.is_some() && waiting.iter().any(|received| *received > live.at);
    if again {
        // Taken back, and then somebody asked for it once more.
        Call::Build
    } else if waiting.is_empty() {
        Call::Nothing
    } else {
        Call::Tell(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ReleaseId;

    fn id(n: u32) -> ReleaseId {
        format!("00000000-0000-4000-8000-{n:012}").parse().unwrap()
    }

    fn live(n: u32, commit: &str) -> ReleaseRow {
        ReleaseRow {
            id: id(n),
            project: "p".parse().unwrap(),
            commit: commit.to_owned(),
            restores: None,
            manifest: Some(format!("m-{commit}")),
            ending: Ending::Live,
            answers: Vec::new(),
            at: Timestamp(i64::from(n)),
        }
    }

    fn failed(n: u32, commit: &str) -> ReleaseRow {
        ReleaseRow { manifest: None, ending: Ending::Failed { says: "x".to_owned() }, ..live(n, commit) }
    }

    fn back(n: u32, commit: &str, to: u32) -> ReleaseRow {
        ReleaseRow { restores: Some(id(to)), ..live(n, commit) }
    }

    fn newest_first(mut rows: Vec<ReleaseRow>) -> Vec<ReleaseRow> {
        rows.reverse();
        rows
    }

    fn commit_before(rows: Vec<ReleaseRow>) -> Option<String> {
        before(&newest_first(rows)).map(|row| row.commit.clone())
    }

    #[test]
    fn rolling_back_twice_goes_further_back() {
        let three = vec![live(1, "a"), live(2, "b"), failed(3, "x"), live(4, "c")];
        assert_eq!(commit_before(three.clone()).as_deref(), Some("b"));
        let once = [three.clone(), vec![back(5, "b", 2)]].concat();
        assert_eq!(commit_before(once.clone()).as_deref(), Some("a"));
        let twice = [once.clone(), vec![back(6, "a", 1)]].concat();
        assert_eq!(commit_before(twice), None);
        let then_a_push = [once, vec![live(7, "d")]].concat();
        assert_eq!(commit_before(then_a_push).as_deref(), Some("b"));
        assert_eq!(commit_before(vec![live(1, "a")]), None);
        assert_eq!(commit_before(vec![failed(1, "a")]), None);
    }

    #[test]
    fn a_release_that_shows_the_same_site_is_no_step() {
        let told_again = ReleaseRow { id: id(3), ..live(2, "b") };
        assert_eq!(commit_before(vec![live(1, "a"), live(2, "b"), told_again]).as_deref(), Some("a"));
        let told_after_rollback = vec![live(1, "a"), live(2, "b"), back(3, "a", 1), back(4, "a", 1)];
        assert_eq!(commit_before(told_after_rollback), None);
    }

    #[test]
    fn a_head_that_was_rolled_back_is_known() {
        let rows = newest_first(vec![live(1, "a"), live(2, "b"), back(3, "a", 1)]);
        assert_eq!(newest_build(&rows).unwrap().commit, "b");
        assert_eq!(shown(&rows)[0].commit, "a");
        assert_eq!(call(&rows, "b", &[]), Call::Nothing);
        assert_eq!(call(&rows, "c", &[]), Call::Build);
        assert_eq!(call(&rows, "b", &[Timestamp(2)]), Call::Tell(&rows[0]));
        assert_eq!(call(&rows, "b", &[Timestamp(9)]), Call::Build);
    }

    #[test]
    fn what_a_push_calls_for() {
        let rows = vec![live(1, "a")];
        assert_eq!(call(&[], "a", &[]), Call::Build);
        assert_eq!(call(&rows, "a", &[]), Call::Nothing);
        assert_eq!(call(&rows, "a", &[Timestamp(9)]), Call::Tell(&rows[0]));
        assert_eq!(call(&rows, "b", &[]), Call::Build);
        let broken = newest_first(vec![live(1, "a"), failed(2, "b")]);
        assert_eq!(call(&broken, "b", &[]), Call::Build);
    }
}
