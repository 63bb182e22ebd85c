//! Owners who write mails all the time, with mail programs that send a mail until the server has taken it.

use crate::checks::{Answers, calm, commits, message_of};
use fleet_tests::{Fleet, Letter, Received, until};
use smtp::SendError;
use std::collections::VecDeque;
use std::time::Duration;

/// How long the answers to all mails may take at the end.
const PATIENCE: Duration = Duration::from_mins(4);

/// Conversations: what they are about, and where it stands in the sources and on the site. No two touch one file.
const TALKS: [(&str, &str, &str); 3] = [
    ("We close at 6 on Fridays", "src/pages/index.astro", "/"),
    ("We do not bake on Mondays", "src/pages/about.astro", "/about/"),
    ("have never taken one home", "src/content/blog/plum-cake-season.md", "/blog/plum-cake-season/"),
];

/// What somebody wants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wish {
    /// One more mark on the page of a conversation.
    Change {
        /// Which conversation.
        talk: usize,
        /// Seconds that the turn takes at least.
        slow: u64,
    },
    /// The conversation goes live.
    Publish {
        /// Which conversation.
        talk: usize,
    },
}

/// A mail that is written, and what it must have done in the end.
struct Written {
    letter: Letter,
    talk: usize,
    /// The text that it adds; `None` for a publish.
    mark: Option<String>,
}

/// The owners and all their mails.
pub(crate) struct People {
    first: Vec<Received>,
    /// What no server has taken yet.
    unheard: VecDeque<Letter>,
    written: Vec<Written>,
}

impl People {
    /// Opens the conversations and waits for the first answers.
    pub(crate) async fn begin(fleet: &Fleet) -> Self {
        let mut first = Vec::new();
        for (talk, (text, ..)) in TALKS.iter().enumerate() {
            first.push(fleet.ask(&Letter::new(&format!("replace \"{text}\" with \"{}\"", top(talk)))).await);
        }
        Self { first, unheard: VecDeque::new(), written: Vec::new() }
    }

    /// How many conversations there are.
    pub(crate) fn talks() -> usize {
        TALKS.len()
    }

    /// How many mails were written.
    pub(crate) fn mails(&self) -> usize {
        self.written.len()
    }

    /// Writes a mail; it is not sent yet.
    pub(crate) fn write(&mut self, wish: Wish) {
        let (talk, mark, text) = match wish {
            Wish::Publish { talk } => (talk, None, "publish".to_owned()),
            Wish::Change { talk, slow } => {
                let mark = format!("m{talk}x{:04}", self.written.len());
                let pace = if slow > 0 { format!("[slow {slow}] ") } else { String::new() };
                let top = top(talk);
                let text = format!("{pace}replace \"{top}\" with \"{top} {mark}\"");
                (talk, Some(mark), text)
            }
        };
        let letter = Letter::answering(&self.first[talk], &text);
        self.unheard.push_back(letter.clone());
        self.written.push(Written { letter, talk, mark });
    }

    /// Sends what is written, until all of it is taken or the server is gone. What it did not say it has taken will
    /// be sent again.
    pub(crate) async fn send(&mut self, fleet: &Fleet) {
        while let Some(letter) = self.unheard.front() {
            match fleet.post(&letter.from, &letter.to, &letter.raw()).await {
                Ok(_) => self.unheard.pop_front(),
                Err(SendError::Transient(_)) => return,
                Err(SendError::Permanent(says)) => panic!("{:?} was refused: {says}", letter.text),
            };
        }
    }

    /// Waits until every mail is answered.
    pub(crate) async fn wait(&self, fleet: &Fleet) {
        assert!(self.unheard.is_empty(), "the server did not take all mails");
        let all = async || {
            let answers = Answers::of(fleet);
            self.written.iter().all(|mail| answers.has_result(&mail.letter)).then_some(())
        };
        until("the results of all mails", PATIENCE, all).await;
        calm(fleet).await;
    }

    /// Each mail was answered once and did once what it says.
    pub(crate) async fn are_served(&self, fleet: &Fleet) {
        let answers = Answers::of(fleet);
        let (origin, workspace) = (fleet.origin("demo"), fleet.workspace("demo"));
        let published = commits(&origin, "main");
        for (talk, (_, file, page)) in TALKS.iter().enumerate() {
            let branch = self.first[talk].thread().branch();
            let (made, source) = (commits(&workspace, &branch), workspace.show(&branch, file));
            let live = fleet.live("demo", page).await.text;
            // Each goes before those that were there.
            let marks =
                self.written.iter().filter(|mail| mail.talk == talk).filter_map(|mail| mail.mark.as_ref());
            let places: Vec<usize> = marks.filter_map(|mark| source.find(mark)).rev().collect();
            assert!(places.is_sorted(), "not in the order in which they were sent: {source}");
            for mail in self.written.iter().filter(|mail| mail.talk == talk) {
                let result = answers.once(&mail.letter);
                let Some(mark) = &mail.mark else {
                    let merges = usize::from(result.text().contains("It is live"));
                    let found = published.get(message_of(result)).copied().unwrap_or_default();
                    assert_eq!(found, merges, "merges of a publish that was told: {}", result.text());
                    continue;
                };
                let found = made.get(message_of(result)).copied().unwrap_or_default();
                assert_eq!(found, 1, "commits for {mark}; it was told: {}", result.text());
                assert_eq!(source.matches(mark.as_str()).count(), 1, "{mark} in {file}");
                assert_eq!(live.matches(mark.as_str()).count(), 1, "{mark} on the live page {page}");
            }
        }
    }
}

/// The text after which a conversation's marks are put.
fn top(talk: usize) -> String {
    format!("top{talk}x")
}
