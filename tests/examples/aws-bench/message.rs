//! What one warm instruction by mail asks of AWS, and one publish.

use crate::{options, say, say_lines};
use fleet_tests::cloud::{Ledger, Line, Lines};
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, Letter, Received};
use serde_json::json;
use std::time::{Duration, Instant};

const INSTRUCTIONS: u32 = 10;
/// What still follows when an answer is there.
const SETTLE: Duration = Duration::from_secs(2);

/// Measures both on a conversation that has been going on for a while.
pub(crate) async fn measure(model: &str) {
    // No sweep falls into what is counted; it is counted with those who sleep.
    let cloud = Cloud::start(&options(model, &[("WEBORDINARY_SWEEP", "3600")], &[])).await;
    let mut counter = Counter::new(&cloud);
    cloud.open().await;
    let first =
        cloud.ask(&Letter::new(&replace("We close at 6 on Fridays", "We close at half past 0"))).await;
    // The first release uploads the whole site.
    cloud.ask(&Letter::answering(&first, "publish")).await;
    counter.lines().await;

    for n in 0..INSTRUCTIONS {
        instruct(&cloud, &first, n).await;
    }
    say_lines("instruction", &counter.lines().await, f64::from(INSTRUCTIONS));

    let began = Instant::now();
    cloud.ask(&Letter::answering(&first, "publish")).await;
    say(&json!({ "what": "published", "seconds": began.elapsed().as_secs_f64() }));
    say_lines("publish", &counter.lines().await, 1.0);
    cloud.end().await;
}

async fn instruct(cloud: &Cloud, first: &Received, n: u32) {
    let words = replace(&format!("We close at half past {n}"), &format!("We close at half past {}", n + 1));
    let result = cloud.ask(&Letter::answering(first, &words)).await;
    assert!(result.text().contains("I replaced"), "{}", result.text());
}

/// Counts what is asked from one look to the next.
struct Counter<'a> {
    cloud: &'a Cloud,
    ledger: Ledger,
    sent: usize,
}

impl<'a> Counter<'a> {
    fn new(cloud: &'a Cloud) -> Self {
        cloud.aws.exchanges();
        Self { cloud, ledger: Ledger::default(), sent: 0 }
    }

    /// What was asked since the last look. Mails go out by a stand-in of their own.
    async fn lines(&mut self) -> Lines {
        tokio::time::sleep(SETTLE).await;
        let mut lines = self.ledger.count(&self.cloud.aws.exchanges());
        let sent = self.cloud.inbox.sent();
        let mails = Line { calls: (sent - self.sent) as u64, ..Line::default() };
        lines.insert(("SES", "SendEmail".to_owned()), mails);
        self.sent = sent;
        lines
    }
}
