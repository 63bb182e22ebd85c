//! The bare program, as the product keeps it, fed by hand: what the product's own turns are compared with.

use super::process::Running;
use super::recorder::{Recorder, milliseconds};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

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
    let started = SystemTime::now();
    let mut program = Program::start(claude, folder, recorder)?;
    let mut took = Vec::new();
    for turn in 0..=warm {
        recorder.forget();
        let began = if turn == 0 { started } else { SystemTime::now() };
        program.say(&user(words))?;
        took.push(milliseconds(began, recorder.next()?)?);
        program.until_result()?;
    }
    Ok(Bare { cold: took.remove(0), warm: took })
}

/// Milliseconds from an interrupt to the end of the model's answer, so many times: each time in the middle of a turn with
/// these words, `into` after the model was asked.
pub(super) fn interrupts(
    claude: &Path,
    folder: &Path,
    recorder: &Recorder,
    (words, times, into): (&str, usize, Duration),
) -> anyhow::Result<Vec<f64>> {
    let mut program = Program::start(claude, folder, recorder)?;
    let mut took = Vec::new();
    for n in 0..times {
        recorder.forget();
        program.say(&user(words))?;
        recorder.next()?;
        sleep(into);
        recorder.forget();
        let began = SystemTime::now();
        let request = json!({ "subtype": "interrupt" });
        program
            .say(&json!({ "type": "control_request", "request_id": format!("i{n}"), "request": request }))?;
        took.push(milliseconds(began, recorder.cut()?)?);
        program.until_result()?;
    }
    Ok(took)
}

fn user(words: &str) -> Value {
    json!({ "type": "user", "message": { "role": "user", "content": words } })
}

/// The running program and its pipes.
struct Program {
    _running: Running,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(claude: &Path, folder: &Path, recorder: &Recorder) -> anyhow::Result<Self> {
        fs::create_dir_all(folder.join("home"))?;
        let mut running = Running(start(claude, folder, recorder)?);
        let stdin = running.0.stdin.take().context("no standard input")?;
        let lines = BufReader::new(running.0.stdout.take().context("no standard output")?).lines();
        Ok(Self { _running: running, stdin, lines })
    }

    fn say(&mut self, line: &Value) -> anyhow::Result<()> {
        Ok(writeln!(self.stdin, "{line}")?)
    }

    fn until_result(&mut self) -> anyhow::Result<()> {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        ensure!(lines.any(|line| line.contains("\"type\":\"result\"")), "Claude Code ended");
        Ok(())
    }
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
