//! From an accepted mail to the model's first request on a warm thread, beside the bare program's own warm turn.

use super::claude;
use super::mail::{self, result, send};
use super::product::Product;
use super::recorder::{Recorder, milliseconds};
use super::report::{Report, Target, median};

const TURNS: usize = 15;
const TO: &str = "edit@demo.localhost";
/// The rehearsal says that it is one, and edits nothing.
const ASK: &str = "Please make it nicer.";
/// What the product may cost on top of the program.
const ALLOWED_MS: f64 = 50.0;

pub(super) fn run() -> anyhow::Result<Report> {
    let recorder = Recorder::start()?;
    let url = recorder.base_url.as_str();
    let environment = [("ANTHROPIC_BASE_URL", url), ("ANTHROPIC_AUTH_TOKEN", "bench")];
    let product = Product::start(&environment)?;
    let through = through_product(&product, &recorder)?;
    let program = product.claude()?;
    let folder = product.data.join("bench");
    drop(product);
    let bare = claude::turns(&program, &folder, &recorder, (ASK, TURNS))?.warm;
    let mut report = Report::new("Accepted mail → the model's first request (warm thread)");
    let (ours, reference) = (median(&through.warm), median(&bare));
    report.figure(format!("bare Claude Code, median of {TURNS}"), reference, "ms");
    report.compared(format!("WebOrdinary, median of {TURNS}"), (ours, "ms"), reference);
    report.judged("difference", (ours - reference, "ms"), Target::AtMost(ALLOWED_MS));
    // On a machine that does other things too, the fastest turns say more than those in the middle.
    let (ours, reference) = (fastest(&through.warm), fastest(&bare));
    report.figure("bare Claude Code, fastest", reference, "ms");
    report.compared("WebOrdinary, fastest", (ours, "ms"), reference);
    report.figure("WebOrdinary, first mail of a thread", through.cold, "ms");
    Ok(report)
}

/// Milliseconds of a first mail, and of those that follow.
struct Through {
    cold: f64,
    warm: Vec<f64>,
}

fn through_product(product: &Product, recorder: &Recorder) -> anyhow::Result<Through> {
    let outbox = product.data.join("outbox");
    let mut to = TO.to_owned();
    let mut took = Vec::new();
    for _ in 0..=TURNS {
        recorder.forget();
        let sent = send(product.smtp(), &to, ASK)?;
        took.push(milliseconds(sent.accepted, recorder.next()?)?);
        let answer: mail::Answer = result(&outbox, &sent)?;
        to = answer.reply_to;
    }
    Ok(Through { cold: took.remove(0), warm: took })
}

fn fastest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}
