//! How long a browser takes to show edits of a style sheet: `edits URL FILE ROUNDS` prints milliseconds as JSON.

use anyhow::Context;
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use testkit::Browser;

/// How long the page waits before the file is written, so that it surely looks by then.
const HEAD_START: Duration = Duration::from_millis(300);
/// How long a page may still reload by itself.
const SETTLE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, file, rounds] = words.as_slice() else { anyhow::bail!("usage: edits URL FILE ROUNDS") };
    let rounds: usize = rounds.parse().context("ROUNDS is a number")?;
    let original = fs::read_to_string(file)?;
    let browser = Browser::start().await;
    let page = browser.page().await;
    page.goto(url).await;
    // A server that is still starting shows a waiting page first.
    page.until("getComputedStyle(document.documentElement).getPropertyValue('--paper') !== ''").await;
    let write = |value: &str| fs::write(file, format!("{original}\n:root {{ --bench: {value}; }}\n"));
    // The first edit warms up; a server that has just started may reload the page meanwhile.
    tokio::time::sleep(SETTLE).await;
    write("warm")?;
    page.until("getComputedStyle(document.documentElement).getPropertyValue('--bench').trim() === 'warm'")
        .await;
    tokio::time::sleep(SETTLE).await;
    let mut took = Vec::new();
    for round in 0..rounds {
        let value = format!("bench{round}");
        let seen = format!(
            "new Promise(seen => {{ const timer = setInterval(() => {{ \
               const value = getComputedStyle(document.documentElement).getPropertyValue('--bench').trim(); \
               if (value === '{value}') {{ clearInterval(timer); seen(performance.timeOrigin + performance.now()); }} \
             }}, 1); }})"
        );
        let edit = async {
            tokio::time::sleep(HEAD_START).await;
            let now = SystemTime::now();
            write(&value)?;
            anyhow::Ok(now.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0)
        };
        let (seen, edited) = tokio::join!(page.eval(&seen), edit);
        let seen = seen.as_f64().context("the page told no time")?;
        took.push(seen - edited?);
    }
    fs::write(file, original)?;
    println!("{}", serde_json::to_string(&took)?);
    Ok(())
}
