//! From an accepted second mail to the end of the turn that it stops, beside the bare program's own interrupt.

use super::claude;
use super::mail::{result, send};
use super::product::Product;
use super::recorder::{Recorder, milliseconds};
use super::report::{Report, Target, median};
use std::thread::sleep;
use std::time::Duration;

const TIMES: usize = 10;
const TO: &str = "edit@demo.localhost";
/// A turn that is still being answered when the second mail comes.
const SLOW: &str = "[slow 20] Please make it nicer.";
const SECOND: &str = "Sorry, I meant: please make it nicer.";
/// From the model's first request to the second mail.
const INTO: Duration = Duration::from_millis(500);
/// From 250 to the end of the turn, at most.
const ALLOWED_MS: f64 = 500.0;

pub(super) fn run() -> anyhow::Result<Report> {
    let recorder = Recorder::start()?;
    let url = recorder.base_url.as_str();
    let product = Product::start(&[("ANTHROPIC_BASE_URL", url), ("ANTHROPIC_AUTH_TOKEN", "bench")])?;
    let ours = through_product(&product, &recorder)?;
    let (program, folder) = (product.claude()?, product.data.join("bench"));
    drop(product);
    let bare = claude::interrupts(&program, &folder, &recorder, (SLOW, TIMES, INTO))?;
    let mut report =
        Report::new("Accepted second mail → the turn is stopped (the model's answer is given up)");
    report.figure(format!("bare Claude Code's interrupt, median of {TIMES}"), median(&bare), "ms");
    report.compared(format!("WebOrdinary, median of {TIMES}"), (median(&ours), "ms"), median(&bare));
    let worst = ours.iter().copied().fold(0.0, f64::max);
    report.judged("WebOrdinary, slowest", (worst, "ms"), Target::AtMost(ALLOWED_MS));
    Ok(report)
}

fn through_product(product: &Product, recorder: &Recorder) -> anyhow::Result<Vec<f64>> {
    let outbox = product.data.join("outbox");
    let first = send(product.smtp(), TO, SECOND)?;
    let to = result(&outbox, &first)?.reply_to;
    let mut took = Vec::new();
    for _ in 0..TIMES {
        recorder.forget();
        send(product.smtp(), &to, SLOW)?;
        recorder.next()?;
        sleep(INTO);
        recorder.forget();
        let sent = send(product.smtp(), &to, SECOND)?;
        took.push(milliseconds(sent.accepted, recorder.cut()?)?);
        result(&outbox, &sent)?;
    }
    Ok(took)
}
