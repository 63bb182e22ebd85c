//! The words of every answer, in one place.

use crate::letter::{Block, Letter};
use crate::parse::{Unread, UnreadKind};
use domain::message::{Billing, Receipt, Status};
use std::time::Duration;

/// Most files that an answer names.
const FILES_MAX: usize = 20;
/// Longest summary that an answer carries, in characters.
const SUMMARY_MAX: usize = 6_000;
/// What can be replied to a result.
const NEXT: &str = "Reply \u{201c}publish\u{201d} to put this live, or just write what else should change.";

/// What every answer says where a script stands in for the model.
pub const REHEARSAL: &str = "Rehearsal: no model was asked, nothing was charged.";

/// What a turn cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    /// The rehearsal model answered.
    Rehearsal,
    /// No model had to be asked.
    Nothing,
    /// A model worked.
    Bill(Bill),
}

/// What a model's work cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What the owner is told of it beside the work.
    pub receipt: Receipt,
    /// Tokens that the model read and wrote.
    pub tokens: u64,
    /// How long it took.
    pub took: Duration,
}

/// A way into the chat about one site.
#[derive(Clone, Debug)]
pub struct WayIn {
    /// The site's address.
    pub site: String,
    /// The link that signs in.
    pub link: String,
}

/// The outcome of an instruction that changed something.
#[derive(Clone, Debug)]
pub struct Done<'a> {
    /// What changed, in plain words.
    pub summary: &'a str,
    /// Paths of the files that changed.
    pub files: &'a [String],
    /// Address of the preview.
    pub preview: &'a str,
    /// What it cost.
    pub charge: &'a Charge,
    /// Parts of the mail that were not read.
    pub unread: &'a [Unread],
}

/// "Your message is here": sent at once.
pub fn received(unread: &[Unread]) -> Letter {
    let words = "Your message has arrived and work on it has begun. \
        The next mail says what changed and links to a preview.";
    let mut blocks = vec![Block::Text(words.into())];
    blocks.extend(not_read(unread));
    Letter::of(&blocks)
}

/// What an instruction changed, with the preview.
pub fn result(done: &Done<'_>) -> Letter {
    let mut blocks = vec![Block::Text(shortened(done.summary))];
    if !done.files.is_empty() {
        blocks.push(Block::List(changed_head(done.files.len()), named(done.files)));
    }
    blocks.push(Block::Button("See the preview", done.preview.to_owned()));
    blocks.push(Block::Text(NEXT.into()));
    blocks.extend(not_read(done.unread));
    blocks.push(cost(done.charge));
    Letter::of(&blocks)
}

/// Nothing was changed: `says` is the answer, or why not.
pub fn nothing_changed(says: &str, preview: &str, charge: &Charge) -> Letter {
    Letter::of(&[
        Block::Text(shortened(says)),
        Block::Text("Nothing on the site was changed.".into()),
        Block::Button("See the preview", preview.to_owned()),
        Block::Text("Reply to go on.".into()),
        cost(charge),
    ])
}

/// What would be done, before it is: the owner is asked, and can decide at `link`.
pub fn plan(says: &str, link: &str, charge: &Charge) -> Letter {
    Letter::of(&[
        Block::Text("This is a larger change, so here is the plan first. Nothing was changed yet.".into()),
        Block::Text(shortened(says)),
        Block::Button("Decide", link.to_owned()),
        Block::Text(
            "Or reply \u{201c}yes\u{201d} and I do it, \u{201c}no\u{201d} and I leave it, or write what should be different."
                .into(),
        ),
        cost(charge),
    ])
}

/// The agent has to know something before it can go on.
pub fn question(says: &str, charge: &Charge) -> Letter {
    Letter::of(&[
        Block::Text("I have a question before I go on.".into()),
        Block::Text(shortened(says)),
        Block::Text("Reply with your answer, in a word or in your own words.".into()),
        cost(charge),
    ])
}

/// A plan, or else a question, has waited for days: it is asked once more.
pub fn reminder(what: Status, says: &str) -> Letter {
    let (what, how) = match what {
        Status::Plan => (
            "a plan of mine",
            "Reply \u{201c}yes\u{201d} or \u{201c}no\u{201d}, or write what should be different.",
        ),
        _ => ("a question of mine", "Reply with your answer, in a word or in your own words."),
    };
    Letter::of(&[
        Block::Text(format!("There is still {what} that waits for you.")),
        Block::Text(shortened(says)),
        Block::Text(how.into()),
        Block::Text(
            "Until then nothing changes, and I do not ask again. Your reply wakes this conversation at any time.".into(),
        ),
    ])
}

/// It is live at `site`.
pub fn published(site: &str) -> Letter {
    Letter::of(&[
        Block::Text("It is live.".into()),
        Block::Button("Open the site", site.to_owned()),
        Block::Text(
            "To undo this, reply \u{201c}take it back\u{201d}: the version before returns at once.".into(),
        ),
    ])
}

