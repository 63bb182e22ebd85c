//! Enqueue and ack of the embedded queue, each synced to the disk.

use super::program;
use super::report::{Report, Target};
use anyhow::{Context, ensure};
use serde_json::Value;
use std::process::Command;

const PRODUCERS: u32 = 32;

pub(super) fn run() -> anyhow::Result<Report> {
    let example = program("examples/queue_bench");
    let folder = super::folder();
    let output = Command::new(example).args(["5", &PRODUCERS.to_string()]).arg(&folder).output()?;
    ensure!(output.status.success(), "queue_bench: {}", String::from_utf8_lossy(&output.stderr));
    let figures: Value = serde_json::from_slice(&output.stdout).context("queue_bench printed no JSON")?;
    let rate = figures["enqueueAckPerSecond"].as_f64().context("no rate")?;
    let mut report = Report::new("Queue (every step synced to the disk)");
    let what = format!("enqueue and ack with {PRODUCERS} producers");
    report.judged(what, (rate, "/s"), Target::AtLeast(2000.0));
    Ok(report)
}
