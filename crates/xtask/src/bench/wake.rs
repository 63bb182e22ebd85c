//! A preview whose thread sleeps: to the first byte of its saved version, to the live site, and what both states weigh,
//! beside a bare `astro dev`.

use super::edit::{astro, copy_of};
use super::mail::{result, send};
use super::process::{rss, rss_of_family};
use super::product::Product;
use super::program;
use super::report::{Report, Target, median};
use anyhow::{Context, bail, ensure};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
/// Threads whose sleep is weighed.
const THREADS: usize = 20;
const PATIENCE: Duration = Duration::from_mins(3);
/// From the hit to the first byte of the saved version, at most.
const ALLOWED_MS: f64 = 50.0;
/// What pages of a saved version load.
const SAVED: &str = "__webordinary/saved.js";
const TO: &str = "edit@demo.localhost";
const CSS: &str = "src/styles/global.css";

pub(super) fn run() -> anyhow::Result<Report> {
    let product = Product::start(&[("WEBORDINARY_IDLE", "2")])?;
    let before = rss(product.running.id())?;
    let outbox = product.data.join("outbox");
    let mut link = String::new();
    for round in 0..THREADS {
        let words = format!("replace \"We close at 6\" with \"We close at {round}\"");
        let answer = result(&outbox, &send(product.smtp(), TO, &words)?)?;
        let found = answer.text.split_whitespace().find(|word| word.contains("/session/"));
        found.context("the answer has no preview link")?.clone_into(&mut link);
    }
    asleep(&product)?;
    let weight = (rss(product.running.id())? - before).max(0.0) / f64::from(u32::try_from(THREADS)?);
    let (mut first, mut live, mut heavier) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let light = rss_of_family(product.running.id());
        let began = Instant::now();
        let (byte, page) = get(&link)?;
        ensure!(page.contains(SAVED), "the saved version was not shown");
        first.push(byte.as_secs_f64() * 1000.0);
        until("the preview is live", || Ok(!get(&link)?.1.contains(SAVED)))?;
        live.push(began.elapsed().as_secs_f64());
        heavier.push(rss_of_family(product.running.id()) - light);
        asleep(&product)?;
    }
    let bare = bare(&product)?;
    let mut report = Report::new("A preview whose thread sleeps");
    report.judged(
        format!("hit → first byte of the saved version, median of {ROUNDS}"),
        (median(&first), "ms"),
        Target::AtMost(ALLOWED_MS),
    );
    report.figure(format!("bare astro dev, start → first page, median of {ROUNDS}"), median(&bare), "s");
    report.compared(
        format!("hit → live, container and all, median of {ROUNDS}"),
        (median(&live), "s"),
        median(&bare),
    );
    report.figure(format!("memory of a sleeping thread (of {THREADS})"), weight, "MB");
    report.figure("memory of a live thread, its dev server and all", median(&heavier), "MB");
    Ok(report)
}

/// Starts of `astro dev` on the same site, each to its first page.
fn bare(product: &Product) -> anyhow::Result<Vec<f64>> {
    let copy = copy_of(&product.find(&format!("/{CSS}"))?)?;
    let node = product.tool("/bin/node")?;
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let (address, _server) = astro(&node, &copy)?;
        until("astro dev answers", || Ok(get(&format!("http://{address}/"))?.1.contains("Hearth")))?;
        took.push(began.elapsed().as_secs_f64());
    }
    Ok(took)
}

fn asleep(product: &Product) -> anyhow::Result<()> {
    until("no container holds a claim", || {
        let status = Command::new(program("webordinary"))
            .args(["status", "--json", "--data"])
            .arg(&product.data)
            .output()?;
        let status: Value = serde_json::from_slice(&status.stdout).context("the status cannot be read")?;
        Ok(status["claims"].as_array().is_some_and(Vec::is_empty))
    })
}

fn until(what: &str, mut there: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let began = Instant::now();
    while !there()? {
        if began.elapsed() > PATIENCE {
            bail!("it never came to this: {what}");
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The page at `url` as a browser asks for it, and the time to its first byte.
fn get(url: &str) -> anyhow::Result<(Duration, String)> {
    let (host, path) =
        url.trim_start_matches("http://").split_once('/').context("an address without a path")?;
    let began = Instant::now();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n")?;
    let mut answer = vec![0];
    stream.read_exact(&mut answer)?;
    let first = began.elapsed();
    stream.read_to_end(&mut answer)?;
    Ok((first, String::from_utf8_lossy(&answer).into_owned()))
}
