//! How long it takes from an instruction to the model's first request: ours, and the bare program's.

use agent::{Agents, Progress, Turn};
use gateway::Gateway;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// Milliseconds of `turns` turns in a row; the first is cold.
pub(crate) async fn ours(agents: &Agents, turn: impl Fn() -> Turn, turns: usize) -> Vec<u128> {
    let mut took = Vec::new();
    for _ in 0..turns {
        let (began, called) = (Instant::now(), Mutex::new(None));
        let progress = |progress: Progress| {
            if progress == Progress::ModelCalled {
                *called.lock().unwrap() = Some(began.elapsed().as_millis());
            }
        };
        agents.turn(turn(), &progress, &CancellationToken::new()).await.unwrap();
        took.push(called.into_inner().unwrap().unwrap());
    }
    took
}

/// The same for the program alone, started with the same kind of arguments.
pub(crate) async fn bare(gateway: &Gateway, home: &Path, cwd: &Path, turns: usize) -> Vec<u128> {
    fs::create_dir_all(home).unwrap();
    let token = gateway.issue("bare").unwrap();
    let mut began = Instant::now();
    let mut child = Command::new(testkit::claude())
        .args(["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"])
        .args(["--include-partial-messages", "--permission-mode", "acceptEdits", "--setting-sources", ""])
        .args(["--tools", "Read,Edit,Write,Glob,Grep,Bash", "--strict-mcp-config"])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", home)
        .env("ANTHROPIC_BASE_URL", gateway.base_url())
        .env("ANTHROPIC_AUTH_TOKEN", token.secret())
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .current_dir(cwd)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut took = Vec::new();
    for turn in 0..turns {
        let grant = token.open(None);
        if turn > 0 {
            began = Instant::now();
        }
        let line = "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"hello\"}}\n";
        stdin.write_all(line.as_bytes()).await.unwrap();
        took.push((grant.first_request().await - began).as_millis());
        while !lines.next_line().await.unwrap().unwrap().contains("\"type\":\"result\"") {}
    }
    child.kill().await.unwrap();
    took
}
