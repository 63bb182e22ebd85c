//! A hundred threads of ten users at once: the time that a message takes beyond the model's own, and what that weighs.

use super::mail::{Sent, results, send_from};
use super::process::rss_of_family;
use super::product::Product;
use super::program;
use super::report::{Report, Target};
use anyhow::ensure;
use std::collections::HashMap;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

const USERS: usize = 10;
const THREADS: usize = 100;
const PROJECT: &str = "crowd";
const PATIENCE: Duration = Duration::from_mins(20);
/// Between two looks at the outbox, and at memory.
const LOOK: Duration = Duration::from_millis(250);

pub(super) fn run() -> anyhow::Result<Report> {
    // The scripted model answers at once: all of the time is ours.
    let product = Product::start(&[("WEBORDINARY_MAX_CONTAINERS", "10"), ("WEBORDINARY_MAX_PREVIEWS", "1")])?;
    add_project(&product)?;
    let mut sent: HashMap<String, SystemTime> = HashMap::new();
    for n in 0..THREADS {
        let words = format!("replace \"We close at 6\" with \"We close at {n} o'clock\"");
        let to = format!("edit@{PROJECT}.localhost");
        let Sent { id, accepted } = send_from(product.smtp(), (&user(n % USERS), &to), &words)?;
        sent.insert(id, accepted);
    }
    let (mut took, mut good, mut peak, began) = (Vec::new(), 0_u32, 0.0_f64, Instant::now());
    while !sent.is_empty() && began.elapsed() < PATIENCE {
        for (id, at, text) in results(&product.data.join("outbox"))? {
            if let Some(accepted) = sent.remove(&id) {
                took.push(at.duration_since(accepted)?.as_secs_f64());
                good += u32::from(text.contains("I replaced"));
            }
        }
        peak = peak.max(rss_of_family(product.running.id()));
        sleep(LOOK);
    }
    ensure!(!took.is_empty(), "nothing was answered");
    took.sort_by(f64::total_cmp);
    let all = took.len();
    let mut report = Report::new("A hundred threads of ten users at once, beyond the model's own time");
    report.figure("p50", took[all / 2], "s");
    report.figure("p99", took[(all * 99).div_ceil(100) - 1], "s");
    report.judged("answered well", (f64::from(good), "of 100"), Target::AtLeast(95.0));
    report.figure("all answered after", began.elapsed().as_secs_f64(), "s");
    report.figure("memory at its peak, all processes", peak, "MB");
    Ok(report)
}

fn user(n: usize) -> String {
    format!("user{n}@{PROJECT}.example")
}

/// A project of ten people on a copy of the demo site. It may be there from an earlier run.
fn add_project(product: &Product) -> anyhow::Result<()> {
    let mut add = Command::new(program("webordinary"));
    add.args(["project", "add", PROJECT, "--owner", &user(0), "--data"]).arg(&product.data);
    add.arg("--repository").arg(product.data.join("repositories/demo.git"));
    for n in 1..USERS {
        add.args(["--editor", &format!("editor:{}", user(n))]);
    }
    let output = add.output()?;
    let says = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() || says.contains("already"), "the project was not added: {says}");
    Ok(())
}
