//! Orders to take the thread's own changes back: the last ones, an undo, or all until a day.

mod phrases;

use crate::day::{Day, day};
use crate::order::{Intent, intent_by};
use phrases::{LAST, NUMBERS, REDO, TONGUES, Tongue};

/// More changes than this are not taken back by their number.
const CHANGES_MAX: u32 = 999;

/// What of the thread's own changes is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Undo {
    /// So many of the last changes, at least one.
    Last(u32),
    /// The last undo.
    Redo,
    /// All changes after the end of that day.
    Until(Day),
}

/// Reads `text` as an order to take changes back; `None` where it is none. For one that may end in its author's name,
/// see [`undo_by`].
pub fn undo(text: &str) -> Option<Undo> {
    undo_by(text, "")
}

/// Like [`undo`], where the author's own `name` under the order changes nothing.
pub fn undo_by(text: &str, name: &str) -> Option<Undo> {
    match intent_by(text, name) {
        Intent::Undo(undo) => Some(undo),
        Intent::Instruct | Intent::Publish | Intent::Rollback | Intent::Cancel | Intent::Empty => None,
    }
}

/// What `core`, an order without politeness, takes back.
pub(crate) fn undo_of(core: &str) -> Option<Undo> {
    if LAST.contains(&core) {
        return Some(Undo::Last(1));
    }
    if REDO.contains(&core) {
        return Some(Undo::Redo);
    }
    let words: Vec<&str> = core.split(' ').collect();
    TONGUES.iter().find_map(|tongue| last(&words, tongue).or_else(|| until(&words, tongue)))
}

/// "Undo the last three changes".
fn last(words: &[&str], tongue: &Tongue) -> Option<Undo> {
    let has = |group: &[&str]| words.iter().any(|word| group.contains(word));
    let known = |word: &str| [tongue.undo, tongue.changes, tongue.between].iter().any(|g| g.contains(&word));
    let mut others = words.iter().filter(|word| !known(word));
    let count = count(others.next()?)?;
    (others.next().is_none() && has(tongue.undo) && has(tongue.changes)).then_some(Undo::Last(count))
}

/// "Go back to Tuesday's version". Without a word for the version a day may be one that the site writes about.
fn until(words: &[&str], tongue: &Tongue) -> Option<Undo> {
    let has = |group: &[&str]| words.iter().any(|word| group.contains(word));
    let known = |word: &str| [tongue.back, tongue.version, tongue.around].iter().any(|g| g.contains(&word));
    let others: Vec<&str> = words.iter().copied().filter(|word| !known(word)).collect();
    let others: Vec<&str> = others.iter().map(|word| word.strip_prefix("d'").unwrap_or(word)).collect();
    let day = day(&others, tongue.numbers)?;
    (has(tongue.back) && (has(tongue.version) || day == Day::Yesterday)).then_some(Undo::Until(day))
}

fn count(word: &str) -> Option<u32> {
    let named = NUMBERS.iter().find(|(_, names)| names.contains(&word)).map(|(number, _)| *number);
    named.or_else(|| word.parse().ok()).filter(|count| (1..=CHANGES_MAX).contains(count))
}
