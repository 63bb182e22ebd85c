//! The fleet on AWS, measured on the stand-in: what a message costs, what sleep costs, how much Hermes takes in, and how
//! long a mail that finds nobody at work waits for the model.

mod prices;

use super::claude;
use super::mail::send;
use super::process::{Running, cpu};
use super::product::Product;
use super::recorder::{Recorder, milliseconds};
use super::report::{Report, Target, median};
use super::{folder, program};
use crate::needs;
use crate::stage::{SERVICES, cargo};
use anyhow::{Context, ensure};
use prices::Prices;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// What is built for it, beside the services.
const BUILD: &[&str] = &["build", "--release", "--example", "aws-bench", "--package", "fleet-tests"];
/// The words of the mails that wake somebody.
const ASK: &str = "Please make it nicer.";
const TO: &str = "edit@demo.localhost";
/// What an instruction may cost beyond the model, in US dollars.
const INSTRUCTION_MAX: f64 = 0.05;
/// By how much many sleeping tenants may cost more calls than none.
const ASLEEP_MAX: f64 = 1.1;

/// What the program said, and what was seen of it from outside.
#[derive(Debug, Default)]
struct Found {
    lines: Vec<Value>,
    /// Seconds of CPU that Hermes used for the mails that were counted.
    intake_cpu: f64,
}

impl Found {
    fn of<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a Value> {
        self.lines.iter().filter(move |line| line["what"] == what)
    }

    fn number(&self, what: &str, name: &str) -> anyhow::Result<f64> {
        let found = self.of(what).find_map(|line| line[name].as_f64());
        found.with_context(|| format!("nothing was said of {what}"))
    }

    /// How many calls were made of AWS in this connection.
    fn calls(&self, of: &str) -> f64 {
        self.of("calls").filter(|line| line["of"] == of).filter_map(|line| line["calls"].as_f64()).sum()
    }
}

pub(super) fn run() -> anyhow::Result<Report> {
    needs::ensure(needs::TESTS)?;
    ensure!(cargo(&[BUILD, SERVICES].concat()).status()?.success(), "the services were not built");
    let recorder = Recorder::start()?;
    let (embedded, bare) = references(&recorder)?;
    recorder.forget();
    let found = measure(&recorder)?;
    let asked = recorder.all();
    let mut report = Report::new("The fleet on AWS, on the stand-in (calls as measured, prices as listed)");
    Prices::on(&found, &mut report)?;
    asleep(&found, &mut report);
    intake(&found, &mut report)?;
    report.figure("cold start of bare Claude Code → first request", bare, "ms");
    report.compared("embedded fleet, mail → first request, cold", (embedded, "ms"), bare);
    let cold = cold(&found, &asked)?;
    let (first, later) = cold.split_first().context("no mail arrived")?;
    report.compared("fleet on AWS, mail → first request, cold, median", (median(later), "ms"), bare);
    report.figure("fleet on AWS, a tenant's very first mail", *first, "ms");
    Ok(report)
}

/// The same on the embedded fleet, and of the bare program.
fn references(recorder: &Recorder) -> anyhow::Result<(f64, f64)> {
    let environment = [("ANTHROPIC_BASE_URL", recorder.base_url.as_str()), ("ANTHROPIC_AUTH_TOKEN", "bench")];
    let product = Product::start(&environment)?;
    recorder.forget();
    let sent = send(product.smtp(), TO, ASK)?;
    let embedded = milliseconds(sent.accepted, recorder.next()?)?;
    let program = product.claude()?;
    drop(product);
    let bare = claude::turns(&program, &folder().join("data/bench"), recorder, (ASK, 0))?;
    Ok((embedded, bare.cold))
}

/// Runs the program, and looks at Hermes when it says so.
fn measure(recorder: &Recorder) -> anyhow::Result<Found> {
    let child = Command::new(program("examples/aws-bench"))
        .arg(&recorder.base_url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("aws-bench cannot be started")?;
    let mut running = Running(child);
    let stdout = running.0.stdout.take().context("no standard output")?;
    let (mut found, mut hermes) = (Found::default(), 0);
    for line in BufReader::new(stdout).lines() {
        let line: Value = serde_json::from_str(&line?).context("aws-bench said something else than JSON")?;
        match line["what"].as_str() {
            Some("intake begins") => {
                hermes = line["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).context("no pid")?;
                found.intake_cpu = cpu(hermes)?;
            }
            Some("intake ends") => found.intake_cpu = cpu(hermes)? - found.intake_cpu,
            _ => {}
        }
        found.lines.push(line);
    }
    ensure!(running.0.wait()?.success(), "aws-bench failed");
    Ok(found)
}

/// Calls per hour while everybody sleeps.
fn asleep(found: &Found, report: &mut Report) {
    let [none, some, many] = ["0", "10", "1000"].map(|count| found.calls(&format!("{count} asleep")));
    report.figure("API calls an hour, nobody asleep", none, "calls");
    report.compared("API calls an hour, 10 tenants asleep", (some, "calls"), none);
    report.compared("API calls an hour, 1,000 tenants asleep", (many, "calls"), none);
    report.judged("1,000 asleep ÷ none", (many / none, "×"), Target::AtMost(ASLEEP_MAX));
}

fn intake(found: &Found, report: &mut Report) -> anyhow::Result<()> {
    let (mails, seconds) = (found.number("intake ends", "mails")?, found.number("intake ends", "seconds")?);
    report.figure("mails taken in, by the clock (the stand-in is slower)", mails / seconds, "/s");
    report.figure("mails taken in per second of Hermes' CPU", mails / found.intake_cpu, "/s");
    report.figure("CPU of Hermes per mail", found.intake_cpu / mails * 1000.0, "ms");
    Ok(())
}

/// Milliseconds from each mail's arrival to the model's next request.
fn cold(found: &Found, asked: &[SystemTime]) -> anyhow::Result<Vec<f64>> {
    let arrivals = found.of("arrived").filter_map(|line| line["at"].as_f64());
    arrivals
        .map(|at| {
            let arrived = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(at);
            let next = asked.iter().find(|asked| **asked > arrived).context("the model was not asked")?;
            milliseconds(arrived, *next)
        })
        .collect()
}
