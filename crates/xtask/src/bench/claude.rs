//! The bare program, as the product keeps it, fed by hand: what the product's own turns are compared with.

use super::process::Running;
use super::recorder::{Recorder, milliseconds};
use anyhow::{Context, ensure};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// Milliseconds from what is written to the model's first request.
#[derive(Debug)]
pub(super) struct Bare {
    /// From the start of the program, which was told at once.
    pub(super) cold: f64,
    /// Of each turn after it.
    pub(super) warm: Vec<f64>,
}

/// Takes so many warm turns, each with the same words, in `folder`.
pub(super) fn turns(
    claude: &Path,
    folder: &Path,
    recorder: &Recorder,
    (words, warm): (&str, usize),
) -> anyhow::Result<Bare> {
    fs::create_dir_all(folder.join("home"))?;
    let started = SystemTime::now();
    let mut running = Running(start(claude, folder, recorder)?);
    let mut stdin = running.0.stdin.take().context("no standard input")?;
    let mut lines = BufReader::new(running.0.stdout.take().context("no standard output")?).lines();
    let line = serde_json::json!({ "type": "user", "message": { "role": "user", "content": words } });
    let mut took = Vec::new();
    for turn in 0..=warm {
        recorder.forget();
        let began = if turn == 0 { started } else { SystemTime::now() };
        writeln!(stdin, "{line}")?;
        took.push(milliseconds(began, recorder.next()?)?);
        let ended = lines.by_ref().map_while(Result::ok).any(|line| line.contains("\"type\":\"result\""));
        ensure!(ended, "Claude Code ended");
    }
    Ok(Bare { cold: took.remove(0), warm: took })
}

/// The same kind of process as the product keeps.
fn start(claude: &Path, folder: &Path, recorder: &Recorder) -> anyhow::Result<std::process::Child> {
    Command::new(claude)
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
        .context("Claude Code cannot be started")
}
