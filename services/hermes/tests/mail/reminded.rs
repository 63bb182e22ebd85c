//! A question that nobody answers is asked once more after three days.

use crate::letter::Letter;
use crate::measured::outcome;
use crate::office::Office;
use domain::ContainerId;
use domain::message::{Outcome, Status};
use ports::metrics::Metric;
use std::time::Duration;

const STILL: &str = "that waits for you";

#[tokio::test]
async fn a_question_without_an_answer_is_asked_once_more_after_three_days() {
    let office = Office::open().await;
    office.take(&Letter::of_ann("open")).await;
    office.take(&Letter::of_ann("closed")).await;
    let by: ContainerId = "c1".parse().unwrap();
    let pair = office.messages().await[0].pair.clone();
    let epoch = office.backends.claims.take(&pair, &by, Duration::from_mins(5)).await.unwrap().unwrap();
    let answer = async |status: Status| {
        for message in office.messages().await {
            let outcome = Outcome { status, summary: "Which Friday?".to_owned(), ..outcome(&message) };
            office.backends.messages.answer(&outcome, &by, epoch).await.unwrap();
        }
    };
    answer(Status::Question).await;
    office.until("both are asked", async || office.sent() == 4).await;
    let reply = Letter {
        headers: "In-Reply-To: <closed@mail.example>\r\n".to_owned(),
        text: "All of them".to_owned(),
        ..Letter::of_ann("reply")
    };
    office.take(&reply).await;
    answer(Status::Done).await;
    office.until("one is answered", async || office.sent() == 6).await;

    office.clock.pass(Duration::from_hours(71));
    office.swept().await;
    assert_eq!(office.reminders(), 0);
    office.clock.pass(Duration::from_hours(2));
    office.until("the open question is asked again", async || office.reminders() == 1).await;
    office.until("nothing asks any more", async || office.asking().await == 0).await;
    office.clock.pass(Duration::from_hours(100));
    office.swept().await;
    assert_eq!(
        (office.reminders(), office.sent()),
        (1, 7),
        "the answered one is not asked again, and no one twice"
    );
    office.close().await;
}

impl Office {
    async fn take(&self, letter: &Letter) {
        self.deliver(letter).await;
        self.ring(&letter.in_s3().to_string()).await;
    }

    /// Waits until a whole sweep has passed.
    async fn swept(&self) {
        let levels = || self.measured.newest(Metric::QueueDepth, usize::MAX).len();
        let before = levels();
        self.until("a sweep", async || levels() >= before + 2).await;
    }

    fn reminders(&self) -> usize {
        let mails = self.mails();
        mails.iter().filter(|mail| String::from_utf8_lossy(mail).contains(STILL)).count()
    }

    async fn asking(&self) -> usize {
        self.backends.messages.asking().await.unwrap().len()
    }
}
