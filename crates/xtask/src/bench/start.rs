//! How long a second start takes, and what the product costs while nothing happens.

use super::process::{cpu, rss};
use super::product::Product;
use super::report::{Report, Target, median};
use std::thread::sleep;
use std::time::Duration;

const STARTS: usize = 5;
const SETTLE: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(10);

pub(super) fn run() -> anyhow::Result<Report> {
    // The first start prepares the tools.
    drop(Product::start(&[])?);
    let mut took = Vec::new();
    for _ in 1..STARTS {
        took.push(Product::start(&[])?.took.as_secs_f64());
    }
    let product = Product::start(&[])?;
    took.push(product.took.as_secs_f64());
    sleep(SETTLE);
    let pid = product.running.id();
    let before = cpu(pid)?;
    sleep(IDLE);
    let idle = (cpu(pid)? - before) / IDLE.as_secs_f64() * 100.0;
    let mut report = Report::new("Start and rest (release build, no thread awake)");
    report.judged(format!("second start, median of {STARTS}"), (median(&took), "s"), Target::AtMost(3.0));
    report.judged("memory at rest", (rss(pid)?, "MB"), Target::AtMost(60.0));
    report.judged("CPU at rest over 10 s", (idle, "% of a core"), Target::AtMost(0.5));
    Ok(report)
}