/// Publishing failed: `what` went wrong. Production is as it was.
pub fn publish_failed(what: &str) -> Letter {
    Letter::of(&[
        Block::Text("Publishing did not work. The live site is as it was before.".into()),
        Block::Text(shortened(what)),
        Block::Text(
            "Reply with what should be changed, or reply \u{201c}publish\u{201d} to try again.".into(),
        ),
    ])
}

/// The thread and the live site changed the same places in `files`.
pub fn conflict(files: &[String]) -> Letter {
    let words = "This was not published: since this conversation began, the live site changed in the same places. \
        Nothing of either side was dropped.";
    let next = "Reply with which version should stay, or describe how the two belong together.";
    let mut blocks = vec![Block::Text(words.into())];
    if !files.is_empty() {
        blocks.push(Block::List("Both sides changed:".into(), named(files)));
    }
    blocks.push(Block::Text(next.into()));
    Letter::of(&blocks)
}

/// The instruction failed: what is known, and what can be done `next`. `charge` where a model worked on it.
pub fn failed(says: &str, next: &str, charge: Option<&Charge>) -> Letter {
    let mut blocks = vec![
        Block::Text("This did not work, and the live site was not touched.".into()),
        Block::Text(shortened(says)),
        Block::Text(shortened(next)),
    ];
    blocks.extend(charge.map(cost));
    Letter::of(&blocks)
}

/// What may be spent is spent: `says` what that means for the instruction, and what can be done.
pub fn used_up(says: &str, charge: &Charge) -> Letter {
    Letter::of(&[Block::Text(shortened(says)), cost(charge)])
}

/// The release before is live again at `site`.
pub fn rolled_back(site: &str) -> Letter {
    Letter::of(&[
        Block::Text("It is taken back. The version before is live again.".into()),
        Block::Button("Open the site", site.to_owned()),
        Block::Text(
            "Nothing is lost: what was taken back is still in the site\u{2019}s own history, and the next \
             \u{201c}publish\u{201d}, from whichever conversation, brings it along again. To be rid of it for good, \
             describe in its conversation what should be different."
                .into(),
        ),
    ])
}

/// The links that somebody asked for, one for each of their sites.
pub fn sign_in(ways: &[WayIn]) -> Letter {
    let mut blocks = vec![Block::Text("Here is your way into WebOrdinary.".into())];
    for way in ways {
        blocks.push(Block::Text(format!("For {}", way.site)));
        blocks.push(Block::Button("Sign in", way.link.clone()));
    }
    let words = "It works once, within an hour. If you did not ask for it, do nothing: nobody gets in without this mail.";
    blocks.push(Block::Quiet(words.into()));
    Letter::of(&blocks)
}

/// The mail was not accepted, and why.
pub fn refused(reason: &str) -> Letter {
    Letter::of(&[
        Block::Text("This mail could not be worked on, and nothing was changed.".into()),
        Block::Text(shortened(reason)),
    ])
}

fn not_read(unread: &[Unread]) -> Option<Block> {
    let items: Vec<String> = unread.iter().take(FILES_MAX).map(unread_words).collect();
    (!items.is_empty()).then(|| Block::List("These parts of the mail were not read:".into(), items))
}

fn unread_words(unread: &Unread) -> String {
    let why = match unread.kind {
        UnreadKind::Calendar => "a calendar invitation",
        UnreadKind::Tnef => "a container of Outlook\u{2019}s; send the files as plain attachments",
        UnreadKind::Encrypted => "encrypted",
        UnreadKind::TooDeep => "nested too deeply",
    };
    format!("{} ({why})", unread.name)
}

fn changed_head(count: usize) -> String {
    if count == 1 { "Changed file:".into() } else { format!("Changed files ({count}):") }
}

fn named(files: &[String]) -> Vec<String> {
    let mut names: Vec<String> = files.iter().take(FILES_MAX).cloned().collect();
    if files.len() > FILES_MAX {
        names.push(format!("and {} more", files.len() - FILES_MAX));
    }
    names
}

fn cost(charge: &Charge) -> Block {
    Block::Quiet(match charge {
        Charge::Rehearsal => REHEARSAL.into(),
        Charge::Nothing => "Cost: nothing, for no model had to be asked.".into(),
        Charge::Bill(bill) => billed(bill),
    })
}

fn billed(Bill { receipt, tokens, took }: &Bill) -> String {
    let month = format!("This month so far: {}.", receipt.month);
    let cost = match receipt.billing {
        Billing::Billed => {
            format!("Cost: {}, for {} tokens in {}.", receipt.message, grouped(*tokens), span(*took))
        }
        Billing::Unbilled => "Not billed, because it did not work.".to_owned(),
    };
    let hint = receipt.hint.as_ref().map_or_else(String::new, |hint| format!("{hint}\n\n"));
    format!("{hint}{cost} {month}")
}

fn span(took: Duration) -> String {
    match took.as_secs() {
        0 => "under a second".to_owned(),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|part| str::from_utf8(part).ok()).collect();
    parts.join(",")
}

fn shortened(words: &str) -> String {
    let words = words.trim().replace("\r\n", "\n");
    match words.char_indices().nth(SUMMARY_MAX) {
        Some((end, _)) => format!("{} …", words[..end].trim_end()),
        None => words,
    }
}
