//! From an accepted mail to the model's first request on a warm thread, beside the bare program's own warm turn.

use super::mail::{self, result, send};
use super::process::Running;
use super::product::Product;
use super::recorder::Recorder;
use super::report::{Report, Target, median};
use anyhow::{Context, ensure};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

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
    let claude = product.tool(&format!("-linux-{}/claude", architecture()))?;
    let folder = product.data.join("bench");
    drop(product);
    let bare = bare(&claude, &folder, &recorder)?;
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

/// The same kind of process as the product keeps, fed by hand.
fn bare(claude: &Path, folder: &Path, recorder: &Recorder) -> anyhow::Result<Vec<f64>> {
    fs::create_dir_all(folder.join("home"))?;
    let child = Command::new(claude)
        .args(["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"])
        .args(["--include-partial-messages", "--permission-mode", "acceptEdits", "--setting-sources", ""])
        .args(["--tools", "Read,Edit,Write,Glob,Grep,Bash", "--strict-mcp-config"])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder.join("home"))
        .env("ANTHROPIC_BASE_URL", &recorder.base_url)
        .env("ANTHROPIC_AUTH_TOKEN", "bench")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("Claude Code cannot be started")?;
    let mut running = Running(child);
    let mut stdin = running.0.stdin.take().context("no standard input")?;
    let mut lines = BufReader::new(running.0.stdout.take().context("no standard output")?).lines();
    let line = serde_json::json!({ "type": "user", "message": { "role": "user", "content": ASK } });
    let mut took = Vec::new();
    for _ in 0..=TURNS {
        recorder.forget();
        let began = SystemTime::now();
        writeln!(stdin, "{line}")?;
        took.push(milliseconds(began, recorder.next()?)?);
        let ended = lines.by_ref().map_while(Result::ok).any(|line| line.contains("\"type\":\"result\""));
        ensure!(ended, "Claude Code ended");
    }
    took.remove(0);
    Ok(took)
}

fn fastest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// As npm calls it.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" }
}

fn milliseconds(from: SystemTime, to: SystemTime) -> anyhow::Result<f64> {
    Ok(to.duration_since(from).context("the model was asked before the mail was accepted")?.as_secs_f64()
        * 1000.0)
}
